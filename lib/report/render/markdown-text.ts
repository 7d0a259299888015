import { cut, plain } from './plain.js';

/** Columns that are enough to know a name by; what a target made longer is shown in part. */
const LONGEST_NAME = 200;
/** Of a sentence, which may quote one. */
export const LONGEST_SENTENCE = 2_000;

// What Markdown means something by, anywhere within a line.
const MEANT = /[\\`*_{}[\]<>|~&$]|#(?=[\w#])|:(?=\/\/)|(?<=\bwww)\./gi;
// What makes a list, a heading, a quotation or a line of a paragraph, at its beginning.
const LEADING = /^[-+=#]/;
const NUMBERING = /^(\d+)([.)])(?=\s|$)/;
// Behind these a name or a number is found in what has been rendered, where no backslash helps.
const CALLING = /@(?=\S)|#(?=\d)/g;
const APART = '&#8203;';

/**
 * Text in GitHub's Markdown that shows as it is: no markup, no links, no cells of a table, and
 * nobody and no issue is called by name.
 */
export function prose(text: string, longest = LONGEST_NAME): string {
  return cut(plain(text), longest)
    .replace(MEANT, '\\$&')
    .replace(LEADING, '\\$&')
    .replace(NUMBERING, '$1\\$2')
    .replace(CALLING, `$&${APART}`);
}

/** The same as one cell of a table. */
export function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Text within raw HTML. */
export function htmlText(text: string): string {
  return cut(plain(text), LONGEST_NAME)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(CALLING, `$&${APART}`);
}

/** Lines to be shown as they are; whatever they hold, it does not end the block. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text.replace(/\n$/, '')}\n${fence}`;
}

import { stripVTControlCharacters } from 'node:util';

// C0 and C1 controls, and the invisible characters that reorder or hide text on a screen.
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

// A CI server obeys `::error::` at the start of a line of a log, and `##[error]` anywhere in it.
const ORDER_OF_A_LINE = /(^|\s):(?=:[\w-]+(?:\s|::))/g;
const ORDER_WITHIN = /#(?=#\w*\[)/g;

/**
 * Text that came from outside, made safe for a terminal or a log, and for one line: no escape
 * sequences, no controls, no line breaks, nothing that turns the direction of writing, and no
 * orders to a CI server.
 */
export function plain(text: string): string {
  return lame(seen(text).replace(/\s+/g, ' ')).trim();
}

/** The same of a message of several lines, of which each keeps its own spaces. */
export function plainLines(text: string): string {
  const lines = stripVTControlCharacters(text).split(/\r?\n/);
  return lines.map((line) => lame(seen(line.replace(/\t/g, '  ')))).join('\n');
}

function seen(text: string): string {
  return stripVTControlCharacters(text)
    .toWellFormed()
    .replace(/[\t-\r\u2028\u2029]/g, ' ')
    .replace(UNSEEN, '');
}

function lame(text: string): string {
  return text.replace(ORDER_OF_A_LINE, '$1: ').replace(ORDER_WITHIN, '# ');
}

/** Columns that a text takes up on a terminal: wide scripts take two, marks and colours none. */
export function columns(text: string): number {
  let sum = 0;
  for (const character of stripVTControlCharacters(text)) sum += charColumns(character);
  return sum;
}

/** The text cut to a width, ending in `…` where something was cut off. */
export function cut(text: string, width: number): string {
  if (columns(text) <= width) return text;
  if (width < 1) return '';
  let out = '';
  let sum = 1;
  for (const character of text) {
    sum += charColumns(character);
    if (sum > width) break;
    out += character;
  }
  return `${out.trimEnd()}…`;
}

/** Lines no wider than `width`, broken between words; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (columns(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = cut(word, width);
  }
  if (line !== '') lines.push(line);
  return lines;
}

function charColumns(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/\p{Mn}|\p{Me}/u.test(character)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

import { nearest, TextMistake } from './diagnostics.js';
import { isHeaderName } from './headers.js';
import { checkJsonPath } from './json-path.js';
import { parseRegex } from './match-text.js';
import type { Capture } from './plan.js';

const HELP =
  'a JSON path like $.access, `header location`, `cookie session`, or a regular expression between slashes';

/**
 * Where in an answer a value is: `$.access`, `header location`, `cookie session`, `/id=(\d+)/`.
 * Throws a TextMistake.
 */
export function parseCapture(name: string, text: string): Capture {
  if (text.startsWith('$')) {
    checkJsonPath(text);
    return { name, from: 'json', path: text };
  }
  const regex = parseRegex(text);
  if (regex) return { name, from: 'regex', source: regex.source, flags: regex.flags };
  const [, from = '', space = '', what = ''] = /^(\S*)(\s*)(.*)$/s.exec(text)!;
  const start = from.length + space.length;
  if (from !== 'header' && from !== 'cookie') {
    const meant = what === '' ? null : nearest(from, ['header', 'cookie']);
    throw new TextMistake(
      'this says nothing about where the value is',
      0,
      text.length,
      meant === null ? HELP : `did you mean '${meant} ${what}'?`,
    );
  }
  if (!isHeaderName(what)) {
    const message = what === '' ? `which ${from}?` : `'${what}' is no name of a ${from}`;
    throw new TextMistake(
      message,
      what === '' ? 0 : start,
      Math.max(from.length, what.length),
      HELP,
    );
  }
  return from === 'header'
    ? { name, from, header: what.toLowerCase() }
    : { name, from, cookie: what };
}

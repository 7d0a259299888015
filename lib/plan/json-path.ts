import { createRequire } from 'node:module';
import { TextMistake } from './diagnostics.js';

/** Keys of objects and indexes of lists, from the outside in. */
export type PlainPath = readonly (string | number)[];

const SEGMENT =
  /\.([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)|\[(0|[1-9]\d{0,8})\]|\['([^'\\\p{Cc}]*)'\]|\["([^"\\\p{Cc}]*)"\]/uy;

/**
 * A path of RFC 9535 that goes straight to one value: `$.items[0]['full name']`. null: it does
 * not, it selects, or is no path at all.
 */
export function plainPath(path: string): PlainPath | null {
  if (!path.startsWith('$')) return null;
  const segments: (string | number)[] = [];
  let at = 1;
  while (at < path.length) {
    SEGMENT.lastIndex = at;
    const found = SEGMENT.exec(path);
    if (!found) return null;
    const [whole, name, index, single, double] = found;
    segments.push(index === undefined ? (name ?? single ?? double)! : Number(index));
    at += whole.length;
  }
  return segments;
}

/** Throws a TextMistake for what is no path of RFC 9535. */
export function checkJsonPath(path: string): void {
  if (plainPath(path)) return;
  // Loaded here and now, as most plans have no need of it: it is large.
  const { compile, JSONPathError } = createRequire(import.meta.url)(
    'json-p3',
  ) as typeof import('json-p3');
  try {
    compile(path);
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    const { index } = error.token;
    const reason = error.message.replace(/ \('.*$/s, '');
    const start = Math.max(0, Math.min(index, path.length - 1));
    throw new TextMistake(
      `this is no JSON path: ${reason}`,
      start,
      1,
      'for example $.access, $.items[0].id or $.items[?@.stock > 0].id',
    );
  }
}

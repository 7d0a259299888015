import { isUtf8 } from 'node:buffer';
import { Failure } from './failure.js';

/** Nobody means more; a server that sends more wants to see who falls over. */
export const DEEPEST_JSON = 100;

/** What a body says in JSON; throws a Failure where it says nothing, or nests too deep. */
export function readJson(body: Buffer): unknown {
  if (body.length === 0) throw new Failure(1721, 'the body is empty, and no JSON');
  if (!isUtf8(body)) throw new Failure(1721, 'the body is not in UTF-8, and so no JSON');
  // What opens must close: a short body cannot be deep.
  if (body.length > 2 * DEEPEST_JSON && isDeeper(body, DEEPEST_JSON)) {
    throw new Failure(1721, `the body nests more than ${DEEPEST_JSON} levels of JSON`);
  }
  const marked = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  try {
    return JSON.parse(body.toString('utf8', marked ? 3 : 0));
  } catch {
    throw new Failure(1721, 'the body is no JSON');
  }
}

const QUOTE = 34;
const BACKSLASH = 92;

/** Looked at before it is parsed: brackets cost a hundred times their size then. */
function isDeeper(bytes: Buffer, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    } else if ((byte | 32) === 123) {
      // { or [
      if (++depth > most) return true;
    } else if ((byte | 32) === 125) depth--;
  }
  return false;
}

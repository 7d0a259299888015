import type { Capture } from '../plan/plan.js';
import type { AnswerContent } from './answer-content.js';
import type { CookieJar } from './cookie-jar.js';
import { Failure } from './failure.js';
import { type JsonEngine, jsonQuery } from './json-query.js';
import { parseSetCookie } from './set-cookie.js';

/** More than this is no token and no id, and would be held by every iteration. */
const LONGEST_VALUE = 65_536;

/** The value, or undefined where the answer has none. */
type Find = (content: AnswerContent, cookies: CookieJar | null) => string | undefined;

/** Takes the values out of an answer that the steps after it need; compiled once per request. */
export class CaptureReader {
  readonly needsBody: boolean;
  readonly #captures: readonly CompiledCapture[];

  constructor(captures: readonly Capture[], engine: JsonEngine | null) {
    this.needsBody = captures.some(isInBody);
    this.#captures = captures.map((capture) => ({
      find: finder(capture, engine),
      inBody: isInBody(capture),
      missing: `${capture.name} was to be captured, and there is no ${placeOf(capture)}`,
    }));
  }

  /**
   * Null when all of them were there; `slot` is the index of the capture. Where one is missing the
   * others are still taken, as they must be known to be hidden.
   */
  read(
    content: AnswerContent,
    cookies: CookieJar | null,
    into: (slot: number, value: string) => void,
  ): Failure | null {
    let failure: Failure | null = null;
    for (let slot = 0; slot < this.#captures.length; slot++) {
      const value = taken(this.#captures[slot]!, content, cookies);
      if (typeof value === 'string') into(slot, value);
      else failure ??= value;
    }
    return failure;
  }
}

function taken(
  { find, inBody, missing }: CompiledCapture,
  content: AnswerContent,
  cookies: CookieJar | null,
): string | Failure {
  let value: string | undefined;
  try {
    value = find(content, cookies);
  } catch (error) {
    if (error instanceof Failure) return content.unfound(error);
    throw error;
  }
  if (value === undefined) {
    const failure = new Failure(1720, missing);
    return inBody ? content.unfound(failure) : failure.showing(content.sample);
  }
  if (value.length <= LONGEST_VALUE) return value;
  const most = `more than ${LONGEST_VALUE / 1024} kB long`;
  return new Failure(1720, `${missing} that could be kept: it is ${most}`, content.sample);
}

interface CompiledCapture {
  readonly find: Find;
  readonly inBody: boolean;
  readonly missing: string;
}

const isInBody = ({ from }: Capture) => from === 'json' || from === 'regex';

function placeOf(capture: Capture): string {
  switch (capture.from) {
    case 'json':
      return `value at ${capture.path}`;
    case 'header':
      return `header ${capture.header}`;
    case 'cookie':
      return `cookie ${capture.cookie}`;
    case 'regex':
      return `match of /${capture.source}/${capture.flags}`;
  }
}

function finder(capture: Capture, engine: JsonEngine | null): Find {
  switch (capture.from) {
    case 'json': {
      const query = jsonQuery(capture.path, engine);
      return (content) => jsonText(query.first(content.json()));
    }
    case 'header':
      return (content) => own(content.headers(capture.header)[0]);
    case 'cookie':
      return (content, cookies) =>
        own(cookieIn(content, capture.cookie) ?? cookies?.get(capture.cookie));
    case 'regex': {
      const pattern = new RegExp(capture.source, capture.flags);
      return (content) => {
        const found = pattern.exec(content.text());
        return found ? own(found.length > 1 ? found[1] : found[0]) : undefined;
      };
    }
  }
}

/** `null` in an answer is a value that is missing: nobody means to send the word. */
function jsonText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

/** The one that this answer sets, if it does. */
function cookieIn(content: AnswerContent, name: string): string | undefined {
  const set = content.headers('set-cookie').map(parseSetCookie);
  return set.findLast((cookie) => cookie?.name === name)?.value;
}

/** A copy: a part of a long text would keep all of that text. */
function own(value: string | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : Buffer.from(value).toString();
}

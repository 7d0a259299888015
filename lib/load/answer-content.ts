import type { Answer } from './answer.js';
import { Failure, SAMPLE_BYTES } from './failure.js';
import { readJson } from './json-text.js';

/** An answer as those read it who look for something in it: each form of it made once, if at all. */
export class AnswerContent {
  readonly answer: Answer;
  #body: Buffer | Failure | null = null;
  #text: string | null = null;
  #json: { readonly value: unknown } | Failure | null = null;

  constructor(answer: Answer) {
    this.answer = answer;
  }

  /** The body; what is no UTF-8 in it is replaced. Throws a Failure where it cannot be unpacked. */
  text(): string {
    this.#text ??= this.#unpacked().toString('utf8');
    return this.#text;
  }

  /** What the body says in JSON; throws a Failure where it is none. */
  json(): unknown {
    this.#json ??= made(() => ({ value: readJson(this.#unpacked()) }));
    if (this.#json instanceof Failure) throw this.#json;
    return this.#json.value;
  }

  /** Values of a header, named in small letters, in the order in which they came. */
  headers(name: string): string[] {
    return headerValues(this.answer.head, name);
  }

  /** How the answer begins, for people. */
  get sample(): string {
    const body = made(() => this.#unpacked());
    return body instanceof Failure || body.length === 0
      ? this.answer.head.slice(0, SAMPLE_BYTES)
      : body.toString('utf8', 0, SAMPLE_BYTES);
  }

  /** A failure to find something in the body: it may stand in what was not kept of it. */
  unfound(failure: Failure): Failure {
    if (this.answer.whole) return failure.showing(this.sample);
    const what = 'what was looked for is not in as much of the body as is kept';
    return new Failure(1233, what, this.sample);
  }

  #unpacked(): Buffer {
    this.#body ??= made(() => this.answer.body);
    if (this.#body instanceof Failure) throw this.#body;
    return this.#body;
  }
}

function made<T>(make: () => T): T | Failure {
  try {
    return make();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** Of a head as it came; `name` is in small letters. */
export function headerValues(head: string, name: string): string[] {
  const values: string[] = [];
  let at = head.indexOf('\n') + 1;
  while (at > 0 && at < head.length) {
    const next = head.indexOf('\n', at);
    const end = next < 0 ? head.length : next;
    if (head[at + name.length] === ':' && head.slice(at, at + name.length).toLowerCase() === name) {
      values.push(head.slice(at + name.length + 1, end).trim());
    }
    at = next + 1;
  }
  return values;
}

import type { Expect, Match } from '../plan/plan.js';
import { Failure } from './failure.js';

/** What a response must be, compiled once per request of the plan. */
export class Expectation {
  readonly #status: Expect['status'];
  readonly #headers: readonly { readonly name: string; readonly test: Test }[];
  readonly #body: readonly Test[];

  constructor(expect: Expect | null) {
    // Without `expect` a status of 400 or more is a failure; with it, `expect` alone decides.
    this.#status = expect ? expect.status : [[100, 399]];
    this.#headers = (expect?.headers ?? []).map(({ name, value }) => ({
      name: name.toLowerCase(),
      test: compile(value),
    }));
    this.#body = (expect?.body ?? []).map(compile);
  }

  get needsBody(): boolean {
    return this.#body.length > 0;
  }

  /** Null when status and headers are as they must be. */
  judgeHead(status: number, bytes: Buffer, from: number, to: number): Failure | null {
    if (this.#status && !this.#status.some(([from, to]) => status >= from && status <= to)) {
      return status >= 400
        ? // Beyond 599 other classes begin.
          new Failure(1000 + Math.min(status, 599), `HTTP ${status}`)
        : new Failure(1710, `expected another status than ${status}`);
    }
    if (this.#headers.length === 0) return null;
    const head = bytes.toString('latin1', from, to);
    for (const { name, test } of this.#headers) {
      const value = headerValue(head, name);
      if (value === null) return new Failure(1711, `expected a header ${name}`);
      if (!test.holds(value))
        return new Failure(1711, `expected header ${name} ${test.text}`, value);
    }
    return null;
  }

  judgeBody(body: string): Failure | null {
    const broken = this.#body.find((test) => !test.holds(body));
    return broken ? new Failure(1712, `expected the body ${broken.text}`, body) : null;
  }
}

interface Test {
  readonly text: string;
  holds(value: string): boolean;
}

function compile(match: Match): Test {
  if (match.kind === 'contains') {
    return {
      text: `to contain ${JSON.stringify(match.text)}`,
      holds: (value) => value.includes(match.text),
    };
  }
  const pattern = new RegExp(match.source, match.flags);
  return { text: `to match ${pattern}`, holds: (value) => pattern.test(value) };
}

function headerValue(head: string, name: string): string | null {
  const values: string[] = [];
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).toLowerCase() === name) values.push(line.slice(colon + 1).trim());
  }
  return values.length > 0 ? values.join(', ') : null;
}

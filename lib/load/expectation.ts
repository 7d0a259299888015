import type { Expect, JsonExpect, Match } from '../plan/plan.js';
import { formatDuration } from '../plan/units.js';
import { type AnswerContent, headerValues } from './answer-content.js';
import { Failure } from './failure.js';
import { type JsonEngine, type JsonQuery, jsonQuery } from './json-query.js';

/** How often an expectation held, of all answers that were judged by it. */
export interface CheckCount {
  passed: number;
  failed: number;
}

/** One expectation about an answer that has ended: null where it holds. */
interface Check {
  readonly count: CheckCount | null;
  judge(content: AnswerContent, serviceUs: number): Failure | null;
}

/**
 * What a response must be, compiled once per request of the plan. Each single expectation is judged
 * and counted whatever became of the others; the first that does not hold makes the failure.
 */
export class Expectation {
  /** They are about more than status and headers: `judgeAnswer` is to be called for an answer. */
  readonly needsAnswer: boolean;
  readonly needsBody: boolean;
  readonly #status: Expect['status'];
  readonly #statusCount: CheckCount | null;
  readonly #headers: readonly HeaderCheck[];
  readonly #checks: readonly Check[];

  /** `counts` is asked once for each expectation, by its text. */
  constructor(
    expect: Expect | null,
    engine: JsonEngine | null = null,
    counts: (text: string) => CheckCount | null = () => null,
  ) {
    // Without `expect` a status of 400 or more is a failure; with it, `expect` alone decides.
    this.#status = expect ? expect.status : [[100, 399]];
    this.#statusCount = expect?.status ? counts(statusText(expect.status)) : null;
    this.#headers = (expect?.headers ?? []).map(({ name, value }) => {
      const test = compile(value);
      const lower = name.toLowerCase();
      return { name: lower, test, count: counts(`header ${lower} ${test.says}`) };
    });
    this.#checks = expect ? checksOf(expect, engine, counts) : [];
    this.needsAnswer = this.#checks.length > 0;
    this.needsBody = expect !== null && (expect.body.length > 0 || (expect.json ?? []).length > 0);
  }

  /** Null when status and headers are as they must be, or are judged with the whole answer. */
  judgeHead(status: number, bytes: Buffer, from: number, to: number): Failure | null {
    if (this.needsAnswer) return null;
    const failure = this.#judgeStatus(status);
    if (this.#headers.length === 0) return failure;
    const broken = this.#judgeHeaders(bytes.toString('latin1', from, to));
    return failure ?? broken;
  }

  /** Null when all of it is as it must be. `serviceUs` is from written to the last byte. */
  judgeAnswer(content: AnswerContent, serviceUs: number): Failure | null {
    const { status, head } = content.answer;
    let failure = this.#judgeStatus(status);
    if (this.#headers.length > 0) {
      const broken = this.#judgeHeaders(head);
      failure ??= broken;
    }
    for (const check of this.#checks) {
      const broken = judged(check, content, serviceUs);
      tally(check.count, broken === null);
      failure ??= broken;
    }
    return failure?.showing(content.sample) ?? null;
  }

  #judgeStatus(status: number): Failure | null {
    const holds =
      this.#status === null || this.#status.some(([from, to]) => status >= from && status <= to);
    if (this.#statusCount !== null) tally(this.#statusCount, holds);
    if (holds) return null;
    return status >= 400
      ? // Beyond 599 other classes begin.
        new Failure(1000 + Math.min(status, 599), `HTTP ${status}`)
      : new Failure(1710, `expected another status than ${status}`);
  }

  #judgeHeaders(head: string): Failure | null {
    let failure: Failure | null = null;
    for (const { name, test, count } of this.#headers) {
      const values = headerValues(head, name);
      const value = values.join(', ');
      const holds = values.length > 0 && test.holds(value);
      tally(count, holds);
      if (holds) continue;
      failure ??=
        values.length === 0
          ? new Failure(1711, `expected a header ${name}`)
          : new Failure(1711, `expected header ${name} ${test.wanted}`, value);
    }
    return failure;
  }
}

interface HeaderCheck {
  readonly name: string;
  readonly test: Test;
  readonly count: CheckCount | null;
}

/** What cannot be unpacked, or is no JSON, is not as it must be. */
function judged(check: Check, content: AnswerContent, serviceUs: number): Failure | null {
  try {
    return check.judge(content, serviceUs);
  } catch (error) {
    if (error instanceof Failure) return content.unfound(error);
    throw error;
  }
}

function tally(count: CheckCount | null, holds: boolean): void {
  if (count === null) return;
  if (holds) count.passed++;
  else count.failed++;
}

function checksOf(
  { body, json = [], size, timeUs }: Expect,
  engine: JsonEngine | null,
  counts: (text: string) => CheckCount | null,
): Check[] {
  const checks = [...body.map(bodyCheck), ...json.map((one) => jsonCheck(one, engine))];
  if (size) checks.push(sizeCheck(size));
  if (timeUs !== undefined) checks.push(timeCheck(timeUs));
  return checks.map(({ text, judge }) => ({ judge, count: counts(text) }));
}

interface Named extends Pick<Check, 'judge'> {
  readonly text: string;
}

function bodyCheck(match: Match): Named {
  const test = compile(match);
  return {
    text: `body ${test.says}`,
    judge: (content) =>
      test.holds(content.text())
        ? null
        : content.unfound(new Failure(1712, `expected the body ${test.wanted}`)),
  };
}

function jsonCheck({ path, test }: JsonExpect, engine: JsonEngine | null): Named {
  const query = jsonQuery(path, engine);
  const { says, wanted, holds } = jsonTest(test);
  return {
    text: `${path} ${says}`,
    judge: (content) =>
      holds(query, content.json())
        ? null
        : content.unfound(new Failure(1713, `expected ${path} ${wanted}`)),
  };
}

function sizeCheck({ least, most }: NonNullable<Expect['size']>): Named {
  const limits = [
    ...(least === null ? [] : [`at least ${least} bytes`]),
    ...(most === null ? [] : [`at most ${most} bytes`]),
  ];
  const text = least === most ? `exactly ${least} bytes` : limits.join(' and ');
  return {
    text: `body of ${text}`,
    judge: ({ answer }) =>
      answer.size >= (least ?? 0) && answer.size <= (most ?? Number.POSITIVE_INFINITY)
        ? null
        : new Failure(1714, `expected a body of ${text}`),
  };
}

function timeCheck(timeUs: number): Named {
  const text = `within ${formatDuration(timeUs)}`;
  return {
    text: `answer ${text}`,
    judge: (_, serviceUs) =>
      serviceUs <= timeUs ? null : new Failure(1715, `expected the answer ${text}`),
  };
}

interface JsonTest {
  /** Follows the path in what a report says of the check. */
  readonly says: string;
  /** Follows the path in what is said of a failure. */
  readonly wanted: string;
  holds(query: JsonQuery, root: unknown): boolean;
}

function jsonTest(test: JsonExpect['test']): JsonTest {
  if (test.kind === 'exists') {
    const { exists } = test;
    return {
      says: exists ? 'exists' : 'does not exist',
      wanted: exists ? 'to exist' : 'not to exist',
      holds: (query, root) => (query.first(root) !== undefined) === exists,
    };
  }
  if (test.kind === 'matches') {
    const { says, wanted, holds } = compile(test.match);
    return { says, wanted, holds: ofAll((value) => typeof value === 'string' && holds(value)) };
  }
  const shown = JSON.stringify(test.value);
  if (test.kind === 'equals') {
    const { value } = test;
    return { says: `is ${shown}`, wanted: `to be ${shown}`, holds: ofAll((one) => one === value) };
  }
  const { comparison, value } = test;
  const compare = COMPARISONS[comparison];
  return {
    says: `is ${comparison} ${shown}`,
    wanted: `to be ${comparison} ${shown}`,
    holds: ofAll((one) => compare(one, value)),
  };
}

/** At least one is found, and each is as it must be. */
function ofAll(holds: (value: unknown) => boolean): JsonTest['holds'] {
  return (query, root) => {
    let found = false;
    for (const value of query.all(root)) {
      if (!holds(value)) return false;
      found = true;
    }
    return found;
  };
}

type Comparison = Extract<JsonExpect['test'], { kind: 'compares' }>['comparison'];

const numbers = (compare: (a: number, b: number) => boolean) => (a: unknown, b: unknown) =>
  typeof a === 'number' && typeof b === 'number' && compare(a, b);

const COMPARISONS: Readonly<Record<Comparison, (a: unknown, b: unknown) => boolean>> = {
  '<': numbers((a, b) => a < b),
  '<=': numbers((a, b) => a <= b),
  '>': numbers((a, b) => a > b),
  '>=': numbers((a, b) => a >= b),
  '!=': (a, b) => a !== b,
};

interface Test {
  /** `contains "ok"`. */
  readonly says: string;
  /** `to contain "ok"`. */
  readonly wanted: string;
  holds(value: string): boolean;
}

function compile(match: Match): Test {
  if (match.kind === 'contains') {
    const text = JSON.stringify(match.text);
    return {
      says: `contains ${text}`,
      wanted: `to contain ${text}`,
      holds: (value) => value.includes(match.text),
    };
  }
  const pattern = new RegExp(match.source, match.flags);
  return {
    says: `matches ${pattern}`,
    wanted: `to match ${pattern}`,
    holds: (value) => pattern.test(value),
  };
}

function statusText(ranges: NonNullable<Expect['status']>): string {
  const texts = ranges.map(([from, to]) => (from === to ? `${from}` : `${from}..${to}`));
  return `status ${texts.join(' or ')}`;
}

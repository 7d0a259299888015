import { describe, expect, it } from 'vitest';
import type { Answer } from '../../lib/load/answer.js';
import { AnswerContent } from '../../lib/load/answer-content.js';
import { type CheckCount, Expectation } from '../../lib/load/expectation.js';
import { Failure } from '../../lib/load/failure.js';
import { jsonEngineFor } from '../../lib/load/json-query.js';
import { parseJsonTest } from '../../lib/plan/condition-text.js';
import type { Expect, Match } from '../../lib/plan/plan.js';
import { makeRequest } from '../support/schedule-plans.js';

const NOTHING: Expect = { status: null, headers: [], body: [] };
const contains = (text: string): Match => ({ kind: 'contains', text });
const matches = (source: string, flags = ''): Match => ({ kind: 'regex', source, flags });

/** What happened, without the advice that follows it. */
const what = ({ code, message }: Failure) => `${code} ${message.split(': ')[0]}`;

/** The class and the words of a failed expectation about status and headers; null when it holds. */
function judgeHead(expectation: Expectation, status: number, headers: readonly string[] = []) {
  // As it lies in a socket's buffer: between other bytes.
  const head = [`HTTP/1.1 ${status} Any`, ...headers, ''].join('\r\n');
  const bytes = Buffer.from(`before${head}after`, 'latin1');
  const failure = expectation.judgeHead(status, bytes, 6, 6 + head.length);
  return failure && what(failure);
}

function answer(body: string | Buffer, over: Partial<Answer> = {}): AnswerContent {
  const bytes = Buffer.from(body);
  const head = 'HTTP/1.1 200 OK\r\n';
  return new AnswerContent({
    status: 200,
    head,
    body: bytes,
    whole: true,
    size: bytes.length,
    ...over,
  });
}

/** The class and the words of what does not hold of a whole answer; null when all of it does. */
function judged(expectation: Expectation, content: AnswerContent): string | null {
  const failure = expectation.judgeAnswer(content, 0);
  return failure && what(failure);
}

function withHeader(name: string, value: Match): Expectation {
  return new Expectation({ ...NOTHING, headers: [{ name, value }] });
}

describe('without expect', () => {
  it.each([200, 201, 204, 301, 304, 399])('status %i is good', (status) => {
    expect(judgeHead(new Expectation(null), status)).toBeNull();
  });

  it.each([400, 401, 404, 429, 500, 503, 599])('status %i is bad, and is the class', (status) => {
    expect(judgeHead(new Expectation(null), status)).toBe(`${1000 + status} HTTP ${status}`);
  });

  it('no body is kept, and nothing is left to be judged or counted', () => {
    const counted: string[] = [];
    const none = new Expectation(null, null, (text) => {
      counted.push(text);
      return null;
    });
    expect(none.needsBody).toBe(false);
    expect(none.needsAnswer).toBe(false);
    expect(none.judgeAnswer(answer('anything'), 0)).toBeNull();
    expect(counted).toEqual([]);
  });
});

describe('an expected status', () => {
  const created = new Expectation({
    ...NOTHING,
    status: [
      [201, 201],
      [400, 409],
    ],
  });

  it.each([201, 400, 404, 409])('that is %i of the expected ones is good', (status) => {
    expect(judgeHead(created, status)).toBeNull();
  });

  it('is of the class of its status where that tells of an error, else of a class of its own', () => {
    expect(judgeHead(created, 410)).toBe('1410 HTTP 410');
    expect(judgeHead(created, 500)).toBe('1500 HTTP 500');
    expect(judgeHead(created, 200)).toBe('1710 expected another status than 200');
    expect(judgeHead(created, 302)).toBe('1710 expected another status than 302');
  });

  it('may be any, where something else is expected', () => {
    expect(judgeHead(new Expectation(NOTHING), 500)).toBeNull();
  });
});

describe('an expected header', () => {
  it('is found whatever its case, and whatever surrounds its value', () => {
    const json = withHeader('Content-Type', contains('json'));
    expect(judgeHead(json, 200, ['CONTENT-TYPE:  application/json ', 'x: y'])).toBeNull();
    expect(judgeHead(json, 200, ['content-type: text/html'])).toBe(
      '1711 expected header content-type to contain "json"',
    );
  });

  it('must be there', () => {
    const any = withHeader('x-cache', contains(''));
    expect(judgeHead(any, 200, ['x-cache:'])).toBeNull();
    expect(judgeHead(any, 200, ['x-cache-status: hit', 'y: x-cache: 1'])).toBe(
      '1711 expected a header x-cache',
    );
  });

  it('that comes twice is looked at as one, joined', () => {
    const both = withHeader('set-cookie', matches('^a=1, b=2$'));
    expect(judgeHead(both, 200, ['set-cookie: a=1', 'x: 1', 'Set-Cookie: b=2'])).toBeNull();
  });

  it('is judged after the status', () => {
    const strict = new Expectation({
      status: [[200, 200]],
      headers: [{ name: 'x', value: contains('y') }],
      body: [],
    });
    expect(judgeHead(strict, 503)).toBe('1503 HTTP 503');
    expect(judgeHead(strict, 200)).toBe('1711 expected a header x');
    expect(judgeHead(strict, 200, ['x: xyz'])).toBeNull();
  });

  it('shows what came in its place', () => {
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\nx-id: seven\r\n');
    const failure = withHeader('x-id', matches('^\\d+$')).judgeHead(200, bytes, 0, bytes.length);
    expect(failure).toMatchObject({ code: 1711, detail: 'seven' });
  });
});

describe('an expected body', () => {
  const both = new Expectation({
    ...NOTHING,
    body: [contains('"ok"'), matches('^\\{.*\\}$', 's')],
  });

  it('must be as all of them say', () => {
    expect(both.needsBody).toBe(true);
    expect(both.needsAnswer).toBe(true);
    expect(both.judgeAnswer(answer('{\n"ok": 1}'), 0)).toBeNull();
    expect(both.judgeAnswer(answer('["ok"]'), 0)).toMatchObject({
      code: 1712,
      message: expect.stringContaining('expected the body to match /^\\{.*\\}$/s: '),
      detail: '["ok"]',
    });
    expect(judged(both, answer('{}'))).toBe('1712 expected the body to contain "\\"ok\\""');
  });

  it('is judged the same each time', () => {
    for (let i = 0; i < 3; i++) expect(both.judgeAnswer(answer('{"ok"}'), 0)).toBeNull();
    const insensitive = new Expectation({ ...NOTHING, body: [matches('HELLO', 'i')] });
    for (let i = 0; i < 3; i++) {
      expect(insensitive.judgeAnswer(answer('say hello'), 0)).toBeNull();
    }
  });

  it('is judged with what stands before it, once all of it is there', () => {
    const whole = new Expectation({
      status: [[200, 200]],
      headers: [{ name: 'x', value: contains('y') }],
      body: [contains('z')],
    });
    expect(judgeHead(whole, 500)).toBeNull();
    expect(judged(whole, answer('', { status: 500 }))).toBe('1500 HTTP 500');
    expect(judged(whole, answer('z'))).toBe('1711 expected a header x');
    const head = 'HTTP/1.1 200 OK\r\nX: xyz\r\n';
    expect(judged(whole, answer('y', { head }))).toBe('1712 expected the body to contain "z"');
    expect(judged(whole, answer('z', { head }))).toBeNull();
  });

  it('may be no UTF-8: what is none of it does not stand in the way of the rest', () => {
    const found = new Expectation({ ...NOTHING, body: [contains('ok')] });
    const bytes = Buffer.from([0xff, 0xfe, 0x6f, 0x6b, 0xc3]);
    expect(judged(found, answer(bytes))).toBeNull();
    expect(judged(found, answer(bytes.subarray(0, 3)))).toContain('1712');
  });

  it('that cannot be unpacked is not as it must be, and a bad status says more', () => {
    const found = new Expectation({ ...NOTHING, status: [[200, 200]], body: [contains('ok')] });
    const packed = (status: number) =>
      new AnswerContent({
        status,
        head: 'HTTP/1.1 200 OK\r\n',
        get body(): Buffer {
          throw new Failure(1234, 'the body cannot be unpacked');
        },
        whole: true,
        size: 9,
      });
    expect(judged(found, packed(200))).toBe('1234 the body cannot be unpacked');
    expect(judged(found, packed(502))).toBe('1502 HTTP 502');
  });

  it('of which not all was kept may hold it in what was not', () => {
    const found = new Expectation({ ...NOTHING, body: [contains('ok')] });
    expect(judged(found, answer('ok', { whole: false }))).toBeNull();
    expect(judged(found, answer('no', { whole: false }))).toMatch(/^1233 /);
  });
});

describe('expected JSON', () => {
  const BODY =
    '{"status":"paid","total":8.5,"items":[{"n":1},{"n":3}],"none":null,"text":"8.5","ok":true}';

  it.each<[string, string | number | boolean | null | { exists: boolean }, string | null]>([
    ['$.status', 'paid', null],
    ['$.status', 'open', 'expected $.status to be "open"'],
    ['$.total', 8.5, null],
    ['$.text', 8.5, 'expected $.text to be 8.5'],
    ['$.text', '== "8.5"', null],
    ['$.ok', true, null],
    ['$.ok', 'true', 'expected $.ok to be "true"'],
    ['$.none', null, null],
    ['$.nowhere', null, 'expected $.nowhere to be null'],
    ['$.total', '> 8', null],
    ['$.total', '> 8.5', 'expected $.total to be > 8.5'],
    ['$.total', '>= 8.5', null],
    ['$.total', '< 8.5', 'expected $.total to be < 8.5'],
    ['$.total', '<= 8.5', null],
    ['$.text', '> 8', 'expected $.text to be > 8'],
    ['$.none', '< 1', 'expected $.none to be < 1'],
    ['$.status', '!= open', null],
    ['$.status', '!= paid', 'expected $.status to be != "paid"'],
    ['$.nowhere', '!= paid', 'expected $.nowhere to be != "paid"'],
    ['$.status', '/^pa/', null],
    ['$.status', '/^PA/', 'expected $.status to match /^PA/'],
    ['$.total', '/8/', 'expected $.total to match /8/'],
    ['$.none', { exists: true }, null],
    ['$.none', { exists: false }, 'expected $.none not to exist'],
    ['$.nowhere', { exists: false }, null],
    ['$.nowhere', { exists: true }, 'expected $.nowhere to exist'],
    ['$.items[*].n', '> 0', null],
    ['$.items[*].n', '< 3', 'expected $.items[*].n to be < 3'],
    ['$.items[?@.n > 5].n', '> 0', 'expected $.items[?@.n > 5].n to be > 0'],
    ['$..n', { exists: true }, null],
  ])('%s is to be %j', async (path, written, what) => {
    const json = [{ path, test: parseJsonTest(written) }];
    const engine = await jsonEngineFor({
      requests: [{ ...makeRequest('GET /', 1), expect: { ...NOTHING, json } }],
    });
    const expectation = new Expectation({ ...NOTHING, json }, engine);
    expect(expectation.needsBody).toBe(true);
    expect(judged(expectation, answer(BODY))).toBe(what === null ? null : `1713 ${what}`);
  });

  const exists = new Expectation({
    ...NOTHING,
    json: [{ path: '$.a', test: { kind: 'exists', exists: false } }],
  });

  it.each([
    ['', '1721 the body is empty, and no JSON'],
    ['<html>', '1721 the body is no JSON'],
    [`${'['.repeat(200)}${']'.repeat(200)}`, '1721 the body nests more than 100 levels of JSON'],
  ])('is not as it must be where the body is %.10s', (body, what) => {
    expect(judged(exists, answer(body))).toBe(what);
  });
});

describe('an expected size', () => {
  const sized = (least: number | null, most: number | null) =>
    new Expectation({ ...NOTHING, size: { least, most } });

  it('includes both limits', () => {
    expect([1, 2, 3, 4, 5].map((size) => judged(sized(2, 4), answer('', { size })))).toEqual([
      '1714 expected a body of at least 2 bytes and at most 4 bytes',
      null,
      null,
      null,
      '1714 expected a body of at least 2 bytes and at most 4 bytes',
    ]);
    expect(judged(sized(null, 4), answer('', { size: 5 }))).toBe(
      '1714 expected a body of at most 4 bytes',
    );
    expect(judged(sized(3, null), answer('', { size: 0 }))).toBe(
      '1714 expected a body of at least 3 bytes',
    );
    expect(judged(sized(3, 3), answer('', { size: 4 }))).toBe(
      '1714 expected a body of exactly 3 bytes',
    );
  });

  it('is that of all that came, of which nothing need be kept', () => {
    expect(sized(1, null).needsBody).toBe(false);
    expect(sized(1, null).needsAnswer).toBe(true);
    const large = answer('beginning', { size: 50_000_000, whole: false });
    expect(judged(sized(null, 1_000_000), large)).toBe(
      '1714 expected a body of at most 1000000 bytes',
    );
    expect(judged(sized(1, null), large)).toBeNull();
  });
});

describe('an expected time', () => {
  it('includes its limit', () => {
    const soon = new Expectation({ ...NOTHING, timeUs: 1_500_000 });
    expect(soon.judgeAnswer(answer(''), 1_500_000)).toBeNull();
    expect(what(soon.judgeAnswer(answer(''), 1_500_001)!)).toBe(
      '1715 expected the answer within 1s500ms',
    );
    expect(soon.needsBody).toBe(false);
  });
});

describe('each expectation is counted', () => {
  function counting(expect: Expect) {
    const counts = new Map<string, CheckCount>();
    const expectation = new Expectation(expect, null, (text) => {
      const count = { passed: 0, failed: 0 };
      counts.set(text, count);
      return count;
    });
    const told = () =>
      [...counts].map(([text, { passed, failed }]) => `${text}: ${passed} / ${failed}`);
    return { expectation, told };
  }

  it('under a text of its own, whatever became of the others', () => {
    const { expectation, told } = counting({
      status: [
        [200, 204],
        [404, 404],
      ],
      headers: [{ name: 'X-Id', value: matches('^\\d+$') }],
      body: [contains('ok')],
      json: [{ path: '$.n', test: parseJsonTest('> 0') }],
      size: { least: 1, most: null },
      timeUs: 500_000,
    });
    const head = 'HTTP/1.1 200 OK\r\nx-id: 7\r\n';
    expectation.judgeAnswer(answer('{"ok":1,"n":1}', { head }), 1);
    expectation.judgeAnswer(answer('{"n":0}', { status: 500 }), 600_000);
    expectation.judgeAnswer(answer('', { head, size: 0 }), 1);
    expect(told()).toEqual([
      'status 200..204 or 404: 2 / 1',
      'header x-id matches /^\\d+$/: 2 / 1',
      'body contains "ok": 1 / 2',
      '$.n is > 0: 1 / 2',
      'body of at least 1 bytes: 2 / 1',
      'answer within 500ms: 2 / 1',
    ]);
  });

  it('at the head where that is all there is to judge', () => {
    const { expectation, told } = counting({
      ...NOTHING,
      status: [[200, 200]],
      headers: [{ name: 'x', value: contains('y') }],
    });
    for (const status of [200, 500]) judgeHead(expectation, status, ['x: y']);
    judgeHead(expectation, 503);
    expect(told()).toEqual(['status 200: 1 / 2', 'header x contains "y": 2 / 1']);
  });

  it('once, at the end, where there is more', () => {
    const { expectation, told } = counting({ ...NOTHING, status: [[200, 200]], timeUs: 9 });
    judgeHead(expectation, 200);
    expectation.judgeAnswer(answer(''), 1);
    expect(told()).toEqual(['status 200: 1 / 0', 'answer within 0.009ms: 1 / 0']);
  });
});

import { describe, expect, it } from 'vitest';
import { Expectation } from '../../lib/load/expectation.js';
import type { Failure } from '../../lib/load/failure.js';
import type { Expect, Match } from '../../lib/plan/plan.js';

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

  it('no body is kept or looked at', () => {
    expect(new Expectation(null).needsBody).toBe(false);
    expect(new Expectation(null).judgeBody('anything')).toBeNull();
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
    expect(both.judgeBody('{\n"ok": 1}')).toBeNull();
    expect(both.judgeBody('["ok"]')).toMatchObject({
      code: 1712,
      message: expect.stringContaining('expected the body to match /^\\{.*\\}$/s: '),
      detail: '["ok"]',
    });
    expect(both.judgeBody('{}')?.message).toContain('expected the body to contain "\\"ok\\""');
  });

  it('is judged the same each time', () => {
    for (let i = 0; i < 3; i++) expect(both.judgeBody('{"ok"}')).toBeNull();
    const insensitive = new Expectation({ ...NOTHING, body: [matches('HELLO', 'i')] });
    for (let i = 0; i < 3; i++) expect(insensitive.judgeBody('say hello')).toBeNull();
  });
});

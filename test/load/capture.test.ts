import { describe, expect, it } from 'vitest';
import type { Answer } from '../../lib/load/answer.js';
import { AnswerContent } from '../../lib/load/answer-content.js';
import { CaptureReader } from '../../lib/load/capture.js';
import { CookieJar } from '../../lib/load/cookie-jar.js';
import { Failure } from '../../lib/load/failure.js';
import { jsonEngineFor } from '../../lib/load/json-query.js';
import { parseCapture } from '../../lib/plan/capture-text.js';
import { makeRequest } from '../support/schedule-plans.js';

const HEAD = [
  'HTTP/1.1 200 OK',
  'Location: /orders/7?x=1',
  'X-Id: one',
  'x-id: two',
  'x-idle: no',
  '',
].join('\r\n');

function content(body: string | Buffer, over: Partial<Answer> = {}): AnswerContent {
  const bytes = Buffer.from(body);
  return new AnswerContent({
    status: 200,
    head: HEAD,
    body: bytes,
    whole: true,
    size: bytes.length,
    ...over,
  });
}

/** What the captures take out of an answer, or the class and words of the failure. */
async function captured(
  captures: Record<string, string>,
  answer: AnswerContent,
  cookies: CookieJar | null = null,
): Promise<readonly string[] | string> {
  const read = Object.entries(captures).map(([name, text]) => parseCapture(name, text));
  const engine = await jsonEngineFor({
    requests: [{ ...makeRequest('GET /', 0), captures: read }],
  });
  const values: string[] = [];
  const failure = new CaptureReader(read, engine).read(answer, cookies, (slot, value) => {
    values[slot] = value;
  });
  return failure ? `${failure.code} ${failure.message.split(': ')[0]}` : values;
}

describe('a capture', () => {
  it.each([
    ['$.access', '{"access":"t0"}', 't0'],
    ['$.user.id', '{"user":{"id":7.5}}', '7.5'],
    ['$.ok', '{"ok":false}', 'false'],
    ['$.list', '{"list":[1,{"a":"b"}]}', '[1,{"a":"b"}]'],
    ['$.empty', '{"empty":""}', ''],
    [
      '$.items[?@.stock > 0].id',
      '{"items":[{"id":1,"stock":0},{"id":2,"stock":5},{"id":3,"stock":9}]}',
      '2',
    ],
    ['/name="csrf" value="([^"]+)"/', '<input name="csrf" value="a1b2">', 'a1b2'],
    ['/ORD-\\d+/i', 'your order ord-12, ord-13', 'ord-12'],
    ['/(a)|(b)/', 'b a', undefined],
    ['header location', '', '/orders/7?x=1'],
    ['header X-ID', '', 'one'],
  ])('%s of %s', async (text, body, value) => {
    const found = await captured({ it: text }, content(body));
    if (value === undefined) expect(found).toContain('1720');
    else expect(found).toEqual([value]);
  });

  it('is one of several, each in its place', async () => {
    const found = await captured(
      { a: '$.a', id: 'header x-id', b: '$.b' },
      content('{"b":"2","a":"1"}'),
    );
    expect(found).toEqual(['1', 'one', '2']);
  });

  it('needs the body kept for JSON and regular expressions only', () => {
    const needs = (text: string) => new CaptureReader([parseCapture('x', text)], null).needsBody;
    expect([needs('$.a'), needs('/a/'), needs('header a'), needs('cookie a')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('a cookie', () => {
  const head = [
    'HTTP/1.1 200 OK',
    'set-cookie: session=old; Path=/x',
    'Set-Cookie: other=1',
    'set-cookie: session=n%20ew=; HttpOnly; Secure',
    '',
  ].join('\r\n');

  it('is the one that the answer set last, whoever else may have it', async () => {
    const jar = new CookieJar(
      () => false,
      () => 0,
    );
    jar.keep('HTTP/1.1 200 OK\r\nset-cookie: session=before\r\n', new URL('http://a/'));
    expect(await captured({ it: 'cookie session' }, content('', { head }), jar)).toEqual([
      'n%20ew=',
    ]);
  });

  it('may have been set before', async () => {
    const jar = new CookieJar(
      () => false,
      () => 0,
    );
    jar.keep('HTTP/1.1 200 OK\r\nset-cookie: session=before\r\n', new URL('http://a/'));
    expect(await captured({ it: 'cookie session' }, content(''), jar)).toEqual(['before']);
    expect(await captured({ it: 'cookie session' }, content(''), null)).toBe(
      '1720 it was to be captured, and there is no cookie session',
    );
    expect(await captured({ it: 'cookie Session' }, content(''), jar)).toContain('1720');
  });
});

describe('a value that is missing', () => {
  it.each([
    ['$.access', '{"acces":"t0"}', '1720 it was to be captured, and there is no value at $.access'],
    [
      '$.access',
      '{"access":null}',
      '1720 it was to be captured, and there is no value at $.access',
    ],
    ['$..access', '[]', '1720 it was to be captured, and there is no value at $..access'],
    ['$.access', 'Bad Gateway', '1721 the body is no JSON'],
    ['$.access', '', '1721 the body is empty, and no JSON'],
    ['/id=(\\d+)/', 'id=x', '1720 it was to be captured, and there is no match of /id=(\\d+)/'],
    ['header x-none', '', '1720 it was to be captured, and there is no header x-none'],
  ])('%s of %s', async (text, body, told) => {
    expect(await captured({ it: text }, content(body))).toBe(told);
  });

  it('comes with the beginning of the answer, bounded', () => {
    const reader = new CaptureReader([parseCapture('it', '$.access')], null);
    const into = () => {};
    const body = JSON.stringify({ error: 'x'.repeat(2_000) });
    expect(reader.read(content(body), null, into)?.detail).toBe(body.slice(0, 500));
    expect(reader.read(content(''), null, into)?.detail).toContain('HTTP/1.1 200 OK');
  });

  it('may stand in what was not kept of the body, which is a class of its own', async () => {
    const cut = content('{"access":"t', { whole: false });
    expect(await captured({ it: '$.access' }, cut)).toContain(
      '1233 what was looked for is not in as much',
    );
    expect(await captured({ it: '/id=/' }, cut)).toContain('1233');
    expect(await captured({ it: 'header x-none' }, cut)).toContain('1720');
    expect(await captured({ it: '/access/' }, cut)).toEqual(['access']);
  });

  it('is not captured from a body that cannot be unpacked', async () => {
    const packed = new AnswerContent({
      status: 200,
      head: HEAD,
      get body(): Buffer {
        throw new Failure(1234, 'the body cannot be unpacked');
      },
      whole: true,
      size: 9,
    });
    expect(await captured({ it: '$.a' }, packed)).toBe('1234 the body cannot be unpacked');
    expect(await captured({ it: 'header x-id' }, packed)).toEqual(['one']);
  });

  it('is what is too long to be any token', async () => {
    const long = 'x'.repeat(65_537);
    expect(await captured({ it: '$.a' }, content(JSON.stringify({ a: long })))).toContain('1720');
    expect(await captured({ it: '$.a' }, content(JSON.stringify({ a: long.slice(1) })))).toEqual([
      long.slice(1),
    ]);
  });
});

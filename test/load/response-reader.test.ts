import { describe, expect, it, test } from 'vitest';
import { Failure } from '../../lib/load/failure.js';
import { ResponseReader } from '../../lib/load/response-reader.js';

interface Read {
  readonly events: string[];
  readonly body: string;
  readonly keepAlive: boolean;
  readonly failure: number | null;
}

/** Reads the pieces, each through a buffer that holds stale bytes behind them. */
function read(pieces: readonly string[], options: { head?: boolean; end?: boolean } = {}): Read {
  const events: string[] = [];
  let body = '';
  const reader = new ResponseReader({
    started: () => events.push('started'),
    interim: (status) => events.push(`interim ${status}`),
    head: (status, bytes, from, to) => {
      events.push(`head ${status} ${bytes.toString('latin1', from, to).split('\r\n').length - 2}`);
    },
    body: (bytes, from, to) => {
      body += bytes.toString('latin1', from, to);
    },
    complete: () => events.push('complete'),
  });
  reader.expect(options.head ?? false);
  let failure: number | null = null;
  try {
    for (const piece of pieces) {
      const bytes = Buffer.from(`${piece}HTTP/1.1 999 stale\r\n\r\n`, 'latin1');
      reader.read(bytes, piece.length);
    }
    if (options.end && !reader.end()) failure = reader.brokenBy().code;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    failure = error.code;
  }
  return { events, body, keepAlive: reader.keepAlive, failure };
}

test.each([
  [true, 'set-cookie: a=1'],
  [true, 'x: y\r\nSet-Cookie:a=1\r\nx: z'],
  [false, 'x: y'],
  [false, 'set-cookie2: a=1'],
  [false, 'x-set-cookie: a=1'],
])('an answer sets a cookie: %j, with %j', (sets, headers) => {
  const known: boolean[] = [];
  const sink = { started() {}, interim() {}, body() {}, complete() {} };
  const reader = new ResponseReader({ ...sink, head: () => known.push(reader.setsCookies) });
  const whole = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: 0\r\n${headers}\r\n\r\n`);
  // What the one before it set is none of its own.
  const before = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nset-cookie: b=1\r\n\r\n';
  for (const bytes of [Buffer.from(before), whole]) {
    reader.expect(false);
    reader.read(bytes, bytes.length);
  }
  expect(known).toEqual([true, sets]);
});

const OK = 'HTTP/1.1 200 OK\r\n';
const whole: [name: string, text: string, body: string, keepAlive: boolean][] = [
  ['a length', `${OK}Content-Length: 5\r\nx: y\r\n\r\nhello`, 'hello', true],
  ['no body', `${OK}content-length: 0\r\n\r\n`, '', true],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
  ['304 with a length', 'HTTP/1.1 304 X\r\ncontent-length: 9\r\n\r\n', '', true],
  [
    'chunks',
    `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=1\r\n world\r\n0\r\n\r\n`,
    'hello world',
    true,
  ],
  [
    'chunks and trailers',
    `${OK}transfer-encoding: gzip, chunked\r\n\r\nA\r\n0123456789\r\n0\r\nx: y\r\n\r\n`,
    '0123456789',
    true,
  ],
  [
    'chunks beside a length',
    `${OK}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    'a',
    true,
  ],
  [
    'an interim response',
    `HTTP/1.1 103 Early\r\nlink: x\r\n\r\n${OK}content-length: 2\r\n\r\nok`,
    'ok',
    true,
  ],
  ['close', `${OK}connection: Close\r\ncontent-length: 2\r\n\r\nok`, 'ok', false],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok', 'ok', false],
  [
    'HTTP/1.0 that stays',
    'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok',
    'ok',
    true,
  ],
  ['no reason phrase', 'HTTP/1.1 200 \r\ncontent-length: 2\r\n\r\nok', 'ok', true],
  ['bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok', 'ok', true],
];

describe('a response', () => {
  it.each(whole)(
    'with %s is read whole, however it is cut into pieces',
    (_name, text, body, keepAlive) => {
      const expected = read([text]);
      expect(expected).toMatchObject({ body, keepAlive, failure: null });
      expect(expected.events.at(-1)).toBe('complete');
      expect(expected.events.filter((event) => event === 'complete')).toHaveLength(1);
      for (let cut = 1; cut < text.length; cut++) {
        expect(read([text.slice(0, cut), text.slice(cut)])).toEqual(expected);
      }
      expect(read([...text])).toEqual(expected);
    },
  );

  it('to a HEAD has no body, whatever its length says', () => {
    const { events, failure } = read([`${OK}content-length: 500\r\n\r\n`], { head: true });
    expect([events.at(-1), failure]).toEqual(['complete', null]);
  });

  it('without a length ends where the server closes, and its connection with it', () => {
    const seen = read([`${OK}\r\nsome`, 'thing'], { end: true });
    expect(seen).toMatchObject({ body: 'something', keepAlive: false, failure: null });
    expect(seen.events.at(-1)).toBe('complete');
  });

  it('that is followed by what nobody asked for costs the connection', () => {
    const seen = read([`${OK}content-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n`]);
    expect(seen).toMatchObject({ body: 'ok', keepAlive: false, failure: null });
  });
});

describe('a broken response', () => {
  const broken: [name: string, code: number, text: string][] = [
    ['another protocol', 1230, 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['HTTP/2', 1230, 'HTTP/2 200 OK\r\n\r\n'],
    ['no status', 1230, 'HTTP/1.1 OK fine yes\r\n\r\n'],
    ['a header without a colon', 1230, `${OK}nonsense\r\n\r\n`],
    ['two lengths', 1230, `${OK}content-length: 2\r\ncontent-length: 3\r\n\r\nabc`],
    ['a length that is none', 1230, `${OK}content-length: -2\r\n\r\n`],
    ['an empty length', 1230, `${OK}content-length: \r\n\r\n`],
    ['a transfer-encoding without chunks', 1230, `${OK}transfer-encoding: gzip\r\n\r\n`],
    ['a chunk without a size', 1230, `${OK}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['a chunk longer than its size', 1230, `${OK}transfer-encoding: chunked\r\n\r\n2\r\nabc\r\n`],
    ['a switch of protocols', 1230, 'HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n'],
    ['headers without an end', 1231, `${OK}${'x: y\r\n'.repeat(4_000)}`],
    [
      'a chunk line without an end',
      1231,
      `${OK}transfer-encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}`,
    ],
  ];
  it.each(broken)('with %s is refused as %i', (_name, code, text) => {
    expect(read([text]).failure).toBe(code);
    expect(read([text.slice(0, 10), text.slice(10)]).failure).toBe(code);
  });

  it('is told apart by where it was cut off', () => {
    const text = `${OK}content-length: 5\r\n\r\nhello`;
    const failureAt = (cut: number) =>
      read([text.slice(0, cut)].filter(Boolean), { end: true }).failure;
    expect(failureAt(0)).toBe(1220);
    expect(failureAt(20)).toBe(1220);
    expect(failureAt(text.length - 1)).toBe(1232);
  });

  it('of random bytes ends in a failure or in nothing, never in a crash', () => {
    let seed = 1;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let round = 0; round < 3_000; round++) {
      const [, text] = whole[random(whole.length)]!;
      const bytes = [...text];
      for (let i = random(4); i >= 0; i--)
        bytes[random(bytes.length)] = String.fromCharCode(random(256));
      const mangled = bytes.join('');
      const cut = random(mangled.length);
      read([mangled.slice(0, cut), mangled.slice(cut)], { end: true });
    }
  });
});

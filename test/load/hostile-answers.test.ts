import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Report } from '../../lib/report/report-schema.js';
import { isochrone } from '../support/isochrone.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const PROBE = new URL('../support/peak-memory.mjs', import.meta.url).href;

/** What a run may take beyond one against a server that means well. */
const MOST_MORE_MB = 160;
const USERS = 12;
const EACH = 12;

const MB = 1 << 20;
const head = (rest: string) => `HTTP/1.1 200 OK\r\n${rest}\r\n`;
const sized = (body: Buffer, rest = '') =>
  Buffer.concat([Buffer.from(head(`content-length: ${body.length}\r\n${rest}`)), body]);
const packed = (coding: string, body: Buffer) => sized(body, `content-encoding: ${coding}\r\n`);

const nested = (depth: number) => `${'{"a":['.repeat(depth / 2)}1${']}'.repeat(depth / 2)}`;
const zeros = gzipSync(Buffer.alloc(64 * MB));
const fifty = Buffer.alloc(50 * MB, ' ');
/** Every byte of it is a chunk of its own. */
const crumbs = Buffer.from('1\r\nx\r\n'.repeat(200_000));

type Act = (socket: Socket) => void;
const send = (bytes: string | Buffer): Act => {
  return (socket) => void socket.write(bytes);
};
/** The same over and over, as fast as it is read. */
const forever = (first: string, piece: string | Buffer): Act => {
  return (socket) => {
    socket.write(first);
    const more = () => {
      while (socket.writable && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  };
};

const JSON_OK = '{ "$.ok": true }';
/** Path, what the plan expects of it, what it does, and in which class that ends; null: it is good. */
const ANSWERS: readonly [path: string, expect: string | null, act: Act, code: number | null][] = [
  ['/deep', `{ json: ${JSON_OK} }`, send(sized(Buffer.from(nested(200)))), 1721],
  ['/deeper', `{ json: ${JSON_OK} }`, send(sized(Buffer.from('['.repeat(900_000)))), 1721],
  ['/large', null, send(sized(fifty)), null],
  ['/large-text', '{ body: needle }', send(sized(fifty)), 1233],
  ['/large-json', `{ json: ${JSON_OK} }`, send(sized(fifty)), 1233],
  ['/crumbs', '{ body: needle }', forever(head('transfer-encoding: chunked\r\n'), crumbs), 1050],
  ['/no-text', `{ json: ${JSON_OK} }`, send(sized(Buffer.from([123, 0xc3, 0x28, 125]))), 1721],
  ['/no-text-body', '{ body: ok }', send(sized(Buffer.alloc(900_000, 0xff))), 1712],
  [
    '/circle',
    null,
    send('HTTP/1.1 302 Found\r\nlocation: /circle\r\ncontent-length: 0\r\n\r\n'),
    1235,
  ],
  [
    '/cookies',
    null,
    send(head(`${'set-cookie: a=b\r\n'.repeat(100_000)}content-length: 0\r\n`)),
    1231,
  ],
  ['/headers', null, forever('HTTP/1.1 200 OK\r\n', 'x: y\r\n'.repeat(1000)), 1231],
  ['/interim', null, forever('', 'HTTP/1.1 103 Early\r\nlink: <a>\r\n\r\n'.repeat(500)), 1050],
  ['/chunk-line', null, forever(head('transfer-encoding: chunked\r\n'), 'f'.repeat(MB)), 1231],
  [
    '/trailers',
    null,
    forever(`${head('transfer-encoding: chunked\r\n')}0\r\n`, 'a: b\r\n'.repeat(1000)),
    1231,
  ],
  [
    '/gzip',
    '{ body: needle }',
    send(packed('gzip', Buffer.concat(new Array(14).fill(zeros)))),
    1233,
  ],
  ['/gzip-gzip', '{ body: needle }', send(packed('gzip, gzip', gzipSync(zeros))), 1233],
  ['/br', '{ body: needle }', send(packed('br', brotliCompressSync(Buffer.alloc(64 * MB)))), 1233],
  ['/gzip-error', '{ status: 418 }', send(packed('gzip', zeros)), 1710],
];
const ACTS = new Map(ANSWERS.map(([path, , act]) => [path, act]));

let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const path = text.split(' ', 2)[1]!;
        text = text.slice(end + 4);
        (ACTS.get(path) ?? send(sized(Buffer.from('{"ok":true}'))))(socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterAll(() => server.close());

/** Runs a plan in a process of its own; what it reports, and the most memory it took. */
async function run(name: string, requests: readonly string[]): Promise<[Report, number]> {
  const plan = [
    `target: ${url}`,
    `load: [{ requests: ${EACH * ANSWERS.length}, users: ${USERS}, for: 2m }]`,
    'http: { timeout: 20s, followRedirects: 5 }',
    'requests:',
    ...requests.map((one) => `  - ${one}`),
  ];
  writeFileSync(join(folder, `${name}.yaml`), `${plan.join('\n')}\n`);
  const memoryFile = join(folder, `${name}.mb`);
  const { out, err } = await isochrone(['run', `${name}.yaml`, '--json', '--quiet'], folder, {
    NODE_OPTIONS: `--import=${PROBE}`,
    PEAK_MEMORY_FILE: memoryFile,
  });
  expect(err).toBe('');
  return [JSON.parse(out) as Report, Number(readFileSync(memoryFile, 'utf8'))];
}

it('hostile answers end in their class, and take no more memory than is set aside for them', async () => {
  const lines = ANSWERS.map(([path, what, , code]) => {
    // The others end by themselves, however busy the machine is.
    const timeout = code === 1050 ? ', timeout: 300ms' : '';
    return `{ request: GET ${path}${what === null ? '' : `, expect: ${what}`}${timeout} }`;
  });
  const [friendly, usualMb] = await run('friendly', [
    `{ request: GET /, expect: { json: ${JSON_OK} } }`,
  ]);
  expect(friendly.completeness.requests).toMatchObject({ ok: EACH * ANSWERS.length });
  const [report, peakMb] = await run('hostile', lines);
  const classes = new Map<string, Set<number | null>>();
  for (const { request, code } of report.errors) {
    classes.set(request, (classes.get(request) ?? new Set()).add(code));
  }
  for (const [path, , , code] of ANSWERS) {
    const seen = [...(classes.get(`GET ${path}`) ?? [null])];
    expect([path, ...seen]).toEqual([path, code]);
  }
  const { scheduled, ok, failed } = report.completeness.requests;
  expect([scheduled, ok + failed]).toEqual([EACH * ANSWERS.length, EACH * ANSWERS.length]);
  expect(ok).toBe(EACH);
  expect(peakMb - usualMb).toBeLessThan(MOST_MORE_MB);
}, 120_000);

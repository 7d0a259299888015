// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dial } from '../../lib/load/dial.js';
import type { Body, PlanRequest } from '../../lib/plan/plan.js';
import { GET, poolRig, server } from '../support/pool-rig.js';
import { answer } from '../support/scripted-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const BYTES = 3_000_000;
const content = randomBytes(BYTES);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function fileBody(name: string, bytes: Buffer, claimed = bytes.length): Body {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return {
    encoding: 'base64',
    data: '',
    input: { sha256: sha256(bytes), bytes: claimed, file },
  };
}

const put = (body: Body, change: Partial<PlanRequest> = {}): PlanRequest => ({
  ...GET,
  name: 'PUT /',
  method: 'PUT',
  timeoutUs: 5_000_000,
  body,
  ...change,
});

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
  readonly sha256: string;
  /** Empty where it was a large one. */
  readonly body: Buffer;
}

/** A server of Node's own, which checks lengths and asks for bodies by itself. */
const received: Received[] = [];
const continued: string[] = [];
const target = createServer();
let url = '';
beforeAll(async () => {
  const take = (request: IncomingMessage, done: () => void) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      const { headers } = request;
      const kept = body.length < 1_000_000 ? body : Buffer.alloc(0);
      received.push({ headers, bytes: body.length, sha256: sha256(body), body: kept });
      done();
    });
  };
  target.on('request', (request, response) => take(request, () => response.end('ok')));
  target.on('checkContinue', (request, response) => {
    continued.push(request.url ?? '');
    if (request.url === '/no') {
      response.writeHead(413, { 'content-length': 2 }).end('no');
      return;
    }
    setTimeout(() => {
      response.writeContinue();
      take(request, () => response.end('ok'));
    }, 40);
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
});
afterAll(() => target.close());

describe('a body from a file', () => {
  it('arrives whole, request after request, beside others', async () => {
    received.splice(0);
    const { send, recorder } = poolRig(url, {
      requests: [put(fileBody('big', content))],
      ceiling: 4,
    });
    await send(10);
    expect(recorder.totals()).toMatchObject({ ok: 10, failed: 0 });
    expect(received.map((one) => one.sha256)).toEqual(new Array(10).fill(sha256(content)));
    expect(recorder.totals().bytesOut).toBeGreaterThan(10 * BYTES);
    expect(recorder.totals().bytesOut).toBeLessThan(10 * BYTES + 10_000);
  });

  it('that a server is slow to read is told as sending', async () => {
    const large = Buffer.concat(new Array<Buffer>(8).fill(content));
    const slow = createServer((request, response) => {
      setTimeout(() => request.resume().on('end', () => response.end('ok')), 60);
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const { port } = slow.address() as AddressInfo;
    const { send, content: seen } = poolRig(`http://127.0.0.1:${port}`, {
      requests: [put(fileBody('slow', large))],
    });
    await send(1);
    slow.close();
    const sending = seen().histograms.find(({ metric }) => metric === 'sending')!;
    expect(sending.histogram.minUs).toBeGreaterThan(50_000);
  });

  it('is given up where the answer comes first, and its connection with it', async () => {
    const refusing = await server(() => {}, {
      onConnection: (socket) => {
        socket.once('data', () => socket.write(answer('too large', 413)));
        socket.pause();
        setTimeout(() => socket.resume(), 5);
      },
    });
    const {
      send,
      recorder,
      content: seen,
    } = poolRig(refusing.url, {
      requests: [
        put(fileBody('huge', Buffer.concat(new Array(8).fill(content))), { timeoutUs: 2e6 }),
      ],
      ceiling: 1,
    });
    await send(3);
    expect(recorder.totals()).toMatchObject({ failed: 3 });
    const codes = seen().errors.map(({ code }) => code);
    // Whoever closes on what is still being sent may have its answer lost on the way.
    for (const code of codes) expect([1413, 1201, 1220]).toContain(code);
    expect(refusing.accepted()).toBe(3);
  });

  it('that has become shorter fails, and leaves nothing half-sent behind', async () => {
    received.splice(0);
    const { send, content: seen } = poolRig(url, {
      requests: [put(fileBody('shrunk', content.subarray(0, 100_000), 200_000))],
      ceiling: 1,
    });
    await send(2);
    expect(seen().errors).toMatchObject([
      { code: 1000, count: 2, message: expect.stringMatching(/has lost 100000 of its bytes/) },
    ]);
    expect(received).toEqual([]);
  });

  it('that is gone fails', async () => {
    const body: Body = {
      encoding: 'base64',
      data: '',
      input: { sha256: '', bytes: 9, file: join(folder, 'nowhere') },
    };
    const { send, content: seen } = poolRig(url, { requests: [put(body)] });
    await send(1);
    expect(seen().errors).toMatchObject([{ code: 1000, message: expect.stringMatching(/ENOENT/) }]);
  });

  it('is sent again from its beginning to where a redirect leads', async () => {
    received.splice(0);
    const away = await server((socket) =>
      socket.write(answer('', 307, `location: ${url}/there\r\n`)),
    );
    const { send, recorder } = poolRig(away.url, {
      requests: [put(fileBody('moved', content), { followRedirects: 1 })],
    });
    await send(2);
    expect(recorder.totals().ok).toBe(2);
    expect(received.map((one) => one.sha256)).toEqual([sha256(content), sha256(content)]);
  });

  it('waits for its way where distance is emulated, once', async () => {
    received.splice(0);
    const gone: number[] = [];
    const { send, recorder } = poolRig(url, {
      requests: [put(fileBody('far', content))],
      dial: (to, address, done) =>
        dial(to, address, (failure, dialled) => {
          if (dialled) {
            const { socket } = dialled.wire;
            dialled.wire.outlet = {
              write: (data: string | Uint8Array) => socket.write(data),
              hold: (data, left) => {
                gone.push(data.length);
                setTimeout(() => {
                  if (data.length > 0) socket.write(data, 'latin1');
                  left();
                }, 30);
              },
            };
          }
          done(failure, dialled);
        }),
    });
    await send(1);
    expect(recorder.totals().ok).toBe(1);
    expect(gone).toHaveLength(1);
    expect(received).toMatchObject([{ sha256: sha256(content) }]);
  });
});

describe('100-continue', () => {
  it('holds the body back until the server asks for it', async () => {
    received.splice(0);
    const {
      send,
      recorder,
      content: seen,
    } = poolRig(url, {
      requests: [
        put(fileBody('asked', content), { expectContinue: true }),
        put({ encoding: 'utf8', data: 'small' }, { name: 'b', expectContinue: true }),
      ],
    });
    await send(1);
    await send(1, 1);
    expect(recorder.totals().ok).toBe(2);
    expect(received.map(({ bytes }) => bytes)).toEqual([BYTES, 5]);
    expect(received[0]!.headers.expect).toBe('100-continue');
    const firstByte = seen().histograms.filter(({ metric }) => metric === 'firstByte');
    for (const { histogram } of firstByte) expect(histogram.minUs).toBeGreaterThan(38_000);
  });

  it('sends nothing of it where the server refuses, on a connection that is not used again', async () => {
    received.splice(0);
    continued.splice(0);
    const {
      send,
      recorder,
      content: seen,
    } = poolRig(url, {
      requests: [put(fileBody('refused', content), { path: '/no', expectContinue: true })],
      ceiling: 1,
    });
    await send(2);
    expect(seen().errors).toMatchObject([{ code: 1413, count: 2 }]);
    expect(recorder.totals().bytesOut).toBeLessThan(1_000);
    expect(continued).toEqual(['/no', '/no']);
    expect(received).toEqual([]);
  });

  it('does not wait for ever on a server that does not know of it', async () => {
    let bytes = 0;
    const old = await server(() => {}, {
      onConnection: (socket) =>
        socket.on('data', (piece) => {
          bytes += piece.length;
          if (bytes > BYTES) socket.write(answer());
        }),
    });
    const { send, recorder } = poolRig(old.url, {
      requests: [put(fileBody('unasked', content), { expectContinue: true })],
    });
    await send(1);
    expect(recorder.totals().ok).toBe(1);
  });
});

/** As Node's own client reads it. */
function formOf({ headers, body }: Received): Promise<FormData> {
  const type = { 'content-type': headers['content-type']! };
  return new Response(new Uint8Array(body), { headers: type }).formData();
}

describe('a form of several parts', () => {
  it('holds texts and files as a server reads them', async () => {
    received.splice(0);
    const text = (data: string): Body => ({ encoding: 'utf8', data });
    const body: Body = {
      ...text(''),
      parts: [
        { name: 'name', fileName: null, contentType: null, body: text('größe ${secret:WORD}') },
        { name: 'a "b"', fileName: 'c"d.txt', contentType: 'text/plain', body: text('x\r\ny') },
        {
          name: 'photo',
          fileName: 'p.bin',
          contentType: 'application/octet-stream',
          body: fileBody('photo', content.subarray(0, 500_000)),
        },
      ],
    };
    const { send, recorder } = poolRig(url, {
      requests: [put(body, { method: 'POST' })],
      secrets: { WORD: 'sesame' },
    });
    await send(2);
    expect(recorder.totals().ok).toBe(2);
    const [one, two] = received;
    expect(one!.sha256).toBe(two!.sha256);
    const form = await formOf(one!);
    expect([...form.keys()]).toEqual(['name', 'a "b"', 'photo']);
    expect(form.get('name')).toBe('größe sesame');
    const [note, photo] = [form.get('a "b"') as File, form.get('photo') as File];
    expect([note.name, note.type, await note.text()]).toEqual(['c"d.txt', 'text/plain', 'x\r\ny']);
    expect(sha256(Buffer.from(await photo.arrayBuffer()))).toBe(
      sha256(content.subarray(0, 500_000)),
    );
  });

  it('of texts alone is one write, and reads as a form', async () => {
    received.splice(0);
    const body: Body = {
      encoding: 'utf8',
      data: '',
      parts: [
        { name: 'a', fileName: null, contentType: null, body: { encoding: 'utf8', data: 'ü' } },
        {
          name: 'b',
          fileName: 'b.txt',
          contentType: 'text/x',
          body: { encoding: 'base64', data: Buffer.from('two').toString('base64') },
        },
      ],
    };
    await poolRig(url, { requests: [put(body)] }).send(1);
    const form = await formOf(received[0]!);
    expect(form.get('a')).toBe('ü');
    const file = form.get('b') as File;
    expect([file.name, file.type, await file.text()]).toEqual(['b.txt', 'text/x', 'two']);
  });
});

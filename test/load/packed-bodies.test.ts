import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BodyRoom, KeptBody } from '../../lib/load/kept-body.js';
import type { Expect } from '../../lib/plan/plan.js';
import { GET, poolRig, server } from '../support/pool-rig.js';

const says = (text: string): Expect => ({
  status: null,
  headers: [],
  body: [{ kind: 'contains', text }],
});

function packed(coding: string, body: Uint8Array, status = 200): Buffer {
  const head = `HTTP/1.1 ${status} X\r\nContent-Encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

const TEXT = 'the answer is 42, '.repeat(500);

describe('a packed body', () => {
  it.each([
    ['gzip', gzipSync(TEXT)],
    ['x-gzip', gzipSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['deflate', deflateRawSync(TEXT)],
    ['identity', Buffer.from(TEXT)],
    ['GZIP, br', brotliCompressSync(gzipSync(TEXT))],
  ])('in %s is looked into as it was before', async (coding, body) => {
    const target = await server((socket) => socket.write(packed(coding, body)));
    const { send, recorder, content } = poolRig(target.url, {
      requests: [
        { ...GET, expect: says('answer is 42') },
        { ...GET, name: 'b', expect: says('43') },
      ],
    });
    await send(2);
    await send(1, 1);
    expect(recorder.totals()).toMatchObject({ ok: 2, failed: 1 });
    expect(content().errors).toMatchObject([
      { code: 1712, sample: expect.stringMatching(/^the answer is 42/) },
    ]);
  });

  it('is not unpacked where nobody looks into it: what is no gzip does not matter', async () => {
    const target = await server((socket) => socket.write(packed('gzip', Buffer.from('no gzip'))));
    const { send, recorder } = poolRig(target.url);
    await send(2);
    expect(recorder.totals()).toMatchObject({ ok: 2 });
  });

  it('of a failed answer is unpacked for its sample, however much follows', async () => {
    let seed = 1;
    const random = () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return seed;
    };
    const noise = Array.from({ length: 5_000 }, random).join(' ');
    const body = gzipSync(`not today: ${noise}`);
    expect(body.length).toBeGreaterThan(2_000);
    const target = await server((socket) => socket.write(packed('gzip', body, 500)));
    const { send, content } = poolRig(target.url);
    await send(1);
    expect(content().errors).toMatchObject([
      { code: 1500, sample: expect.stringMatching(/^not today: \d+ \d+/) },
    ]);
  });

  it.each([
    ['gzip', Buffer.from('this is no gzip')],
    ['gzip', gzipSync(TEXT).subarray(0, 30)],
    ['br', Buffer.from('nor brotli')],
    ['deflate', Buffer.from('nor deflate')],
    ['zstd', Buffer.from('nobody asked for it')],
    ['gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(TEXT)))],
  ])('in %s that cannot be unpacked has a class of its own', async (coding, body) => {
    const target = await server((socket) => socket.write(packed(coding, body)));
    const { send, content } = poolRig(target.url, { requests: [{ ...GET, expect: says('x') }] });
    await send(1);
    expect(content().errors).toMatchObject([{ code: 1234 }]);
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(64 << 20))],
    ['br', brotliCompressSync(Buffer.alloc(64 << 20))],
    ['deflate', deflateSync(Buffer.alloc(64 << 20))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(64 << 20)))],
  ])('in %s that would fill the memory is given up', async (coding, body) => {
    expect(body.length).toBeLessThan(100_000);
    const target = await server((socket) => socket.write(packed(coding, body)));
    const { send, content } = poolRig(target.url, { requests: [{ ...GET, expect: says('x') }] });
    await send(2);
    expect(content().errors).toMatchObject([
      { code: 1233, count: 2, sample: expect.stringMatching(/gzip|br|deflate/) },
    ]);
  });
});

describe('of a large body', () => {
  const large = (begins: string) => {
    const body = Buffer.concat([Buffer.from(begins), Buffer.alloc(3 << 20, 'x')]);
    return Buffer.concat([
      Buffer.from(`HTTP/1.1 200 X\r\ncontent-length: ${body.length}\r\n\r\n`),
      body,
    ]);
  };

  it('the beginning is looked into, and the end is said not to be', async () => {
    const target = await server((socket) => socket.write(large('needle')));
    const { send, recorder, content } = poolRig(target.url, {
      requests: [
        { ...GET, expect: says('needle') },
        { ...GET, name: 'b', expect: says('haystack') },
      ],
    });
    await send(1);
    await send(1, 1);
    expect(recorder.totals()).toMatchObject({ ok: 1, failed: 1 });
    expect(content().errors).toMatchObject([
      {
        code: 1233,
        message: expect.stringMatching(/as much of the body as is kept/),
        sample: expect.stringMatching(/^needlex/),
      },
    ]);
  });

  it('as much is kept as there is room for, which is given back', () => {
    const room = new BodyRoom();
    const piece = Buffer.alloc(1 << 20, 'a');
    const bodies = Array.from({ length: 300 }, () => new KeptBody(room, '', 1 << 20));
    for (const body of bodies) body.add(piece, 0, piece.length);
    const whole = bodies.filter((body) => body.whole);
    expect(whole).toHaveLength(256);
    for (const body of bodies) body.free();
    const next = new KeptBody(room, '', 1 << 20);
    next.add(piece, 0, piece.length);
    expect(next.whole).toBe(true);
    expect(next.unpacked().equals(piece)).toBe(true);
  });

  it('each piece is copied once or twice, in whatever pieces it comes', () => {
    const body = new KeptBody(new BodyRoom(), '', 1 << 20);
    const byte = Buffer.from('ab');
    for (let i = 0; i < 200_000; i++) body.add(byte, i % 2, (i % 2) + 1);
    expect(body.size).toBe(200_000);
    expect(body.unpacked().toString('latin1')).toBe('ab'.repeat(100_000));
  });
});

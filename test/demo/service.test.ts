import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startOwnThread } from '../../lib/demo/own-thread.js';
import { type Character, type Service, startService } from '../../lib/demo/service.js';
import { UnavailableError } from '../../lib/errors.js';

const THREAD = new URL('../../dist/lib/demo/service-thread.js', import.meta.url);
const CALM: Character = {
  seed: 1,
  slowStart: { forMs: 1, extraMs: 0 },
  stall: { everyMs: 600_000, forMs: 0 },
};

let service: Service | null = null;
afterEach(async () => {
  await service?.close();
  service = null;
});

async function tookMs(url: string): Promise<number> {
  const fromMs = performance.now();
  await (await fetch(url)).arrayBuffer();
  return performance.now() - fromMs;
}

describe('the demo service', () => {
  it('speaks HTTP on loopback, and takes a body', async () => {
    service = await startService(CALM);
    expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const page = await fetch(service.url);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/plain/);
    const paid = await fetch(`${service.url}/payments`, { method: 'POST', body: '{"amount":1}' });
    expect([201, 503]).toContain(paid.status);
    await expect(paid.json()).resolves.toBeTypeOf('object');
  });

  it('is slow at first, until it is warm', async () => {
    service = await startService({ ...CALM, slowStart: { forMs: 600_000, extraMs: 150 } });
    expect(await tookMs(service.url)).toBeGreaterThan(140);
    await service.close();
    service = await startService({ ...CALM, slowStart: { forMs: 50, extraMs: 150 } });
    const times: number[] = [];
    for (let i = 0; i < 15; i++) times.push(await tookMs(service.url));
    expect(times.slice(5).sort((a, b) => a - b)[5]).toBeLessThan(140);
  });

  it('stands still as a whole now and then, and on its own thread alone', async () => {
    service = await startOwnThread({ ...CALM, stall: { everyMs: 400, forMs: 250 } }, 0, THREAD);
    const { url } = service;
    await tookMs(url);
    const asked: Promise<number>[] = [];
    // Asked every ten milliseconds for as long as two stalls come round.
    await new Promise<void>((resolve) => {
      const asking = setInterval(() => {
        asked.push(tookMs(url));
        if (asked.length < 100) return;
        clearInterval(asking);
        resolve();
      }, 10);
    });
    const times = (await Promise.all(asked)).sort((a, b) => a - b);
    // This thread went on asking while the service stood still: many waited, and most did not.
    expect(times.filter((ms) => ms > 100).length).toBeGreaterThan(10);
    expect(times.at(-1)).toBeGreaterThan(200);
    expect(times[25]).toBeLessThan(100);
  });

  it('says so where its port is taken', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as { port: number };
    const starting = startOwnThread(CALM, port, THREAD);
    await expect(starting).rejects.toThrow(UnavailableError);
    await expect(starting).rejects.toThrow(`port ${port} of this machine is in use`);
    await new Promise((resolve) => squatter.close(resolve));
  });
});

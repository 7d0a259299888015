import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Dialled } from '../../lib/load/dial.js';
import { EmulatedPath } from '../../lib/load/emulated-path.js';
import type { Failure } from '../../lib/load/failure.js';
import { Pacer } from '../../lib/load/pacer.js';
import { RunClock } from '../../lib/load/run-clock.js';
import type { EmulatedDistance } from '../../lib/plan/frozen-plan.js';
import { quietMedian } from '../support/quiet-rounds.js';
import { answer, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function server(...args: Parameters<typeof scriptedServer>): Promise<ScriptedServer> {
  const made = await scriptedServer(...args);
  closing.push(() => made.close());
  return made;
}

function path(over: Partial<EmulatedDistance> = {}, clock = new RunClock()): EmulatedPath {
  const pacer = new Pacer('spin', clock);
  const made = new EmulatedPath(
    { roundTripUs: 80_000, jitterUs: 0, loss: 0, ...over },
    9,
    clock,
    pacer,
  );
  pacer.add(made);
  closing.push(() => pacer.remove(made));
  return made;
}

const hang = (socket: Socket) => socket.write(answer());

function opened(
  { dial }: EmulatedPath,
  { port, url }: ScriptedServer,
  timeoutUs = 5e6,
): { readonly done: Promise<Dialled | Failure>; giveUp(): void } {
  let giveUp = () => {};
  const secure = url.startsWith('https');
  const to = { host: '127.0.0.1', port, secure, insecure: true, timeoutUs };
  const done = new Promise<Dialled | Failure>((resolve) => {
    giveUp = dial(to, '127.0.0.1', (failure, dialled) => resolve(dialled ?? failure!));
  });
  closing.push(() => done.then((one) => 'wire' in one && one.wire.socket.destroy()));
  return { done, giveUp: () => giveUp() };
}

describe('round trips before the first request can be sent', () => {
  it.each([
    ['TCP alone', undefined, 1],
    ['TLS 1.3', 'TLSv1.3', 2],
    ['TLS 1.2', 'TLSv1.2', 3],
  ] as const)('%s pays its own', async (_, maxVersion, trips) => {
    const far = path();
    const target = await server(hang, maxVersion ? { tls: true, maxVersion } : {});
    const tls: number[] = [];
    const inAll = await quietMedian(async () => {
      const begunMs = performance.now();
      const dialled = await opened(far, target).done;
      const value = performance.now() - begunMs;
      if (!('wire' in dialled)) throw dialled;
      expect(dialled.tcpUs).toBeGreaterThanOrEqual(80_000);
      tls.push(dialled.tlsUs);
      return { value };
    });
    expect(inAll / 80).toBeGreaterThanOrEqual(trips);
    expect(inAll / 80).toBeLessThan(trips + 0.25);
    for (const us of tls) {
      if (trips === 1) expect(us).toBe(-1);
      else expect(us).toBeGreaterThanOrEqual((trips - 1) * 80_000);
    }
  });
});

describe('a connection that is on its way', () => {
  it('fails in the handshake when its time is over there', async () => {
    const target = await server(hang, { tls: true, maxVersion: 'TLSv1.2' });
    const failed = await opened(path({ roundTripUs: 300_000 }), target, 500_000).done;
    expect(failed).toMatchObject({
      code: 1300,
      message: expect.stringContaining('the TLS handshake timed out'),
    });
  });

  it('fails when the server closes it meanwhile', async () => {
    const target = await server(hang, { onConnection: (socket) => socket.destroy() });
    expect(await opened(path(), target).done).toMatchObject({ code: 1220 });
  });

  it('tells its distance to the microsecond, however late it was let go', async () => {
    const target = await server(hang);
    const far = path({ roundTripUs: 100_000 });
    const { done } = opened(far, target);
    // Held from when the real connect is over.
    while (far.nextUs === Number.POSITIVE_INFINITY) await new Promise(setImmediate);
    const untilMs = performance.now() + 300;
    while (performance.now() < untilMs);
    const dialled = await done;
    if (!('wire' in dialled)) throw dialled;
    expect(dialled.tcpUs).toBeGreaterThanOrEqual(100_000);
    expect(dialled.tcpUs).toBeLessThan(200_000);
  });

  it('can be given up, once', async () => {
    const attempt = opened(path({ roundTripUs: 60_000_000 }), await server(hang));
    setTimeout(attempt.giveUp, 50);
    expect(await attempt.done).toMatchObject({ message: expect.stringContaining('given up') });
    attempt.giveUp();
  });

  it('is not delayed when the start instant becomes known meanwhile', async () => {
    const clock = new RunClock();
    const attempt = opened(path({ roundTripUs: 200_000 }, clock), await server(hang));
    const begunMs = performance.now();
    setTimeout(() => clock.startAt(clock.wallMs() + 20_000), 50);
    expect(await attempt.done).toHaveProperty('wire');
    expect(performance.now() - begunMs).toBeLessThan(10_000);
  });
});

describe('what is written', () => {
  it('arrives in the order in which it was written, whatever the jitter', async () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const seen = { text: '' };
    const target = await server(() => {}, {
      onConnection: (socket) => socket.on('data', (chunk) => (seen.text += chunk.toString())),
    });
    const dialled = await opened(path({ roundTripUs: 1_000, jitterUs: 50_000 }), target).done;
    if (!('wire' in dialled)) throw dialled;
    for (const letter of letters) dialled.wire.outlet.write(letter, 'latin1');
    await expect.poll(() => seen.text).toHaveLength(letters.length);
    expect(seen.text).toBe(letters);
  });
});

describe('what goes on after it was held back', () => {
  it('leaves in its order, once the first of it has waited its way', async () => {
    const heard: Buffer[] = [];
    const target = await server(() => {}, {
      onConnection: (socket) => socket.on('data', (bytes) => heard.push(bytes)),
    });
    const dialled = await opened(path({ roundTripUs: 40_000 }), target).done;
    if (!('wire' in dialled)) throw dialled;
    const { outlet, socket } = dialled.wire;
    const begunMs = performance.now();
    const gone = new Promise<number>((resolve) => {
      outlet.hold!('head ', () => {
        socket.write('body');
        resolve(performance.now() - begunMs);
      });
    });
    expect(await gone).toBeGreaterThanOrEqual(39);
    const again = new Promise<number>((resolve) => {
      outlet.hold!('', () => resolve(performance.now() - begunMs));
    });
    expect(await again).toBeGreaterThanOrEqual(78);
    expect(Buffer.concat(heard).toString()).toBe('head body');
  });
});

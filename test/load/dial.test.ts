import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Destination, type Dialled, dial } from '../../lib/load/dial.js';
import { Failure } from '../../lib/load/failure.js';
import { server } from '../support/pool-rig.js';

it.each([false, true])(
  'the time of a TCP connect is that of the path, not of what else is done meanwhile (TLS: %s)',
  async (tls) => {
    const { port } = await server(() => {}, { tls });
    const to = { host: '127.0.0.1', port, secure: tls, insecure: true, timeoutUs: 5e6 };
    const opening = new Promise<Dialled>((resolve, reject) => {
      dial(to, '127.0.0.1', (failure, dialled) => (dialled ? resolve(dialled) : reject(failure)));
    });
    // As when many are begun in one turn: what comes first goes out last.
    const busyMs = 300;
    const untilMs = performance.now() + busyMs;
    while (performance.now() < untilMs);
    const { tcpUs, wire } = await opening;
    wire.socket.destroy();
    expect(tcpUs).toBeGreaterThan(0);
    expect(tcpUs).toBeLessThan((busyMs * 1_000) / 2);
  },
);

describe('a dial that is guarded', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const one of servers.splice(0)) one.close();
  });

  /** A server that counts who comes and what they say. */
  async function listener() {
    const heard = { connections: 0, bytes: 0 };
    const listening = createServer((socket) => {
      heard.connections++;
      socket.on('data', (bytes) => {
        heard.bytes += bytes.length;
      });
      socket.on('error', () => {});
    });
    servers.push(listening);
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    return { heard, port: (listening.address() as { port: number }).port };
  }

  const forbidden = new Failure(1110, 'not there');
  const opening = (port: number, secure: boolean, guard: Destination['guard']) =>
    new Promise<Failure | null>((resolve) => {
      const to = { host: 'shop.test', port, secure, insecure: true, timeoutUs: 5e6, guard };
      dial(to, '127.0.0.1', (failure, dialled) => {
        dialled?.wire.socket.destroy();
        resolve(failure);
      });
    });

  it('connects to no address that is forbidden', async () => {
    const { heard, port } = await listener();
    expect(await opening(port, false, { refusal: () => forbidden })).toBe(forbidden);
    expect(heard).toEqual({ connections: 0, bytes: 0 });
  });

  it.each([false, true])(
    'sends not a byte to whoever else is at the other end (TLS: %s)',
    async (secure) => {
      const { heard, port } = await listener();
      const asked: string[] = [];
      const guard = {
        refusal: (address: string) => {
          asked.push(address);
          return asked.length === 1 ? null : forbidden;
        },
      };
      expect(await opening(port, secure, guard)).toBe(forbidden);
      expect(asked).toEqual(['127.0.0.1', '127.0.0.1']);
      // The connection itself was made; had it brought a byte, that would be here by now.
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(heard).toEqual({ connections: 1, bytes: 0 });
    },
  );

  it('calls back once, also where it is given up before', async () => {
    const failures: (Failure | null)[] = [];
    const to = { host: 'shop.test', port: 1, secure: false, insecure: false, timeoutUs: 5e6 };
    const giveUp = dial({ ...to, guard: { refusal: () => forbidden } }, '127.0.0.1', (failure) => {
      failures.push(failure);
    });
    expect(failures).toEqual([]);
    giveUp();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(failures.map((failure) => failure?.code)).toEqual([1000]);
  });

  it('goes on as ever where nothing is forbidden', async () => {
    const { heard, port } = await listener();
    expect(await opening(port, false, { refusal: () => null })).toBeNull();
    expect(heard.bytes).toBe(0);
  });
});

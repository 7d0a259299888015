import { expect, it } from 'vitest';
import { type Dialled, dial } from '../../lib/load/dial.js';
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

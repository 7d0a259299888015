import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** Listens with the least backlog and never accepts. */
const DEAF = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;
const PATIENCE_MS = 150;

/** A port where connects are neither taken nor refused, as behind a firewall that drops them. */
export async function fullBacklog(): Promise<{ url: string; close(): Promise<unknown> }> {
  const worker = new Worker(DEAF, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const waiting: Socket[] = [];
  for (let taken = true; taken; ) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    waiting.push(socket);
    taken = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      setTimeout(resolve, PATIENCE_MS, false);
    });
  }
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      for (const socket of waiting) socket.destroy();
      return worker.terminate();
    },
  };
}

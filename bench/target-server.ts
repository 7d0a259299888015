import { createServer, type Server, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

/**
 * A target with a known character, for benchmarks and tests: raw HTTP/1.1 over TCP, so that the
 * server costs as little as possible and knows exactly what it did.
 */
export interface Character {
  /** Stops as a whole: reads nothing, answers nothing. */
  readonly stall?: { readonly everyMs: number; readonly forMs: number };
  /** Holds one request in `oneIn` for a while and answers all others at once. */
  readonly hold?: { readonly oneIn: number; readonly forMs: number };
  /** Answers no more than this many a second, in order. */
  readonly perSecond?: number;
  /** Answers after this long. */
  readonly delayMs?: number;
  /** Status of every answer. */
  readonly status?: number;
  /** Body of every answer. */
  readonly body?: string;
}

export interface Target {
  readonly url: string;
  readonly port: number;
  /** Requests read whole. */
  count(): number;
  /** The most that were being answered at once. */
  most(): number;
  /** Connections that are open now. */
  connections(): number;
  /** Every stall so far, ms since the epoch. */
  stalls(): readonly (readonly [number, number])[];
  close(): Promise<void>;
}

const END = Buffer.from('\r\n\r\n');

export async function startTarget(character: Character = {}, port = 0): Promise<Target> {
  const body = character.body ?? 'Hello world!';
  const answer = Buffer.from(
    `HTTP/1.1 ${character.status ?? 200} OK\r\nserver: target\r\ndate: Sat, 21 Nov 2026 09:00:00 GMT\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\ncache-control: no-store\r\nconnection: keep-alive\r\n\r\n${body}`,
  );
  const sockets = new Set<Socket>();
  const stalls: [number, number][] = [];
  let count = 0;
  let inHand = 0;
  let most = 0;
  let freeAtMs = 0;

  const reply = (socket: Socket) => {
    inHand--;
    if (!socket.destroyed) socket.write(answer);
  };
  const request = (socket: Socket) => {
    count++;
    most = Math.max(most, ++inHand);
    const { hold, perSecond, delayMs } = character;
    if (hold && count % hold.oneIn === 0) setTimeout(reply, hold.forMs, socket);
    else if (perSecond) {
      const nowMs = performance.now();
      freeAtMs = Math.max(freeAtMs, nowMs) + 1000 / perSecond;
      setTimeout(reply, freeAtMs - nowMs, socket);
    } else if (delayMs) setTimeout(reply, delayMs, socket);
    else reply(socket);
  };

  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let unread: Buffer | null = null;
    let bodyLeft = 0;
    socket.on('data', (chunk) => {
      let data = unread ? Buffer.concat([unread, chunk]) : chunk;
      unread = null;
      while (data.length > 0) {
        if (bodyLeft > 0) {
          const part = Math.min(bodyLeft, data.length);
          bodyLeft -= part;
          data = data.subarray(part);
          if (bodyLeft === 0) request(socket);
          continue;
        }
        const at = data.indexOf(END);
        if (at < 0) {
          unread = data;
          return;
        }
        const head = data.toString('latin1', 0, at);
        data = data.subarray(at + END.length);
        const length = /^content-length: *(\d+)/im.exec(head);
        bodyLeft = length ? Number(length[1]) : 0;
        if (bodyLeft === 0) request(socket);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: bound } = server.address() as { port: number };

  const { stall } = character;
  const still = new Int32Array(new SharedArrayBuffer(4));
  const timer = stall
    ? setInterval(() => {
        const fromMs = performance.timeOrigin + performance.now();
        // The thread really stops; spinning would take the core from whoever measures.
        Atomics.wait(still, 0, 0, stall.forMs);
        stalls.push([fromMs, performance.timeOrigin + performance.now()]);
      }, stall.everyMs)
    : null;

  return {
    url: `http://127.0.0.1:${bound}/`,
    port: bound,
    count: () => count,
    most: () => most,
    connections: () => sockets.size,
    stalls: () => stalls,
    close: () =>
      new Promise((resolve) => {
        if (timer) clearInterval(timer);
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Shop } from './shop.js';

/** How the demo service behaves. Times count from its first request. */
export interface Character {
  readonly seed: number;
  /** At first every answer takes up to so much longer, less and less until it is over. */
  readonly slowStart: { readonly forMs: number; readonly extraMs: number };
  /** Every so often the whole service stands still: it reads nothing and answers nothing. */
  readonly stall: { readonly everyMs: number; readonly forMs: number };
}

/** Eventful enough for a tour of 20 seconds. */
export function tourCharacter(seed: number): Character {
  return {
    seed,
    slowStart: { forMs: 2_500, extraMs: 60 },
    stall: { everyMs: 7_500, forMs: 1_200 },
  };
}

export interface Service {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the service on loopback, on this thread, which it stops whenever it stalls. */
export async function startService(character: Character, port = 0): Promise<Service> {
  const shop = new Shop(character.seed);
  const { slowStart } = character;
  let openedAtMs = Number.NaN;
  let stalling: NodeJS.Timeout | null = null;

  const open = () => {
    openedAtMs = performance.now();
    stalling = stallEvery(character.stall, (timer) => {
      stalling = timer;
    });
  };
  const server = createServer((request, response) => {
    if (Number.isNaN(openedAtMs)) open();
    const { status, delayMs, body } = shop.answer(request.method ?? 'GET', request.url ?? '/');
    const cold = Math.max(0, 1 - (performance.now() - openedAtMs) / slowStart.forMs);
    const type = body.startsWith('{') ? 'application/json' : 'text/plain; charset=utf-8';
    request.resume();
    setTimeout(
      () => {
        response.writeHead(status, { 'content-type': type, 'content-length': body.length });
        response.end(body);
      },
      delayMs + cold * slowStart.extraMs,
    );
  });
  // Longer than any tour: a connection that is closed in between is another lesson.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        if (stalling) clearTimeout(stalling);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Stalls begin at whole multiples of `everyMs`, however long the last one took. */
function stallEvery(
  { everyMs, forMs }: Character['stall'],
  armed: (timer: NodeJS.Timeout) => void,
): NodeJS.Timeout {
  const still = new Int32Array(new SharedArrayBuffer(4));
  let nextAtMs = performance.now() + everyMs;
  const stall = () => {
    // The thread sleeps: spinning would take a core from whoever measures.
    Atomics.wait(still, 0, 0, forMs);
    nextAtMs += everyMs;
    armed(setTimeout(stall, nextAtMs - performance.now()));
  };
  return setTimeout(stall, everyMs);
}

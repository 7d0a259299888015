import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect } from 'vitest';

/** A server of one test's own that knows what it heard. `/broken` fails, all else is well. */
export interface HearingTarget {
  readonly url: string;
  /** Requests so far, and when the last of them came, ms since the epoch. */
  readonly heard: number;
  readonly heardAtMs: number;
  /** The load has really begun, and come so far. */
  heardSo(many: number): Promise<void>;
  expectSilence(): Promise<void>;
}

/** Makes targets that are closed when the test file is done. */
export function hearingTargets(answersAfterMs: number): () => Promise<HearingTarget> {
  const closing: (() => void)[] = [];
  afterAll(() => {
    for (const close of closing) close();
  });
  return async () => {
    let heard = 0;
    let heardAtMs = 0;
    const waiting: { readonly many: number; readonly tell: () => void }[] = [];
    const server = createServer((request, response) => {
      heard++;
      heardAtMs = Date.now();
      for (const { many, tell } of waiting) if (many === heard) tell();
      response.statusCode = request.url === '/broken' ? 500 : 200;
      setTimeout(() => response.end('hello'), answersAfterMs);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return {
      url: `http://127.0.0.1:${(server.address() as { port: number }).port}/`,
      get heard() {
        return heard;
      },
      get heardAtMs() {
        return heardAtMs;
      },
      heardSo: (many) =>
        new Promise((resolve) => {
          if (heard >= many) resolve();
          else waiting.push({ many, tell: resolve });
        }),
      expectSilence: async () => {
        const before = heard;
        await sleep(700);
        expect(heard).toBe(before);
      },
    };
  };
}

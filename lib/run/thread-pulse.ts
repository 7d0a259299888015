import type { Worker } from 'node:worker_threads';

/** Asked of a thread, and answered by it as soon as it does anything at all. */
export const PULSE = 'pulse';

/** In this time it has not read control, either: what it measures counts for nothing any more. */
const PATIENCE = { heldMs: 20_000, everyMs: 2_000 };

/**
 * Finds out that code does not give its thread back, which nothing on that thread can. What is
 * counted are questions without an answer, so that a machine that slept is no reason.
 */
export class ThreadPulse {
  readonly #timer: NodeJS.Timeout;
  #unanswered = 0;

  constructor(worker: Worker, held: () => void, { heldMs, everyMs } = PATIENCE) {
    worker.on('message', (message) => {
      if (message === PULSE) this.#unanswered = 0;
    });
    this.#timer = setInterval(() => {
      if (this.#unanswered * everyMs >= heldMs) {
        this.end();
        held();
        return;
      }
      this.#unanswered++;
      worker.postMessage(PULSE);
    }, everyMs).unref();
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

/** Why a thread was ended that carried out the code of these flows. */
export function heldText(flows: readonly string[]): string {
  const whose = flows.length === 1 ? `flow ${flows[0]}` : `flows ${flows.join(', ')}`;
  return `the code of ${whose} kept its thread for ${PATIENCE.heldMs / 1000} s without a break and was ended: look for a loop that waits for nothing`;
}

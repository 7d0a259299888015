import { performance } from 'node:perf_hooks';
import type { CodeUse } from '../measure/manifest.js';

/** What stood still for as long is felt by whatever is due meanwhile. */
const HOG_US = 10_000;

/**
 * Hands control to the code of a flow and sees how long it keeps it: nothing else happens on the
 * thread until it waits for something. The second callback comes after the first one and all that
 * followed at once from it.
 */
export class CodeTurns {
  readonly #flow: string;
  #turns = 0;
  #totalUs = 0;
  #longestUs = 0;
  #hogs = 0;

  constructor(flow: string) {
    this.#flow = flow;
  }

  get use(): CodeUse {
    const [flow, turns, totalUs] = [this.#flow, this.#turns, Math.round(this.#totalUs)];
    return { flow, turns, totalUs, longestUs: Math.round(this.#longestUs), hogs: this.#hogs };
  }

  give(turn: () => void, over: () => void): void {
    let fromMs = 0;
    setImmediate(() => {
      fromMs = performance.now();
      turn();
    });
    setImmediate(() => {
      const us = (performance.now() - fromMs) * 1000;
      this.#turns++;
      this.#totalUs += us;
      if (us > this.#longestUs) this.#longestUs = us;
      if (us >= HOG_US) this.#hogs++;
      over();
    });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { StopOrder } from '../store/control.js';
import type { RunFiles } from '../store/run-files.js';
import { orderStop } from './orchestrate.js';

/** Asks a run to stop, at any time: before it has begun, too. */
export class StopSwitch {
  #order: StopOrder | null = null;
  #listener: ((order: StopOrder) => void) | null = null;

  order(by: StopOrder['by'], cause: string): void {
    if (this.#order) return;
    this.#order = { atMs: Date.now(), by, cause };
    this.#listener?.(this.#order);
  }

  /** Calls back once with the order, at once when it has been given already. */
  listen(listener: (order: StopOrder) => void): void {
    this.#listener = listener;
    if (this.#order) listener(this.#order);
  }
}

const AGAIN_MS = 50;

/** The order may come before there is a control to write it into, or a store that takes it. */
export async function orderWhenPossible(
  files: RunFiles,
  order: StopOrder,
  {
    over,
    onTrouble,
  }: {
    /** The run has ended: nothing is left to be stopped. */
    readonly over: () => boolean;
    readonly onTrouble?: (message: string) => void;
  },
): Promise<void> {
  while (!over()) {
    try {
      await orderStop(files, order);
      return;
    } catch (error) {
      onTrouble?.((error as Error).message);
    }
    await sleep(AGAIN_MS);
  }
}

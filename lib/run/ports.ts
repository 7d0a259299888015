import type { ShardRef } from '../plan/frozen-plan.js';

/** Starts workers somewhere: threads of this machine, or functions in many regions. */
export interface Invoker {
  /** Asks for one attempt of a shard. That it was accepted says nothing about whether it runs. */
  start(ref: ShardRef): Promise<void>;
  /** Why this attempt cannot be running any more, where that is known; null otherwise. */
  gone(ref: ShardRef): string | null;
}

export interface Clock {
  /** Wall clock, ms since the epoch. */
  nowMs(): number;
}

/**
 * How progress is remembered. Here the journal just calls; in the cloud it is a durable function,
 * which may run any block again, at any point: every block changes nothing by that.
 */
export interface Journal {
  once<T>(name: string, block: () => Promise<T>): Promise<T>;
  sleepUntil(atMs: number): Promise<void>;
}

export const wallClock: Clock = { nowMs: () => Date.now() };

export const plainJournal: Journal = {
  once: (_name, block) => block(),
  sleepUntil: (atMs) =>
    new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - Date.now()))),
};

import { setTimeout as sleep } from 'node:timers/promises';
import type { ShardRef } from '../plan/frozen-plan.js';
import type { RunEnd } from '../store/control.js';
import type { Place } from '../store/run-files.js';

/** Starts workers somewhere: threads of this machine, or functions in many regions. */
export interface Invoker {
  /**
   * Asks for one attempt of a shard. That it was accepted says nothing about whether it runs.
   * Rejects with an UnavailableError where it was not even accepted.
   */
  start(ref: ShardRef): Promise<void>;
  /** Why this attempt cannot be running any more, where that is known; null otherwise. */
  gone(ref: ShardRef): string | null;
}

/** Makes a report of what was measured, elsewhere: each call only asks for it. */
export interface Merger {
  place(place: Place): Promise<void>;
  run(end: RunEnd): Promise<void>;
}

export interface Clock {
  /** Wall clock, ms since the epoch. */
  nowMs(): number;
}

/** Whoever leads a run waits by the clock that tells it the time, and by nothing else. */
export interface Timekeeper extends Clock {
  sleep(ms: number): Promise<void>;
}

/**
 * How progress is remembered. Here the journal just calls; in the cloud it is a durable function,
 * which may run any block again, at any point: every block changes nothing by that.
 */
export interface Journal {
  /** What the block gives is kept, so it must be small, and JSON. */
  once<T>(name: string, block: () => Promise<T>): Promise<T>;
  /** Between two blocks: so that whoever runs them is put away, and begins afresh. */
  pause(ms: number): Promise<void>;
}

export const wallClock: Timekeeper = { nowMs: () => Date.now(), sleep: (ms) => sleep(ms) };

/** Whoever is never put away need not pause either. */
export const plainJournal: Journal = {
  once: (_name, block) => block(),
  pause: async () => {},
};

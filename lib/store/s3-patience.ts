import { setTimeout as sleep } from 'node:timers/promises';
import { s3Outcome } from './s3-trouble.js';
import type { Turns } from './s3-turns.js';

/** How long S3 is waited for; all ms. */
export interface S3Patience {
  /** For a connection. */
  readonly connectMs: number;
  /** For an answer to begin, and for the next part of one; a large object gets more. */
  readonly attemptMs: number;
  /** For a call, over all its attempts: none is begun after that. */
  readonly withinMs: number;
  /** The longest pause before the first retry; doubled for each one more. */
  readonly backoffMs: number;
}

export const S3_PATIENCE: S3Patience = {
  connectMs: 2_000,
  attemptMs: 3_000,
  withinMs: 15_000,
  backoffMs: 100,
};

const LONGEST_PAUSE_MS = 3_000;

/**
 * Attempts again what failed for now. The pauses are random from nothing to their limit, so that
 * many who failed at once do not come back at once.
 */
export async function persist<T>(
  attempt: () => Promise<T>,
  { withinMs, backoffMs }: S3Patience,
  turns: Turns,
  retried: () => void,
): Promise<T> {
  let untilMs: number | null = null;
  for (let tries = 0; ; tries++) {
    try {
      return await turns.take(() => {
        // From the first attempt on: however many others there are, this one has its time.
        untilMs ??= performance.now() + withinMs;
        return attempt();
      });
    } catch (error) {
      const outcome = s3Outcome(error);
      if (outcome !== 'unsure' && outcome !== 'refused for now') throw error;
      const pauseMs = Math.random() * Math.min(LONGEST_PAUSE_MS, backoffMs * 2 ** tries);
      if (performance.now() + pauseMs >= (untilMs ?? 0)) throw error;
      await sleep(pauseMs);
      retried();
    }
  }
}

/** Gives up after a time, whatever the SDK makes of being stopped. */
export async function inTime<T>(
  withinMs: number,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(withinMs);
  try {
    return await send(signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../errors.js';
import type { RunFiles } from '../store/run-files.js';
import { type Clock, wallClock } from './ports.js';

/** How an order became a run, or did not. */
export type Begun =
  | { readonly kind: 'begun' }
  /** The execution that was to lead it is over, and why. */
  | { readonly kind: 'failed'; readonly cause: string }
  /** Nobody has taken it up in the time that there was. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'left' };

const PATIENCE_MS = 90_000;
const LOOK_MS = 500;
const ASK_MS = 5_000;
const OVER = ['FAILED', 'TIMED_OUT', 'STOPPED', 'SUCCEEDED'];

export interface BeginOptions {
  readonly signal?: AbortSignal;
  readonly patienceMs?: number;
  readonly clock?: Pick<Clock, 'nowMs'>;
  readonly wait?: (ms: number) => Promise<void>;
  /** How the execution stands that is to lead the run, where that can be asked. */
  readonly ask?: () => Promise<{ readonly status: string; readonly cause: string | null }>;
}

/** Waits until the orchestrator has made the run known. */
export async function untilBegun(
  files: RunFiles,
  { signal, patienceMs = PATIENCE_MS, clock = wallClock, wait = sleep, ask }: BeginOptions = {},
): Promise<Begun> {
  const untilMs = clock.nowMs() + patienceMs;
  let askAtMs = clock.nowMs() + ASK_MS;
  let ordered = false;
  for (;;) {
    if (signal?.aborted) return { kind: 'left' };
    // Asked before it is looked: whoever is over by then has written what it was to write.
    const asked = ask !== undefined && clock.nowMs() >= askAtMs;
    const execution = asked ? await ask().catch(() => null) : null;
    if (asked) askAtMs = clock.nowMs() + ASK_MS;
    const state = await files.state.read().catch((error: unknown) => {
      if (ordered && error instanceof UnavailableError && clock.nowMs() < untilMs) return null;
      throw error;
    });
    if (state) return { kind: 'begun' };
    ordered ||= await files.inputs.any();
    if (!ordered) {
      throw new UnavailableError(`there is no run ${files.run} in ${files.store.address}`);
    }
    if (execution && OVER.includes(execution.status)) {
      return { kind: 'failed', cause: execution.cause ?? execution.status };
    }
    if (clock.nowMs() >= untilMs) return { kind: 'waiting' };
    await wait(LOOK_MS);
  }
}

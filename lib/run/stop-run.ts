import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError, UsageError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { RunState, StopOrder } from '../store/control.js';
import { runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { isLost, lastSeenMs } from './last-sign.js';
import { orderStop } from './orchestrate.js';
import { type Clock, wallClock } from './ports.js';

/** What became of asking a run to stop. */
export type StopOutcome =
  /** It had ended before it was asked, or has now: `order` is what ended it early. */
  | { readonly kind: 'over' | 'ended'; readonly state: RunState; readonly order: StopOrder | null }
  /** It was told, and has not ended in the time that there was. */
  | { readonly kind: 'told'; readonly order: StopOrder | null }
  /** It was told, and nobody is there to hear it. */
  | { readonly kind: 'silent'; readonly seenAtMs: number };

export interface StopOptions {
  /** How long to wait for its report. */
  readonly patienceMs?: number;
  readonly clock?: Pick<Clock, 'nowMs'>;
  /** Ends the durable execution that leads it, too: for one that does not hear. */
  readonly force?: (execution: string, cause: string) => Promise<void>;
}

const PATIENCE_MS = 15_000;
/** In the cloud its report is made by functions, which take their time to begin. */
const CLOUD_PATIENCE_MS = 60_000;
const LOOK_MS = 100;

/** Tells a run to stop, wherever it is led, and waits until it has its report. */
export async function stopRun(
  store: Store,
  run: string,
  { patienceMs, clock = wallClock, force }: StopOptions = {},
): Promise<StopOutcome> {
  const cause = force ? 'isochrone stop --force' : 'isochrone stop';
  const files = runFiles(store, run);
  const [before, frozen] = await Promise.all([stateOf(), files.plan.read()]);
  if (before.phase === 'ended') return { kind: 'over', state: before, order: orderOf(before) };
  // All has been sent and is being merged: an order that came now would change nothing.
  const order = before.phase === 'merging' ? orderOf(before) : await give();
  if (await isLost(files, before, clock.nowMs())) {
    return { kind: 'silent', seenAtMs: await lastSeenMs(files, before) };
  }
  if (force) await force(executionOf(frozen), cause);
  const usualMs = frozen?.where === 'aws' ? CLOUD_PATIENCE_MS : PATIENCE_MS;
  const untilMs = clock.nowMs() + (patienceMs ?? usualMs);
  while (clock.nowMs() < untilMs) {
    await sleep(LOOK_MS);
    const state = await stateOf();
    if (state.phase === 'ended') return { kind: 'ended', state, order: orderOf(state) };
  }
  return { kind: 'told', order };

  async function stateOf(): Promise<RunState> {
    const state = await files.state.read();
    if (state) return state;
    throw new UnavailableError(`there is no run ${run} in ${store.address}`);
  }

  function executionOf(plan: FrozenPlan | null): string {
    if (plan?.execution !== undefined) return plan.execution;
    throw new UsageError(
      `--force is for runs that are led on AWS; ${run} is led by a process of its own, and was told to stop`,
    );
  }

  /** The order that stands, ours or an earlier one. */
  async function give(): Promise<StopOrder | null> {
    const own: StopOrder = { atMs: clock.nowMs(), by: 'user', cause };
    return (await orderStop(files, own)).stop;
  }
}

function orderOf({ end }: RunState): StopOrder | null {
  return end?.kind === 'stopped' ? end.order : null;
}

import { UnavailableError } from '../errors.js';
import type { RunState, StopOrder } from '../store/control.js';
import { runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { isSilent, lastSeenMs } from './conclude.js';
import { orderStop } from './orchestrate.js';
import { type Clock, plainJournal, wallClock } from './ports.js';

/** What became of asking a run to stop. */
export type StopOutcome =
  /** It had ended before it was asked, or has now: `order` is what ended it early. */
  | { readonly kind: 'over' | 'ended'; readonly state: RunState; readonly order: StopOrder | null }
  /** It was told, and has not ended in the time that there was. */
  | { readonly kind: 'told'; readonly order: StopOrder | null }
  /** It was told, and nobody is there to hear it. */
  | { readonly kind: 'silent'; readonly seenAtMs: number };

const PATIENCE_MS = 15_000;
const LOOK_MS = 100;

/** Tells a run to stop, wherever it is led, and waits until it has its report. */
export async function stopRun(
  store: Store,
  run: string,
  { patienceMs = PATIENCE_MS, clock = wallClock }: { patienceMs?: number; clock?: Clock } = {},
): Promise<StopOutcome> {
  const files = runFiles(store, run);
  const before = await stateOf();
  if (before.phase === 'ended') return { kind: 'over', state: before, order: orderOf(before) };
  // All has been sent and is being merged: an order that came now would change nothing.
  const order = before.phase === 'merging' ? orderOf(before) : await give();
  const seenAtMs = await lastSeenMs(files, before);
  if (isSilent(seenAtMs, clock.nowMs())) return { kind: 'silent', seenAtMs };
  const untilMs = clock.nowMs() + patienceMs;
  while (clock.nowMs() < untilMs) {
    await plainJournal.sleepUntil(clock.nowMs() + LOOK_MS);
    const state = await stateOf();
    if (state.phase === 'ended') return { kind: 'ended', state, order: orderOf(state) };
  }
  return { kind: 'told', order };

  async function stateOf(): Promise<RunState> {
    const state = await files.state.read();
    if (state) return state;
    throw new UnavailableError(`there is no run ${run} in ${store.address}`);
  }

  /** The order that stands, ours or an earlier one. */
  async function give(): Promise<StopOrder | null> {
    const own: StopOrder = { atMs: clock.nowMs(), by: 'user', cause: 'isochrone stop' };
    return (await orderStop(files, own)).stop;
  }
}

function orderOf({ end }: RunState): StopOrder | null {
  return end?.kind === 'stopped' ? end.order : null;
}

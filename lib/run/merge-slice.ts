import { UnavailableError } from '../errors.js';
import type { RunFiles } from '../store/run-files.js';
import { keptPlaces } from './place-sum.js';
import type { Merger, Timekeeper } from './ports.js';
import type { Timing } from './timing.js';

/** How long the last leg's places may take before the whole is merged without them being so. */
export const PLACES_MS = 60_000;

interface MergeSetting {
  readonly merger: Merger;
  readonly clock: Timekeeper;
  readonly timing: Timing;
}

/** Has a run that is over merged and reported; false: that goes on. May be done again. */
export async function mergeSlice(
  files: RunFiles,
  { merger, clock, timing }: MergeSetting,
): Promise<boolean> {
  const begunMs = clock.nowMs();
  const untilMs = begunMs + timing.sliceMs;
  const [frozen, state, control] = await Promise.all([
    files.plan.read(),
    files.state.read(),
    files.control.read(),
  ]);
  if (!frozen || !state?.end) throw new UnavailableError(`${files.address} has not ended yet`);
  if (state.phase === 'ended') return true;
  // Of a leg that never went there is nothing to merge.
  const went = control?.legs.filter((leg) => leg.state === 'go').length ?? 0;
  const places = frozen.regions.length * went;
  const placesUntilMs = Math.min(begunMs + PLACES_MS, begunMs + timing.sliceMs / 2);
  while (clock.nowMs() < placesUntilMs) {
    if ((await keptPlaces(files)) >= places) break;
    await clock.sleep(timing.tickMs);
  }
  await merger.run(state.end);
  while (clock.nowMs() < untilMs) {
    await clock.sleep(timing.tickMs);
    if ((await files.state.read())?.phase === 'ended') return true;
  }
  return false;
}

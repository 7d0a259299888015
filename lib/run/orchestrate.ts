import { UnavailableError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Control, RunEnd, RunState, StopOrder } from '../store/control.js';
import type { Progress } from '../store/progress.js';
import type { RunFiles } from '../store/run-files.js';
import { firstMemory } from './cost-watch.js';
import { mergeSlice } from './merge-slice.js';
import type { Meter } from './meter.js';
import type { Invoker, Journal, Merger, Timekeeper } from './ports.js';
import { MOST_ASKED, PAUSE_MS, type Timing } from './timing.js';
import { watchSlice } from './watch-slice.js';

/** Everything that is decided before the first request, and why it must not be done, if so. */
export interface FreezeOutcome {
  readonly frozen: FrozenPlan;
  readonly refusal: string | null;
}

export interface OrchestrateSetting {
  /** null: another execution leads the run. */
  readonly freeze: () => Promise<FreezeOutcome | null>;
  readonly invoker: Invoker;
  readonly clock: Timekeeper;
  readonly journal: Journal;
  readonly timing: Timing;
  /** null: whoever called makes the report from what was measured. */
  readonly merger: Merger | null;
  /** Of this invocation; absent where nobody charges for it. */
  readonly meter?: Meter;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Takes a run through its life: freeze the plan, arm every leg's shards, fire them together, watch
 * them, and end when each has reported or is known to be gone. Everything that others must know is
 * in the store; whoever wants the run to stop writes `stop` into its control.
 *
 * It goes by slices, of which each reads what it must know and writes what the next one must: any
 * of them may be broken off at any point and done again. null: another execution leads the run.
 */
export async function orchestrate(
  files: RunFiles,
  setting: OrchestrateSetting,
): Promise<RunEnd | null> {
  const { journal, merger } = setting;
  const leads = await journal.once('freeze', async () => {
    const outcome = await setting.freeze();
    if (outcome === null || !(await freeze(outcome.frozen, files, setting))) return false;
    const { refusal: cause } = outcome;
    if (cause === null) return true;
    await orderStop(files, { atMs: setting.clock.nowMs(), by: 'cancelled', cause });
    return true;
  });
  if (!leads) return null;
  await journal.pause(PAUSE_MS);
  let end: RunEnd | null = null;
  while (end === null) {
    end = await journal.once('watch', () => watchSlice(files, setting));
    if (end === null) await journal.pause(PAUSE_MS);
  }
  if (merger === null) return end;
  await journal.pause(PAUSE_MS);
  for (let asked = 1; ; asked++) {
    if (await journal.once('merge', () => mergeSlice(files, { ...setting, merger }))) return end;
    if (asked === MOST_ASKED) break;
    await journal.pause(PAUSE_MS);
  }
  throw new UnavailableError(
    `merge was asked ${MOST_ASKED} times and made no report: its log says why`,
  );
}

/**
 * Makes the run known to all who look into the store; may be done again. False: another execution
 * has done so, and the run is that one's.
 */
export async function freeze(
  frozen: FrozenPlan,
  files: RunFiles,
  by: Partial<Pick<OrchestrateSetting, 'meter' | 'clock'>> = {},
): Promise<boolean> {
  if (!(await files.plan.create(frozen))) {
    const kept = await files.plan.read();
    if (kept?.execution !== frozen.execution) return false;
  }
  await files.control.create({
    schema: 'isochrone.control/1',
    startAtMs: null,
    legs: frozen.legs.map(() => ({ state: 'armed', void: [] })),
    stop: null,
  });
  if ((await files.state.read()) === null) {
    const { meter, clock } = by;
    const spent = meter && clock && frozen.site && firstMemory(meter, clock.nowMs());
    await writeState(files, frozen, { phase: 'arming', end: null, ...(spent && { spent }) });
  }
  return true;
}

export async function writeState(
  files: RunFiles,
  frozen: FrozenPlan,
  change: Pick<RunState, 'phase' | 'end'> & Partial<RunState>,
): Promise<void> {
  await files.state.write({
    schema: 'isochrone.state/1',
    run: frozen.run,
    name: frozen.plan.name,
    label: frozen.label,
    target: frozen.plan.target,
    createdAtMs: frozen.createdAtMs,
    endedAtMs: null,
    verdict: null,
    watch: null,
    ...change,
  });
}

/** Asks a run to stop; final, and the first order stands. */
export async function orderStop(files: RunFiles, order: StopOrder): Promise<Control> {
  return files.control.update((now) => ({ ...now, stop: order }));
}

import { UnavailableError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Control, RunEnd, RunState, StopOrder } from '../store/control.js';
import type { Progress } from '../store/progress.js';
import { type RunFiles, runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { AbortWatch } from './abort-watch.js';
import { LegWatch } from './leg-watch.js';
import type { Clock, Invoker, Journal } from './ports.js';
import { ProgressWatch } from './progress-watch.js';
import type { Timing } from './timing.js';

export interface OrchestrateSetting {
  readonly store: Store;
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly timing: Timing;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Takes a frozen plan through its life: arm every leg's shards, fire them together, watch them,
 * and end when each has reported or is known to be gone. Everything that others must know is in
 * the store; whoever wants the run to stop writes `stop` into its control.
 */
export async function orchestrate(
  frozen: FrozenPlan,
  setting: OrchestrateSetting,
): Promise<RunEnd> {
  const { clock, journal, timing, store } = setting;
  const files = runFiles(store, frozen.run);
  await journal.once('freeze', () => freeze(frozen, files));

  const legs = frozen.legs.map((leg) => new LegWatch(frozen, leg, files, setting));
  const abort = new AbortWatch(frozen);
  const progress = new ProgressWatch(frozen, files, (content) => abort.add(content));
  let seenAtMs = clock.nowMs();
  let control: Control | null = null;
  let running = false;
  while (!control || !legs.every((leg) => control && leg.settled(control))) {
    if (control) await journal.sleepUntil(clock.nowMs() + timing.tickMs);
    try {
      let now = await currentControl(files);
      for (const leg of legs) now = await leg.tick(now);
      if (!running && now.startAtMs !== null) {
        await writeState(files, frozen, { phase: 'running', end: null });
        running = true;
      }
      const told = await progress.look(clock.nowMs(), now, legs);
      await report(setting, files, told);
      const cause = told && abort.judge(clock.nowMs(), now, told.knownToUs);
      if (cause !== null) {
        now = await orderStop(files, { atMs: clock.nowMs(), by: 'abort-rule', cause });
      }
      control = now;
      seenAtMs = clock.nowMs();
    } catch (error) {
      // A store that is away for a while ends no run: workers go on by themselves.
      const lost = clock.nowMs() - seenAtMs > timing.uploadMs;
      if (!(error instanceof UnavailableError) || lost) throw error;
      await journal.sleepUntil(clock.nowMs() + timing.tickMs);
    }
  }
  const end = endOf(control);
  await journal.once('end', () => writeState(files, frozen, { phase: 'merging', end }));
  await report(setting, files, progress.closing('merging', clock.nowMs()));
  return end;
}

/** Makes the run known to all who look into the store; may be done again. */
export async function freeze(frozen: FrozenPlan, files: RunFiles): Promise<void> {
  await files.plan.create(frozen);
  await files.control.create({
    schema: 'isochrone.control/1',
    startAtMs: null,
    legs: frozen.legs.map(() => ({ state: 'armed', void: [] })),
    stop: null,
  });
  await writeState(files, frozen, { phase: 'arming', end: null });
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
    ...change,
  });
}

/** Asks a run to stop; final, and the first order stands. */
export async function orderStop(files: RunFiles, order: StopOrder): Promise<Control> {
  return files.control.update((now) => ({ ...now, stop: order }));
}

async function currentControl(files: RunFiles): Promise<Control> {
  return files.control.update(() => null);
}

async function report(
  setting: OrchestrateSetting,
  files: RunFiles,
  progress: Progress | null,
): Promise<void> {
  if (!progress) return;
  await files.progress.write(progress);
  setting.onProgress?.(progress);
}

function endOf(control: Control): RunEnd {
  if (!control.stop) return { kind: 'complete' };
  if (control.stop.by === 'cancelled') return { kind: 'cancelled', cause: control.stop.cause };
  if (control.stop.by === 'broken') return { kind: 'broken', cause: control.stop.cause };
  return { kind: 'stopped', order: control.stop };
}

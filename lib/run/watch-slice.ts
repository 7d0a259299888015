import { UnavailableError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Control, RunEnd, RunState } from '../store/control.js';
import type { Progress } from '../store/progress.js';
import type { RunFiles } from '../store/run-files.js';
import type { PastWorkers } from '../store/watch-memory.js';
import { AbortWatch } from './abort-watch.js';
import { CostWatch } from './cost-watch.js';
import { LegWatch } from './leg-watch.js';
import { type OrchestrateSetting, orderStop, writeState } from './orchestrate.js';
import { ProgressWatch } from './progress-watch.js';

type SliceSetting = Pick<
  OrchestrateSetting,
  'invoker' | 'clock' | 'timing' | 'merger' | 'meter' | 'onProgress'
>;

/** Looks after a run for as long as a slice lasts; null: it goes on. */
export async function watchSlice(files: RunFiles, setting: SliceSetting): Promise<RunEnd | null> {
  const { clock, timing } = setting;
  const [frozen, state] = await Promise.all([files.plan.read(), files.state.read()]);
  if (!frozen || !state) throw new UnavailableError(`${files.address} holds no plan.json`);
  if (state.end) return state.end;
  const slice = new Slice(frozen, files, setting, state);
  const untilMs = clock.nowMs() + timing.sliceMs;
  let seenAtMs = clock.nowMs();
  let control: Control | null = null;
  while (!control || !slice.settled(control)) {
    if (control) {
      await clock.sleep(timing.tickMs);
      // Arming takes its time: it is for a slice to begin with.
      if (clock.nowMs() >= untilMs || slice.due(control)) {
        await slice.keep();
        return null;
      }
    }
    try {
      control = await slice.tick();
      seenAtMs = clock.nowMs();
    } catch (error) {
      // A store that is away for a while ends no run: workers go on by themselves.
      const lost = clock.nowMs() - seenAtMs > timing.uploadMs;
      if (!(error instanceof UnavailableError) || lost) throw error;
      await clock.sleep(timing.tickMs);
    }
  }
  return slice.end(control);
}

class Slice {
  readonly #frozen: FrozenPlan;
  readonly #files: RunFiles;
  readonly #setting: SliceSetting;
  /** Those that are not over. */
  readonly #legs: LegWatch[];
  /** How the workers of the others ended, region by region. */
  #past: readonly PastWorkers[];
  readonly #abort: AbortWatch;
  readonly #progress: ProgressWatch;
  /** null: nobody charges for the run. */
  readonly #cost: CostWatch | null;
  #running: boolean;

  constructor(
    frozen: FrozenPlan,
    files: RunFiles,
    setting: SliceSetting,
    { phase, watch: memory, spent }: RunState,
  ) {
    this.#frozen = frozen;
    this.#files = files;
    this.#setting = setting;
    const known = new Map(memory?.legs.map((leg) => [leg.leg, leg]));
    this.#legs = frozen.legs
      .slice(memory?.from ?? 0)
      .map((leg) => new LegWatch(frozen, leg, files, setting, known.get(leg.index)));
    this.#past = memory?.past ?? frozen.regions.map(() => ({ ready: 0, reported: 0, lost: 0 }));
    this.#abort = new AbortWatch(frozen, memory?.finals);
    this.#progress = new ProgressWatch(frozen, files, this.#abort, memory?.told);
    this.#cost = CostWatch.of(frozen, setting.meter, spent, setting.clock.nowMs());
    this.#running = phase !== 'arming';
  }

  settled(control: Control): boolean {
    return this.#legs.every((leg) => leg.settled(control));
  }

  due(control: Control): boolean {
    return this.#legs.some((leg) => leg.due(control));
  }

  async tick(): Promise<Control> {
    const { clock } = this.#setting;
    let now = await this.#files.control.update(() => null);
    for (const leg of this.#legs) now = await leg.tick(now);
    if (!this.#running && now.startAtMs !== null) {
      this.#running = true;
      await this.keep();
    }
    const told = await this.#progress.look(clock.nowMs(), now, this.#legs, this.#past);
    if (told) this.#cost?.look(clock.nowMs(), now, this.#legs, told);
    await this.#tell(told);
    const broken = told && this.#abort.judge(clock.nowMs(), now, told.knownToUs);
    const dear = this.#cost?.judge(now) ?? null;
    const cause = broken ?? dear;
    if (cause !== null) {
      const by = broken === null ? 'cost' : 'abort-rule';
      now = await orderStop(this.#files, { atMs: clock.nowMs(), by, cause });
    }
    await this.#handOver(now);
    this.#pass(now);
    return now;
  }

  /** For whoever takes over. */
  async keep(): Promise<void> {
    await writeState(this.#files, this.#frozen, {
      phase: this.#running ? 'running' : 'arming',
      end: null,
      watch: {
        from: this.#legs[0]?.leg.index ?? this.#frozen.legs.length,
        past: this.#past,
        legs: this.#legs.flatMap((leg) => leg.memory() ?? []),
        finals: this.#abort.finals,
        told: this.#progress.memory(),
      },
      ...this.#spent(1),
    });
  }

  async end(control: Control): Promise<RunEnd> {
    const end = endOf(control);
    const nowMs = this.#setting.clock.nowMs();
    try {
      await this.#progress.look(nowMs, control, this.#legs, this.#past, true);
    } catch (error) {
      // Whoever only watches does without the last figures.
      if (!(error instanceof UnavailableError)) throw error;
    }
    await writeState(this.#files, this.#frozen, { phase: 'merging', end, ...this.#spent(2) });
    await this.#tell(this.#progress.closing('merging', nowMs));
    return end;
  }

  /** What a leg's workers told is merged while the next one goes on. */
  async #handOver(control: Control): Promise<void> {
    const { merger } = this.#setting;
    if (!merger) return;
    for (const leg of this.#legs) {
      if (leg.merging || leg.shards.length === 0 || !leg.settled(control)) continue;
      leg.merging = true;
      for (const place of leg.places) await merger.place(place);
    }
  }

  /** Lets go of legs of which nothing more will come; what remains of them is a few numbers. */
  #pass(control: Control): void {
    for (let leg = this.#legs[0]; leg; leg = this.#legs[0]) {
      const handed = leg.merging || this.#setting.merger === null;
      if (leg.shards.length === 0 || !handed || !leg.settled(control)) return;
      this.#legs.shift();
      const { shards } = leg;
      this.#past = this.#frozen.regions.map(({ name }, i) => {
        const own = shards.filter(({ ref }) => ref.region === name);
        const before = this.#past[i]!;
        return {
          ready: before.ready + own.filter(({ ready }) => ready).length,
          reported: before.reported + own.filter(({ over }) => over === 'reported').length,
          lost: before.lost + own.filter(({ over }) => over === 'gone').length,
        };
      });
    }
  }

  async #tell(progress: Progress | null): Promise<void> {
    if (!progress) return;
    const cost = this.#cost?.told;
    const whole = cost ? { ...progress, cost } : progress;
    await this.#files.progress.write(whole);
    this.#setting.onProgress?.(whole);
  }

  /** With so many writes to come, its own included. */
  #spent(writes: number): Pick<RunState, 'spent'> {
    return this.#cost ? { spent: this.#cost.memory(writes) } : {};
  }
}

function endOf(control: Control): RunEnd {
  if (!control.stop) return { kind: 'complete' };
  if (control.stop.by === 'cancelled') return { kind: 'cancelled', cause: control.stop.cause };
  if (control.stop.by === 'broken') return { kind: 'broken', cause: control.stop.cause };
  return { kind: 'stopped', order: control.stop };
}

import { runTimeline } from '../load/run-timeline.js';
import type { FragmentContent } from '../measure/fragment-content.js';
import { Timeline } from '../measure/timeline.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { Profile } from '../plan/profile.js';
import { hasCode, requestsEach } from '../plan/starts.js';
import type { Control } from '../store/control.js';
import type { LiveFigures, LiveWorkers, Progress } from '../store/progress.js';
import type { RunFiles } from '../store/run-files.js';
import type { PastWorkers, TallyMemory, ToldMemory } from '../store/watch-memory.js';
import type { ShardState, WatchedLeg } from './leg-watch.js';
import { MOST_POINTS } from './live-series.js';
import { LiveTally } from './live-tally.js';
import { liveValidity } from './live-validity.js';
import { type Told, ToldFragments } from './told-fragments.js';

/** Whoever else wants to know what fragments tell: each is read once. */
interface FragmentListener {
  add(content: FragmentContent): void;
  /** All that were cut after an instant, of those that were told to another before. */
  recall(contents: readonly FragmentContent[], sinceUs: number): void;
}

const NOBODY: FragmentListener = { add: () => {}, recall: () => {} };

/**
 * Adds up fragments as they come, for the one small object that every live view reads. Whoever
 * takes over from another gives its memory, and reads again only what the latest windows are of.
 */
export class ProgressWatch {
  readonly #frozen: FrozenPlan;
  readonly #listener: FragmentListener;
  readonly #told: ToldFragments;
  readonly #profile: Profile | null;
  readonly #all: LiveTally;
  readonly #regions: ReadonlyMap<string, LiveTally>;
  #stepUs: number;
  #toldAtMs = 0;
  #last: Progress | null = null;

  constructor(
    frozen: FrozenPlan,
    files: RunFiles,
    listener: FragmentListener = NOBODY,
    memory: ToldMemory | null = null,
  ) {
    const { plan, stages, durationUs, regions } = frozen;
    const timeline = new Timeline(runTimeline(frozen));
    const { windowUs } = timeline.spec;
    this.#frozen = frozen;
    this.#listener = listener;
    this.#told = new ToldFragments(frozen, files, memory);
    this.#profile = plan.load.kind === 'open' ? new Profile(plan.load.stages) : null;
    // How long a fixed amount takes is not known: its points grow with it.
    this.#stepUs =
      memory?.stepUs ??
      (plan.load.kind === 'amount'
        ? windowUs
        : windowUs * Math.max(1, Math.ceil(durationUs / MOST_POINTS / windowUs)));
    const tally = (kept: TallyMemory | null = null) =>
      new LiveTally(timeline, this.#stepUs, (stage) => stages[stage]?.warmup === false, kept);
    this.#all = tally(memory?.all);
    this.#regions = new Map(regions.map(({ name }, i) => [name, tally(memory?.regions[i])]));
  }

  /**
   * Once a second, what there is to tell; null in between. `legs`: all that are not over, in order;
   * `past`: how the workers of the others ended, region by region. `now`: whatever the time.
   */
  async look(
    nowMs: number,
    control: Control,
    legs: readonly WatchedLeg[],
    past: readonly PastWorkers[] = [],
    now: boolean = false,
  ): Promise<Progress | null> {
    if (!now && nowMs - this.#toldAtMs < 1_000) return null;
    this.#toldAtMs = nowMs;
    const { run, durationUs, graceUs, stages, plan } = this.#frozen;
    const elapsedUs =
      control.startAtMs === null ? -1 : Math.round((nowMs - control.startAtMs) * 1000);
    this.#widen(elapsedUs);
    this.#add(await this.#told.hear({ elapsedUs, control, legs }, now));
    this.#settle();
    const stage = stages.find(({ startUs, endUs }) => elapsedUs >= startUs && elapsedUs < endUs);
    const ending = elapsedUs >= durationUs;
    this.#last = {
      schema: 'isochrone.progress/1',
      run,
      toldAtMs: nowMs,
      phase: control.startAtMs === null ? 'arming' : ending ? 'finishing' : 'running',
      elapsedUs,
      durationUs,
      graceUs,
      stage: stage?.title ?? null,
      amount: plan.load.kind === 'amount' ? plan.load.requests : null,
      stopping: control.stop?.cause ?? null,
      seriesStepUs: this.#stepUs,
      ...this.#figures(legs, past),
    };
    return this.#last;
  }

  /** The same once more, of what comes after the load: it is told as long as that takes. */
  closing(phase: 'merging' | 'ended', nowMs: number): Progress | null {
    return this.#last && { ...this.#last, phase, toldAtMs: nowMs };
  }

  /** For whoever takes over. */
  memory(): ToldMemory {
    return {
      ...this.#told.memory(),
      stepUs: this.#stepUs,
      all: this.#all.memory(),
      regions: [...this.#regions].map(([name, tally]) => ({
        ...tally.memory(),
        pastUs: this.#told.pastUs(name),
      })),
    };
  }

  #add({ recalled, fresh }: Told): void {
    for (const content of recalled?.contents ?? []) {
      this.#all.recall(content);
      this.#regions.get(content.region)?.recall(content);
    }
    if (recalled) this.#listener.recall(recalled.contents, recalled.sinceUs);
    for (const content of fresh) {
      this.#all.add(content);
      this.#regions.get(content.region)?.add(content);
      this.#listener.add(content);
    }
  }

  #figures(
    legs: readonly WatchedLeg[],
    past: readonly PastWorkers[],
  ): LiveFigures & Pick<Progress, 'regions' | 'validity'> {
    const shares = this.#frozen.regions.reduce((sum, { share }) => sum + share, 0);
    const shards = legs.flatMap((leg) => leg.shards);
    const regions = this.#frozen.regions.map(({ name, share, workers }, i) => ({
      region: name,
      tally: this.#regions.get(name)!,
      share: share / shares,
      workers: this.#workers(
        name,
        workers * this.#frozen.legs.length,
        shards.filter(({ ref }) => ref.region === name),
        past[i],
      ),
    }));
    const known = (region: string | null) => this.#told.knownToUs(region);
    return {
      ...this.#figuresOf(this.#all, 1, known(null)),
      workers: sumOf(regions.map(({ workers }) => workers)),
      validity: liveValidity(regions),
      regions: regions.map(({ region, tally, share, workers }) => ({
        region,
        ...this.#figuresOf(tally, share, known(region)),
        workers,
      })),
    };
  }

  #figuresOf(tally: LiveTally, share: number, knownToUs: number): Omit<LiveFigures, 'workers'> {
    // After the schedule's end nothing is asked for: what counts is how it went until then.
    const untilUs = Math.min(knownToUs, this.#frozen.durationUs);
    const { fromUs, toUs } = tally.recent(untilUs);
    const asked = this.#profile;
    // The rate is of starts, the figures are of requests; what code sends nobody knows before.
    const each = share * requestsEach(this.#frozen.plan);
    return {
      knownToUs,
      fromUs,
      toUs,
      rateAsked:
        asked === null || toUs === fromUs || hasCode(this.#frozen.plan)
          ? null
          : (each * (asked.lambda(toUs) - asked.lambda(fromUs)) * 1e6) / (toUs - fromUs),
      ...tally.figures(untilUs),
    };
  }

  #workers(
    region: string,
    planned: number,
    shards: readonly ShardState[],
    past: PastWorkers = { ready: 0, reported: 0, lost: 0 },
  ): LiveWorkers {
    return {
      planned,
      ready: past.ready + shards.filter(({ ready }) => ready).length,
      reported: past.reported + shards.filter(({ over }) => over === 'reported').length,
      lost: past.lost + shards.filter(({ over }) => over === 'gone').length,
      silent: this.#told.silent(region),
    };
  }

  #widen(elapsedUs: number): void {
    if (this.#frozen.plan.load.kind !== 'amount') return;
    while (elapsedUs > this.#stepUs * MOST_POINTS) {
      this.#stepUs *= 2;
      for (const { series } of [this.#all, ...this.#regions.values()]) series.widen();
    }
  }

  /** What was due a grace ago is answered, or never will be. */
  #settle(): void {
    const { graceUs } = this.#frozen;
    this.#all.series.settle(this.#told.knownToUs(null) - graceUs);
    for (const [region, { series }] of this.#regions) {
      series.settle(this.#told.knownToUs(region) - graceUs);
    }
  }
}

function sumOf(all: readonly LiveWorkers[]): LiveWorkers {
  const sum = (of: (workers: LiveWorkers) => number) => all.reduce((n, one) => n + of(one), 0);
  return {
    planned: sum(({ planned }) => planned),
    ready: sum(({ ready }) => ready),
    reported: sum(({ reported }) => reported),
    lost: sum(({ lost }) => lost),
    silent: sum(({ silent }) => silent),
  };
}

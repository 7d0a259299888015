import { fragmentEveryUs, runTimeline } from '../load/run-timeline.js';
import { DamagedError } from '../measure/damaged-error.js';
import { decodeFragment } from '../measure/fragment.js';
import type { FragmentContent } from '../measure/fragment-content.js';
import { Timeline } from '../measure/timeline.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { Profile } from '../plan/profile.js';
import type { Control } from '../store/control.js';
import { FragmentFeed } from '../store/fragment-feed.js';
import type { LiveFigures, LiveWorkers, Progress } from '../store/progress.js';
import type { RunFiles } from '../store/run-files.js';
import type { WatchedLeg } from './leg-watch.js';
import { MOST_POINTS } from './live-series.js';
import { LiveTally } from './live-tally.js';
import { liveValidity } from './live-validity.js';
import { ToldUntil } from './told-until.js';

/** Adds up fragments as they come, for the one small object that every live view reads. */
export class ProgressWatch {
  readonly #frozen: FrozenPlan;
  readonly #files: RunFiles;
  readonly #onFragment: (content: FragmentContent) => void;
  readonly #feed: FragmentFeed;
  readonly #profile: Profile | null;
  readonly #all: LiveTally;
  readonly #regions: ReadonlyMap<string, LiveTally>;
  readonly #told: ToldUntil;
  #stepUs: number;
  #toldAtMs = 0;
  #last: Progress | null = null;

  /** Each fragment is read once: `onFragment` is for whoever else wants to know. */
  constructor(
    frozen: FrozenPlan,
    files: RunFiles,
    onFragment: (content: FragmentContent) => void = () => {},
  ) {
    const { plan, stages, durationUs, regions } = frozen;
    const timeline = new Timeline(runTimeline(frozen));
    const { windowUs } = timeline.spec;
    this.#frozen = frozen;
    this.#files = files;
    this.#onFragment = onFragment;
    this.#feed = new FragmentFeed(files.fragments);
    this.#profile = plan.load.kind === 'open' ? new Profile(plan.load.stages) : null;
    this.#told = new ToldUntil(frozen.legs, 3 * fragmentEveryUs(frozen));
    // How long a fixed amount takes is not known: its points grow with it.
    this.#stepUs =
      plan.load.kind === 'amount'
        ? windowUs
        : windowUs * Math.max(1, Math.ceil(durationUs / MOST_POINTS / windowUs));
    const tally = () =>
      new LiveTally(timeline, this.#stepUs, (stage) => stages[stage]?.warmup === false);
    this.#all = tally();
    this.#regions = new Map(regions.map(({ name }) => [name, tally()]));
  }

  /** Once a second, what there is to tell; null in between. */
  async look(
    nowMs: number,
    control: Control,
    legs: readonly WatchedLeg[],
  ): Promise<Progress | null> {
    if (nowMs - this.#toldAtMs < 1_000) return null;
    this.#toldAtMs = nowMs;
    const { run, durationUs, graceUs, stages, plan } = this.#frozen;
    const elapsedUs =
      control.startAtMs === null ? -1 : Math.round((nowMs - control.startAtMs) * 1000);
    const started = legs.filter(({ leg }) => control.legs[leg.index]?.state === 'go');
    this.#stretch(elapsedUs);
    await this.#read(started);
    this.#told.look(elapsedUs, started);
    const stage = stages.find(({ startUs, endUs }) => elapsedUs >= startUs && elapsedUs < endUs);
    const ending = elapsedUs >= durationUs;
    this.#last = {
      schema: 'isochrone.progress/1',
      run,
      toldAtMs: nowMs,
      phase: started.length === 0 ? 'arming' : ending ? 'finishing' : 'running',
      elapsedUs,
      durationUs,
      graceUs,
      stage: stage?.title ?? null,
      amount: plan.load.kind === 'amount' ? plan.load.requests : null,
      stopping: control.stop?.cause ?? null,
      seriesStepUs: this.#stepUs,
      ...this.#figures(legs),
    };
    return this.#last;
  }

  /** The same once more, of what comes after the load: it is told as long as that takes. */
  closing(phase: 'merging' | 'ended', nowMs: number): Progress | null {
    return this.#last && { ...this.#last, phase, toldAtMs: nowMs };
  }

  async #read(legs: readonly WatchedLeg[]): Promise<void> {
    const places = legs.flatMap(({ leg }) =>
      this.#frozen.regions.map(({ name }) => ({ region: name, leg: leg.index })),
    );
    for (const ref of await this.#feed.next(places)) {
      const bytes = await this.#files.fragments.read(ref);
      const content = bytes && readable(bytes);
      if (!content) continue;
      this.#told.add(ref, content.cutAtUs, content.shard?.final ?? false);
      this.#all.add(content);
      this.#regions.get(ref.region)?.add(content);
      this.#onFragment(content);
    }
  }

  #figures(legs: readonly WatchedLeg[]): LiveFigures & Pick<Progress, 'regions' | 'validity'> {
    const shares = this.#frozen.regions.reduce((sum, { share }) => sum + share, 0);
    const regions = this.#frozen.regions.map(({ name, share, workers }) => ({
      region: name,
      tally: this.#regions.get(name)!,
      share: share / shares,
      workers: this.#workers(name, workers * legs.length, legs),
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
    return {
      knownToUs,
      fromUs,
      toUs,
      rateAsked:
        asked === null || toUs === fromUs
          ? null
          : (share * (asked.lambda(toUs) - asked.lambda(fromUs)) * 1e6) / (toUs - fromUs),
      ...tally.figures(untilUs),
    };
  }

  #workers(region: string, planned: number, legs: readonly WatchedLeg[]): LiveWorkers {
    const shards = legs.flatMap((leg) => leg.shards).filter(({ ref }) => ref.region === region);
    return {
      planned,
      ready: shards.filter(({ ready }) => ready).length,
      reported: shards.filter(({ over }) => over === 'reported').length,
      lost: shards.filter(({ over }) => over === 'gone').length,
      silent: this.#told.silent(region),
    };
  }

  #stretch(elapsedUs: number): void {
    const tallies = [this.#all, ...this.#regions.values()];
    if (this.#frozen.plan.load.kind !== 'amount') {
      for (const { series } of tallies) series.settle(elapsedUs);
      return;
    }
    while (elapsedUs > this.#stepUs * MOST_POINTS) {
      this.#stepUs *= 2;
      for (const { series } of tallies) series.widen();
    }
  }
}

/** What is damaged the report will name: whoever only watches goes on. */
function readable(bytes: Uint8Array): FragmentContent | null {
  try {
    return decodeFragment(bytes);
  } catch (error) {
    if (error instanceof DamagedError) return null;
    throw error;
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

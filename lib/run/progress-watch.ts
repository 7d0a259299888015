import { runTimeline } from '../load/run-timeline.js';
import { COUNTERS } from '../measure/counters.js';
import { decodeFragment } from '../measure/fragment.js';
import { Histogram } from '../measure/histogram.js';
import { Timeline } from '../measure/timeline.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Control } from '../store/control.js';
import { FragmentFeed } from '../store/fragment-feed.js';
import type { Progress } from '../store/progress.js';
import type { RunFiles } from '../store/run-files.js';
import type { LegWatch } from './leg-watch.js';

const AT = Object.fromEntries(COUNTERS.map((name, index) => [name, index])) as Record<
  (typeof COUNTERS)[number],
  number
>;
/** What "now" means to whoever watches. */
const RECENT_US = 10_000_000;

interface WindowSum {
  scheduled: number;
  ended: number;
  endedFailed: number;
  latency: Histogram | null;
}

/** Adds up fragments as they come, for the one small object that every live view reads. */
export class ProgressWatch {
  readonly #frozen: FrozenPlan;
  readonly #files: RunFiles;
  readonly #feed: FragmentFeed;
  readonly #timeline: Timeline;
  readonly #windows = new Map<number, WindowSum>();
  /** How far fragments have told. */
  #cutAtUs = 0;
  #scheduled = 0;
  #ended = 0;
  #failed = 0;
  #toldAtMs = 0;
  #last: Progress | null = null;

  constructor(frozen: FrozenPlan, files: RunFiles) {
    this.#frozen = frozen;
    this.#files = files;
    this.#feed = new FragmentFeed(files.fragments);
    this.#timeline = new Timeline(runTimeline(frozen));
  }

  /** Once a second, what there is to tell; null in between. */
  async look(nowMs: number, control: Control, legs: readonly LegWatch[]): Promise<Progress | null> {
    if (nowMs - this.#toldAtMs < 1_000) return null;
    this.#toldAtMs = nowMs;
    const started = legs.filter((leg) => control.legs[leg.leg.index]?.state === 'go');
    await this.#read(started);
    const elapsedUs =
      control.startAtMs === null ? -1 : Math.round((nowMs - control.startAtMs) * 1000);
    const stage = this.#frozen.stages.find(
      ({ startUs, endUs }) => elapsedUs >= startUs && elapsedUs < endUs,
    );
    const phase =
      started.length === 0
        ? 'arming'
        : elapsedUs < this.#frozen.durationUs
          ? 'running'
          : 'finishing';
    this.#last = {
      run: this.#frozen.run,
      phase,
      elapsedUs,
      durationUs: this.#frozen.durationUs,
      stage: stage?.title ?? null,
      workers: {
        planned: sum(legs, () => sum(this.#frozen.regions, (region) => region.workers)),
        ready: sum(legs, (leg) => leg.ready),
        reported: sum(legs, (leg) => leg.reported),
        lost: sum(legs, (leg) => leg.gone),
      },
      scheduled: this.#scheduled,
      ended: this.#ended,
      failed: this.#failed,
      ...this.#recent(),
    };
    return this.#last;
  }

  closing(phase: 'merging' | 'ended'): Progress | null {
    return this.#last && { ...this.#last, phase };
  }

  async #read(legs: readonly LegWatch[]): Promise<void> {
    const places = legs.flatMap(({ leg }) =>
      this.#frozen.regions.map(({ name }) => ({ region: name, leg: leg.index })),
    );
    for (const ref of await this.#feed.next(places)) {
      const bytes = await this.#files.fragments.read(ref);
      if (bytes) this.#add(bytes);
    }
  }

  #add(bytes: Uint8Array): void {
    const content = decodeFragment(bytes);
    this.#cutAtUs = Math.max(this.#cutAtUs, content.cutAtUs);
    for (const { window, values } of content.rows) {
      const into = this.#window(window);
      into.scheduled += values[AT.scheduled]!;
      into.ended += values[AT.ended]!;
      into.endedFailed += values[AT.endedFailed]!;
      this.#scheduled += values[AT.scheduled]!;
      this.#ended += values[AT.ended]!;
      this.#failed += values[AT.endedFailed]!;
    }
    for (const { span, index, metric, histogram } of content.histograms) {
      if (span !== 'window' || metric !== 'latency') continue;
      const into = this.#window(index);
      into.latency ??= new Histogram();
      into.latency.add(histogram);
    }
  }

  #window(index: number): WindowSum {
    let window = this.#windows.get(index);
    if (!window) {
      window = { scheduled: 0, ended: 0, endedFailed: 0, latency: null };
      this.#windows.set(index, window);
    }
    return window;
  }

  /** Over the latest windows that something is known of; what is older is forgotten. */
  #recent(): Pick<Progress, 'rateAsked' | 'rateAchieved' | 'p50Us' | 'p99Us'> {
    const spans = this.#timeline.windows;
    const known = [...this.#windows.keys()].sort((a, b) => a - b);
    const toUs = spans[known.at(-1) ?? -1]?.endUs ?? 0;
    const latency = new Histogram();
    let [scheduled, good, us] = [0, 0, 0];
    for (const index of known) {
      const span = spans[index]!;
      const window = this.#windows.get(index)!;
      if (span.startUs < toUs - RECENT_US) {
        this.#windows.delete(index);
        continue;
      }
      // The newest window is still filling.
      us += Math.max(0, Math.min(span.endUs, this.#cutAtUs) - span.startUs);
      scheduled += window.scheduled;
      good += window.ended - window.endedFailed;
      if (window.latency) latency.add(window.latency);
    }
    return {
      rateAsked: us > 0 ? (scheduled * 1e6) / us : 0,
      rateAchieved: us > 0 ? (good * 1e6) / us : 0,
      p50Us: latency.count > 0 ? latency.percentileUs(5000) : null,
      p99Us: latency.count > 0 ? latency.percentileUs(9900) : null,
    };
  }
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

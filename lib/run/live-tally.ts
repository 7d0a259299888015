import { COUNTERS } from '../measure/counters.js';
import type { FragmentContent, HistogramMetric, SpanKind } from '../measure/fragment-content.js';
import { Histogram } from '../measure/histogram.js';
import type { Span, Timeline } from '../measure/timeline.js';
import type { LiveFigures } from '../store/progress.js';
import type { TallyMemory } from '../store/watch-memory.js';
import { LiveSeries } from './live-series.js';
import { LEAST_LAG_US, LEAST_MEDIAN_US } from './live-validity.js';
import { RoughTimes } from './rough-times.js';

const AT = Object.fromEntries(COUNTERS.map((name, index) => [name, index])) as Record<
  (typeof COUNTERS)[number],
  number
>;
/** What "now" means to whoever watches. */
export const RECENT_US = 10_000_000;

interface WindowSum {
  ended: number;
  endedFailed: number;
  readonly latency: Histogram;
}

export type Tallied = Omit<LiveFigures, 'workers' | 'knownToUs' | 'rateAsked' | 'fromUs' | 'toUs'>;

/** Adds up fragments as they come: those of one region, or all. */
export class LiveTally {
  readonly series: LiveSeries;
  readonly #timeline: Timeline;
  readonly #windows = new Map<number, WindowSum>();
  readonly #measured: (stage: number) => boolean;
  /** Of measured time: all good answers so far, and how late each request was taken up. */
  readonly latency: RoughTimes;
  readonly lag: RoughTimes;
  /** The end of the latest stretch whose lag was told: only when a long block closes. */
  lagUntilUs: number;
  scheduled: number;
  /** Iterations, and those of them that the generator never began. */
  starts: number;
  startsDropped: number;
  #ended: number;
  #failed: number;
  /** What `figures` gave, until something new is told. */
  #given: { readonly knownToUs: number; readonly figures: Omit<Tallied, 'series'> } | null = null;

  /** What `memory` does not hold of the latest windows is to be recalled. */
  constructor(
    timeline: Timeline,
    stepUs: number,
    measured: (stage: number) => boolean,
    memory: TallyMemory | null = null,
  ) {
    this.#timeline = timeline;
    this.#measured = measured;
    this.series = new LiveSeries(stepUs, memory?.series);
    this.latency = new RoughTimes(LEAST_MEDIAN_US, memory?.latency);
    this.lag = new RoughTimes(LEAST_LAG_US, memory?.lag);
    this.lagUntilUs = memory?.lagUntilUs ?? 0;
    this.scheduled = memory?.scheduled ?? 0;
    this.starts = memory?.starts ?? 0;
    this.startsDropped = memory?.startsDropped ?? 0;
    this.#ended = memory?.ended ?? 0;
    this.#failed = memory?.failed ?? 0;
  }

  add(content: Pick<FragmentContent, 'rows' | 'histograms'>): void {
    this.recall(content);
    for (const { values } of content.rows) {
      this.scheduled += values[AT.scheduled]!;
      this.starts += values[AT.iterationsScheduled]!;
      this.startsDropped += values[AT.iterationsDroppedGenerator]!;
      this.#ended += values[AT.ended]!;
      this.#failed += values[AT.endedFailed]!;
    }
    for (const { span, index, subject, metric, histogram } of content.histograms) {
      if (isWindowLatency(span, subject, metric)) {
        const { startUs, stage } = this.#timeline.windows[index]!;
        if (this.#measured(stage)) this.latency.add(histogram);
        if (stage >= 0) this.series.add(startUs, histogram);
      }
      if (span !== 'long' || metric !== 'lag') continue;
      const { stage, endUs } = this.#timeline.longs[index]!;
      if (!this.#measured(stage)) continue;
      this.lag.add(histogram);
      this.lagUntilUs = Math.max(this.lagUntilUs, endUs);
    }
  }

  /** The same once more for the latest windows alone: the rest was taken over. */
  recall({ rows, histograms }: Pick<FragmentContent, 'rows' | 'histograms'>): void {
    this.#given = null;
    for (const { window, values } of rows) {
      const into = this.#window(window);
      into.ended += values[AT.ended]!;
      into.endedFailed += values[AT.endedFailed]!;
    }
    for (const { span, index, subject, metric, histogram } of histograms) {
      if (isWindowLatency(span, subject, metric)) this.#window(index).latency.add(histogram);
    }
  }

  /** For whoever takes over. */
  memory(): TallyMemory {
    return {
      scheduled: this.scheduled,
      starts: this.starts,
      startsDropped: this.startsDropped,
      ended: this.#ended,
      failed: this.#failed,
      latency: this.latency.memory(),
      lag: this.lag.memory(),
      lagUntilUs: this.lagUntilUs,
      series: this.series.memory(),
    };
  }

  /** The latest whole windows before an instant, as long as one can call them now. */
  recent(knownToUs: number): { readonly fromUs: number; readonly toUs: number } {
    const recent = this.#recentWindows(knownToUs);
    return { fromUs: recent[0]?.span.startUs ?? 0, toUs: recent.at(-1)?.span.endUs ?? 0 };
  }

  figures(knownToUs: number): Tallied {
    if (this.#given?.knownToUs !== knownToUs) {
      this.#given = { knownToUs, figures: this.#figures(knownToUs) };
    }
    return { ...this.#given.figures, series: this.series.values() };
  }

  #figures(knownToUs: number): Omit<Tallied, 'series'> {
    const latency = new Histogram();
    let [ended, failed, us] = [0, 0, 0];
    for (const { index, span } of this.#recentWindows(knownToUs)) {
      us += span.endUs - span.startUs;
      const window = this.#windows.get(index);
      if (!window) continue;
      ended += window.ended;
      failed += window.endedFailed;
      latency.add(window.latency);
    }
    this.#forget(knownToUs);
    return {
      scheduled: this.scheduled,
      ended: this.#ended,
      failed: this.#failed,
      rateAchieved: us > 0 ? ((ended - failed) * 1e6) / us : null,
      errorShare: ended > 0 ? failed / ended : null,
      answers: latency.count,
      p50Us: latency.count > 0 ? latency.percentileUs(5000) : null,
      p99Us: latency.count > 0 ? latency.percentileUs(9900) : null,
    };
  }

  /** Newest last. One that was cut before its end is still filling, and does not count. */
  #recentWindows(knownToUs: number): { index: number; span: Span }[] {
    const { windows } = this.#timeline;
    const found: { index: number; span: Span }[] = [];
    let index = this.#timeline.windowAt(knownToUs);
    while (index >= 0 && windows[index]!.endUs > knownToUs) index--;
    const fromUs = (windows[index]?.endUs ?? 0) - RECENT_US;
    for (; index >= 0 && windows[index]!.startUs >= fromUs; index--) {
      found.unshift({ index, span: windows[index]! });
    }
    return found;
  }

  #forget(knownToUs: number): void {
    const { windows, spec } = this.#timeline;
    const keepUs = knownToUs - RECENT_US - 2 * spec.windowUs;
    for (const index of this.#windows.keys()) {
      if (windows[index]!.endUs < keepUs) this.#windows.delete(index);
    }
  }

  #window(index: number): WindowSum {
    let window = this.#windows.get(index);
    if (!window) {
      window = { ended: 0, endedFailed: 0, latency: new Histogram() };
      this.#windows.set(index, window);
    }
    return window;
  }
}

function isWindowLatency(span: SpanKind, subject: number, metric: HistogramMetric): boolean {
  return span === 'window' && subject === -1 && metric === 'latency';
}

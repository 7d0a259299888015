import { COUNTERS } from '../measure/counters.js';
import type { FragmentContent } from '../measure/fragment-content.js';
import { Histogram } from '../measure/histogram.js';
import type { Span, Timeline } from '../measure/timeline.js';
import type { LiveFigures } from '../store/progress.js';
import { LiveSeries } from './live-series.js';

const AT = Object.fromEntries(COUNTERS.map((name, index) => [name, index])) as Record<
  (typeof COUNTERS)[number],
  number
>;
/** What "now" means to whoever watches. */
const RECENT_US = 10_000_000;

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
  readonly latency = new Histogram();
  readonly lag = new Histogram();
  /** The end of the latest stretch whose lag was told: only when a long block closes. */
  lagUntilUs = 0;
  scheduled = 0;
  droppedGenerator = 0;
  #ended = 0;
  #failed = 0;

  constructor(timeline: Timeline, stepUs: number, measured: (stage: number) => boolean) {
    this.#timeline = timeline;
    this.#measured = measured;
    this.series = new LiveSeries(stepUs);
  }

  add({ rows, histograms }: Pick<FragmentContent, 'rows' | 'histograms'>): void {
    for (const { window, values } of rows) {
      const into = this.#window(window);
      into.ended += values[AT.ended]!;
      into.endedFailed += values[AT.endedFailed]!;
      this.scheduled += values[AT.scheduled]!;
      this.droppedGenerator += values[AT.droppedGenerator]!;
      this.#ended += values[AT.ended]!;
      this.#failed += values[AT.endedFailed]!;
    }
    for (const { span, index, subject, metric, histogram } of histograms) {
      if (span === 'window' && subject === -1 && metric === 'latency') {
        const { startUs, stage } = this.#timeline.windows[index]!;
        this.#window(index).latency.add(histogram);
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

  /** The latest whole windows before an instant, as long as one can call them now. */
  recent(knownToUs: number): { readonly fromUs: number; readonly toUs: number } {
    const recent = this.#recentWindows(knownToUs);
    return { fromUs: recent[0]?.span.startUs ?? 0, toUs: recent.at(-1)?.span.endUs ?? 0 };
  }

  figures(knownToUs: number): Tallied {
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
      series: this.series.values(),
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

import { COUNTERS } from '../measure/counters.js';
import type { CounterRow, FragmentContent, HistogramMetric } from '../measure/fragment-content.js';
import { Histogram } from '../measure/histogram.js';
import { type Span, Timeline } from '../measure/timeline.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { subjectsOf } from '../plan/starts.js';

/** The merged measurements, found by place. Sums are made anew: what is handed out may be changed. */
export class Measured {
  readonly windows: readonly Span[];
  readonly #byRegion = new Map<string, FragmentContent>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(frozen: FrozenPlan, regions: readonly FragmentContent[]) {
    const spec = regions[0]?.timeline;
    const subjects = subjectsOf(frozen.plan);
    this.windows = spec === undefined ? [] : new Timeline(spec).windows;
    for (const content of regions) {
      if (content.run !== frozen.run) {
        throw new Error(`measurements of run ${content.run} cannot be reported as ${frozen.run}`);
      }
      // Everything here is told by index: other requests, or another order, would be misread.
      if (content.requests.some((name, i) => subjects[i] !== name)) {
        throw new Error(`${content.region} measured other requests than the plan of ${frozen.run}`);
      }
      this.#byRegion.set(content.region, content);
      for (const { span, index, subject, metric, histogram } of content.histograms) {
        this.#histograms.set(key(content.region, span, index, subject, metric), histogram);
      }
    }
  }

  content(region: string): FragmentContent | undefined {
    return this.#byRegion.get(region);
  }

  rows(region: string): readonly CounterRow[] {
    return this.#byRegion.get(region)?.rows ?? [];
  }

  stageOf(window: number): number {
    return this.windows[window]?.stage ?? -1;
  }

  /** Requests (or addresses) × stages of one metric, added up over regions. */
  histogram(
    metric: HistogramMetric,
    regions: readonly string[],
    subjects: readonly number[],
    stages: readonly number[],
  ): Histogram {
    const sum = new Histogram();
    for (const region of regions) {
      for (const stage of stages) {
        for (const subject of subjects) {
          const found = this.#histograms.get(key(region, 'stage', stage, subject, metric));
          if (found !== undefined) sum.add(found);
        }
      }
    }
    return sum;
  }

  /** Of one request in one stage. */
  cell(
    metric: HistogramMetric,
    region: string,
    subject: number,
    stage: number,
  ): Histogram | undefined {
    return this.#histograms.get(key(region, 'stage', stage, subject, metric));
  }

  /** Of all requests of one window. */
  window(metric: 'latency' | 'service', region: string, window: number): Histogram | undefined {
    return this.#histograms.get(key(region, 'window', window, -1, metric));
  }

  /** Counters by stage × request, added up over windows; the key is `${request}/${stage}`. */
  tally(region: string): Map<string, number[]> {
    const sums = new Map<string, number[]>();
    for (const { window, request, values } of this.rows(region)) {
      const place = `${request}/${this.stageOf(window)}`;
      const sum = sums.get(place) ?? COUNTERS.map(() => 0);
      for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
      sums.set(place, sum);
    }
    return sums;
  }
}

function key(
  region: string,
  span: string,
  index: number,
  subject: number,
  metric: HistogramMetric,
): string {
  return `${region}|${span}|${index}|${subject}|${metric}`;
}

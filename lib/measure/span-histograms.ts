import type { HistogramEntry, HistogramMetric, SpanKind } from './fragment-content.js';
import { Histogram } from './histogram.js';

/** The open histograms of one kind of span: by index × subject × metric, made when first needed. */
export class SpanHistograms {
  readonly #span: SpanKind;
  readonly #metrics: readonly HistogramMetric[];
  /** The subject of the first column: -1 where a span has but one for all. */
  readonly #firstSubject: number;
  readonly #spans: ((Histogram | undefined)[] | undefined)[];
  #open: number[] = [];

  constructor(
    span: SpanKind,
    spans: number,
    metrics: readonly HistogramMetric[],
    firstSubject: number = 0,
  ) {
    this.#span = span;
    this.#spans = Array.from({ length: spans }, () => undefined);
    this.#metrics = metrics;
    this.#firstSubject = firstSubject;
  }

  /** `metric` is an index into the metrics given at the beginning. */
  record(index: number, subject: number, metric: number, valueUs: number): void {
    const cells = this.#spans[index] ?? this.#begin(index);
    const cell = (subject - this.#firstSubject) * this.#metrics.length + metric;
    let histogram = cells[cell];
    if (histogram === undefined) {
      histogram = new Histogram();
      while (cells.length <= cell) cells.push(undefined);
      cells[cell] = histogram;
    }
    histogram.record(valueUs);
  }

  /** Hands over the histograms of all spans that are closed, and forgets them. */
  drain(isClosed: (index: number) => boolean): HistogramEntry[] {
    const drained: HistogramEntry[] = [];
    const open: number[] = [];
    for (const index of this.#open.sort((a, b) => a - b)) {
      if (isClosed(index)) this.#hand(index, drained);
      else open.push(index);
    }
    this.#open = open;
    return drained;
  }

  #hand(index: number, to: HistogramEntry[]): void {
    const cells = this.#spans[index]!;
    this.#spans[index] = undefined;
    for (let cell = 0; cell < cells.length; cell++) {
      const histogram = cells[cell];
      if (histogram === undefined) continue;
      to.push({
        span: this.#span,
        index,
        subject: this.#firstSubject + Math.floor(cell / this.#metrics.length),
        metric: this.#metrics[cell % this.#metrics.length]!,
        histogram,
      });
    }
  }

  #begin(index: number): (Histogram | undefined)[] {
    if (!(index >= 0 && index < this.#spans.length)) {
      throw new RangeError(`there is no ${this.#span} ${index}: there are ${this.#spans.length}`);
    }
    const cells: (Histogram | undefined)[] = [];
    this.#spans[index] = cells;
    this.#open.push(index);
    return cells;
  }
}

import { Histogram } from '../measure/histogram.js';

export const MOST_POINTS = 60;
/** Later than this after a point's end nobody answers any more: the longest grace of a run. */
const SETTLED_US = 120_000_000;

interface Point {
  p99Us: number | null;
  /** Null once the point is settled: an hour's worth of histograms is more than a sketch deserves. */
  histogram: Histogram | null;
  stale: boolean;
}

/** The p99 of every stretch of a run, for a sketch of how it went. */
export class LiveSeries {
  #points: (Point | undefined)[] = [];
  #stepUs: number;

  constructor(stepUs: number) {
    this.#stepUs = stepUs;
  }

  add(atUs: number, latency: Histogram): void {
    const index = Math.floor(atUs / this.#stepUs);
    if (index < 0 || index >= MOST_POINTS) return;
    const point = this.#points[index] ?? { p99Us: null, histogram: new Histogram(), stale: false };
    this.#points[index] = point;
    point.histogram?.add(latency);
    point.stale = true;
  }

  /** Lets go of what no late answer will change. Points that are settled cannot be joined any more. */
  settle(knownToUs: number): void {
    const last = Math.floor((knownToUs - SETTLED_US) / this.#stepUs) - 1;
    for (let index = last; index >= 0 && this.#points[index]?.histogram !== null; index--) {
      const point = this.#points[index];
      if (!point) continue;
      refresh(point);
      point.histogram = null;
    }
  }

  /** Joins each two points to one, so that twice the time has room. */
  widen(): void {
    const joined: (Point | undefined)[] = [];
    this.#points.forEach((point, index) => {
      if (!point?.histogram) return;
      const into = joined[index >> 1] ?? { p99Us: null, histogram: new Histogram(), stale: true };
      joined[index >> 1] = into;
      into.histogram?.add(point.histogram);
    });
    this.#points = joined;
    this.#stepUs *= 2;
  }

  values(): (number | null)[] {
    return Array.from(this.#points, (point) => {
      if (!point) return null;
      refresh(point);
      return point.p99Us;
    });
  }
}

function refresh(point: Point): void {
  if (!point.stale || point.histogram === null) return;
  point.p99Us = point.histogram.count > 0 ? point.histogram.percentileUs(9900) : null;
  point.stale = false;
}

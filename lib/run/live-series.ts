import type { Histogram } from '../measure/histogram.js';
import type { SeriesMemory } from '../store/watch-memory.js';
import { RoughTimes } from './rough-times.js';

export const MOST_POINTS = 60;
/** What is faster than this is drawn as if it were not. */
const FLOOR_US = 100;

interface Point {
  /** p99 of what is settled of it, µs. */
  settledUs: number | null;
  /** Of the rest; null where all is settled, or nothing was told. */
  times: RoughTimes | null;
}

/** The p99 of every stretch of a run, for a sketch of how it went. */
export class LiveSeries {
  #points: (Point | undefined)[] = [];
  #stepUs: number;
  /** Points before this one change no more. */
  #from = 0;
  #values: readonly (number | null)[] | null = null;

  constructor(stepUs: number, memory: SeriesMemory | null = null) {
    this.#stepUs = stepUs;
    if (!memory) return;
    this.#from = memory.from;
    this.#points = memory.settled.map((settledUs) => ({ settledUs, times: null }));
    for (const [i, times] of memory.open.entries()) {
      if (times) this.#point(memory.from + i).times = new RoughTimes(FLOOR_US, times);
    }
  }

  add(atUs: number, latency: Histogram): void {
    const index = Math.floor(atUs / this.#stepUs);
    if (index < this.#from || index >= MOST_POINTS) return;
    const point = this.#point(index);
    point.times ??= new RoughTimes(FLOOR_US);
    point.times.add(latency);
    this.#values = null;
  }

  /** No more answers will come to what was due before: lets go of all but the figure. */
  settle(beforeUs: number): void {
    const from = Math.floor(beforeUs / this.#stepUs);
    for (; this.#from < from; this.#from++) {
      const point = this.#points[this.#from];
      if (!point) continue;
      point.settledUs = p99Of(point);
      point.times = null;
    }
  }

  /** Joins each two points to one, so that twice the time has room; of two p99s the higher one. */
  widen(): void {
    const joined: (Point | undefined)[] = [];
    this.#points.forEach((point, index) => {
      if (!point) return;
      const into = joined[index >> 1] ?? { settledUs: null, times: null };
      joined[index >> 1] = into;
      into.settledUs = higher(into.settledUs, point.settledUs);
      if (into.times && point.times) into.times.join(point.times);
      else into.times ??= point.times;
    });
    this.#points = joined;
    this.#stepUs *= 2;
    this.#from >>= 1;
    this.#values = null;
  }

  values(): readonly (number | null)[] {
    this.#values ??= Array.from(this.#points, (point) => (point ? p99Of(point) : null));
    return this.#values;
  }

  memory(): SeriesMemory {
    return {
      settled: Array.from(this.#points, (point) => point?.settledUs ?? null),
      from: this.#from,
      open: Array.from(this.#points.slice(this.#from), (point) => point?.times?.memory() ?? null),
    };
  }

  #point(index: number): Point {
    const point = this.#points[index] ?? { settledUs: null, times: null };
    this.#points[index] = point;
    return point;
  }
}

function p99Of({ settledUs, times }: Point): number | null {
  return higher(settledUs, times && times.count > 0 ? times.percentileUs(9900) : null);
}

function higher(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}

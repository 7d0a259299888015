import { highestUs } from '../measure/bucket-layout.js';
import type { Histogram } from '../measure/histogram.js';
import { rankOf } from '../measure/rank.js';
import type { TimesMemory } from '../store/watch-memory.js';

/** Steps to each doubling: a time is told at most 4.5 % too high. */
const STEPS = 16;

/**
 * A histogram for what is only looked at: so rough that it fits into a note for whoever takes over.
 * All times up to a floor share its first bucket.
 */
export class RoughTimes {
  readonly #floorUs: number;
  #counts: number[] = [];
  #count = 0;
  #maxUs = 0;

  constructor(floorUs: number, memory: TimesMemory = []) {
    this.#floorUs = floorUs;
    const [maxUs = 0, first = 0, ...counts] = memory;
    this.#maxUs = maxUs;
    this.#counts = [...Array.from({ length: first }, () => 0), ...counts];
    this.#count = counts.reduce((sum, count) => sum + count, 0);
  }

  get count(): number {
    return this.#count;
  }

  add(histogram: Histogram): void {
    histogram.forEachBucket((index, count) => this.#bump(this.#bucketOf(highestUs(index)), count));
    this.#maxUs = Math.max(this.#maxUs, histogram.maxUs);
  }

  /** Of the same floor. */
  join(other: RoughTimes): void {
    for (const [bucket, count] of other.#counts.entries()) {
      if (count > 0) this.#bump(bucket, count);
    }
    this.#maxUs = Math.max(this.#maxUs, other.#maxUs);
  }

  /** Never too low. */
  percentileUs(hundredths: number): number {
    const rank = rankOf(hundredths, this.#count);
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank) return Math.min(this.#upToUs(bucket), this.#maxUs);
    }
    return 0;
  }

  /** Never too few; at the floor as many as a histogram counts. */
  countAbove(limitUs: number): number {
    if (this.#maxUs <= limitUs) return 0;
    let above = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      if (this.#upToUs(bucket) > limitUs) above += count;
    }
    return above;
  }

  memory(): TimesMemory {
    const first = this.#counts.findIndex((count) => count > 0);
    return first < 0 ? [] : [this.#maxUs, first, ...this.#counts.slice(first)];
  }

  #bump(bucket: number, count: number): void {
    while (this.#counts.length <= bucket) this.#counts.push(0);
    this.#counts[bucket]! += count;
    this.#count += count;
  }

  #bucketOf(us: number): number {
    if (us <= this.#floorUs) return 0;
    // What lies on a bucket's end belongs to it, whatever the logarithm makes of it.
    return Math.max(1, Math.ceil(STEPS * Math.log2(us / this.#floorUs) - 1e-9));
  }

  /** The highest whole time of a bucket. */
  #upToUs(bucket: number): number {
    return Math.floor(this.#floorUs * 2 ** (bucket / STEPS) + 1e-6);
  }
}

import { addCounts, addList, type Counts } from './bucket-counts.js';
import { HIGHEST_US, highestUs, indexOf, lowestUs, middleUs, TOP_INDEX } from './bucket-layout.js';
import type { Exact } from './exact.js';
import { isSupported, rankOf } from './rank.js';

/** Up to here a histogram is a list of bucket indexes, two bytes a sample; then an array. */
export const LIST_LIMIT = 1024;
const FIRST_LIST = 16;
const DENSE_STEP = 1024;
const MAX_UINT32 = 0xffff_ffff;

export interface Bucket {
  readonly index: number;
  readonly lowestUs: number;
  readonly highestUs: number;
  readonly count: number;
}

/**
 * Times in whole microseconds, from 1 µs to 1 h with three significant digits: an HdrHistogram.
 * Beside the buckets it keeps count, minimum, maximum and sum exactly (sums below 2^53, which is
 * 285 years of waiting). An empty one answers 0 to everything: ask its `count` first.
 */
export class Histogram {
  #count = 0;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;
  #sumUs = 0;
  #clamped = 0;
  /** Bucket index of each sample; used while #dense is null. */
  #list = new Uint16Array(FIRST_LIST);
  #sorted = true;
  /** As long as the highest index used, in steps. 32 bits wide until the total needs more. */
  #dense: Counts | null = null;

  get count(): number {
    return this.#count;
  }
  get minUs(): number {
    return this.#count === 0 ? 0 : this.#minUs;
  }
  get maxUs(): number {
    return this.#maxUs;
  }
  get sumUs(): number {
    return this.#sumUs;
  }
  get clamped(): number {
    return this.#clamped;
  }
  get meanUs(): number {
    return this.#count === 0 ? 0 : this.#sumUs / this.#count;
  }

  /** Of the buckets' middles, about their own mean: 0 where all samples share a bucket. */
  get stdevUs(): number {
    if (this.#count === 0) return 0;
    let sum = 0;
    this.forEachBucket((index, count) => {
      sum += middleUs(index) * count;
    });
    const mean = sum / this.#count;
    let squares = 0;
    this.forEachBucket((index, count) => {
      squares += (middleUs(index) - mean) ** 2 * count;
    });
    return Math.sqrt(squares / this.#count);
  }

  /** The hot path: everything that is not a whole number up to one hour leaves it at once. */
  record(valueUs: number): void {
    const value = valueUs >>> 0;
    if (value !== valueUs || value > HIGHEST_US) {
      this.recordMany(valueUs, 1);
      return;
    }
    const index = indexOf(value);
    if (value < this.#minUs) this.#minUs = value;
    if (value > this.#maxUs) this.#maxUs = value;
    this.#sumUs += value;
    const dense = this.#dense;
    if (dense !== null && index < dense.length && this.#count < MAX_UINT32) {
      dense[index]! += 1;
    } else {
      this.#bump(index, 1);
    }
    this.#count += 1;
  }

  recordMany(valueUs: number, n: number): void {
    if (!Number.isSafeInteger(valueUs) || valueUs < 0) {
      throw new RangeError(`a time of ${valueUs} µs cannot be recorded: it must be whole and >= 0`);
    }
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new RangeError(`a time cannot be recorded ${n} times`);
    }
    if (n === 0) return;
    if (valueUs > HIGHEST_US) this.#clamped += n;
    if (valueUs < this.#minUs) this.#minUs = valueUs;
    if (valueUs > this.#maxUs) this.#maxUs = valueUs;
    this.#sumUs += valueUs * n;
    this.#bump(valueUs > HIGHEST_US ? TOP_INDEX : indexOf(valueUs), n);
    this.#count += n;
  }

  add(other: Histogram): void {
    const total = this.#count + other.#count;
    const listed = this.#dense === null && other.#dense === null;
    if (listed && total <= LIST_LIMIT) {
      this.#reserveList(total);
      this.#list.set(other.#list.subarray(0, other.#count), this.#count);
      this.#sorted = false;
    } else if (other.#count > 0) {
      const highest = other.#highestIndex();
      const counts = this.counts(highest, total);
      if (other.#dense === null) addList(counts, other.#list, other.#count);
      else addCounts(counts, other.#dense, other.#lowestIndex(), highest);
    }
    this.account(other);
  }

  /**
   * Highest value of the bucket that holds rank ⌈P·n/10000⌉, never above the maximum.
   *
   * @example histogram.percentileUs(9990) // p99.9
   */
  percentileUs(hundredths: number): number {
    const rank = rankOf(hundredths, this.#count);
    if (this.#count === 0) return 0;
    if (this.#dense === null) {
      return Math.min(highestUs(this.#sortedList()[rank - 1]!), this.#maxUs);
    }
    let seen = 0;
    for (let index = this.#lowestIndex(); index < this.#dense.length; index++) {
      seen += this.#dense[index]!;
      if (seen >= rank) return Math.min(highestUs(index), this.#maxUs);
    }
    throw new Error(`a histogram of ${this.#count} samples holds only ${seen}`);
  }

  /**
   * Samples whose value, as `percentileUs` would tell it, is above the limit. One exactly at the
   * limit is not above; but those that share a bucket with it count as above unless the bucket
   * ends, or the maximum lies, at the limit. So the number is never too small, by at most one
   * bucket (0.1 %) too large, and agrees with the percentiles up to one hour:
   * `countAbove(l) <= n - rank(p)` exactly when `percentileUs(p) <= l`.
   */
  countAbove(limitUs: number): number {
    if (this.#maxUs <= limitUs) return 0;
    let above = 0;
    this.forEachBucket((index, count) => {
      const clampedHere = index === TOP_INDEX && this.#clamped > 0;
      if (clampedHere || highestUs(index) > limitUs) above += count;
    });
    return above;
  }

  /** Whether there are enough samples on both sides of the percentile to show it. */
  supports(hundredths: number): boolean {
    return isSupported(hundredths, this.#count);
  }

  /** The buckets that hold samples, from the lowest. */
  buckets(): Bucket[] {
    const found: Bucket[] = [];
    this.forEachBucket((index, count) => {
      found.push({ index, lowestUs: lowestUs(index), highestUs: highestUs(index), count });
    });
    return found;
  }

  /** The same without an object a bucket. */
  forEachBucket(visit: (index: number, count: number) => void): void {
    if (this.#dense !== null) {
      const dense = this.#dense;
      for (let index = this.#lowestIndex(); index < dense.length; index++) {
        const count = dense[index]!;
        if (count !== 0) visit(index, count);
      }
      return;
    }
    const list = this.#sortedList();
    let from = 0;
    while (from < this.#count) {
      const index = list[from]!;
      let to = from + 1;
      while (to < this.#count && list[to] === index) to++;
      visit(index, to - from);
      from = to;
    }
  }

  equals(other: Histogram): boolean {
    const facts = ['count', 'minUs', 'maxUs', 'sumUs', 'clamped'] as const;
    if (facts.some((fact) => this[fact] !== other[fact])) return false;
    const theirs = other.buckets();
    let at = 0;
    let same = true;
    this.forEachBucket((index, count) => {
      const their = theirs[at++];
      if (their?.index !== index || their.count !== count) same = false;
    });
    return same && at === theirs.length;
  }

  clone(): Histogram {
    const copy = new Histogram();
    copy.add(this);
    return copy;
  }

  clear(): void {
    this.#count = 0;
    this.#minUs = Number.POSITIVE_INFINITY;
    this.#maxUs = 0;
    this.#sumUs = 0;
    this.#clamped = 0;
    this.#sorted = true;
    this.#dense = null;
    if (this.#list.length === 0) this.#list = new Uint16Array(FIRST_LIST);
  }

  get isDense(): boolean {
    return this.#dense !== null;
  }

  /**
   * The counts themselves, reaching up to an index and wide enough for a total: for the codec,
   * which adds to them directly and then owes `account` a call. Valid until the next change.
   */
  counts(index: number, total: number): Counts {
    const held = this.#dense;
    const length = Math.min(TOP_INDEX + 1, (Math.floor(index / DENSE_STEP) + 1) * DENSE_STEP);
    const wide = held instanceof Float64Array || total > MAX_UINT32;
    if (held !== null && held.length >= length && wide === held instanceof Float64Array) {
      return held;
    }
    const reach = Math.max(length, held?.length ?? 0, this.#highestIndex() + 1);
    const dense = wide ? new Float64Array(reach) : new Uint32Array(reach);
    if (held !== null) dense.set(held);
    else for (let i = 0; i < this.#count; i++) dense[this.#list[i]!]! += 1;
    this.#dense = dense;
    this.#list = new Uint16Array(0);
    return dense;
  }

  /** Adds what is known exactly of samples whose buckets have been added already. */
  account(exact: Exact): void {
    if (exact.count === 0) return;
    if (exact.minUs < this.#minUs) this.#minUs = exact.minUs;
    if (exact.maxUs > this.#maxUs) this.#maxUs = exact.maxUs;
    this.#sumUs += exact.sumUs;
    this.#clamped += exact.clamped;
    this.#count += exact.count;
  }

  /** Puts what is known exactly of all samples in the place of what was recorded of them. */
  correct(exact: Exact): void {
    this.#minUs = exact.minUs;
    this.#maxUs = exact.maxUs;
    this.#sumUs = exact.sumUs;
    this.#clamped = exact.clamped;
  }

  /** Adds to a bucket; the caller accounts for it afterwards. */
  #bump(index: number, n: number): void {
    const total = this.#count + n;
    if (this.#dense === null && total <= LIST_LIMIT) {
      this.#reserveList(total);
      if (n === 1) this.#list[this.#count] = index;
      else this.#list.fill(index, this.#count, total);
      this.#sorted = false;
      return;
    }
    this.counts(index, total)[index]! += n;
  }

  #reserveList(length: number): void {
    if (length <= this.#list.length) return;
    const longer = new Uint16Array(Math.max(length, this.#list.length * 2));
    longer.set(this.#list.subarray(0, this.#count));
    this.#list = longer;
  }

  #sortedList(): Uint16Array {
    if (!this.#sorted) this.#list.subarray(0, this.#count).sort();
    this.#sorted = true;
    return this.#list;
  }

  #lowestIndex(): number {
    return indexOf(Math.min(this.#minUs, HIGHEST_US));
  }

  #highestIndex(): number {
    return this.#maxUs > HIGHEST_US ? TOP_INDEX : indexOf(this.#maxUs);
  }
}

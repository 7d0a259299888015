import { build } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { Random } from '../../bench/random.js';
import {
  HIGHEST_US,
  highestUs,
  indexOf,
  lowestUs,
  TOP_INDEX,
} from '../../lib/measure/bucket-layout.js';
import { Histogram } from '../../lib/measure/histogram.js';
import { rankOf } from '../../lib/measure/rank.js';

const HOUR_US = 3_600_000_000;

function of(...values: number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Values over the whole range, more of the small ones. */
function randomValues(seed: number, count: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => Math.floor(HOUR_US ** random.next()));
}

describe('bucket layout', () => {
  it('gives every value a bucket that holds it and is at most a thousandth of it wide', () => {
    const values = [0, 1, 2047, 2048, 4095, 4096, HIGHEST_US, ...randomValues(1, 20_000)];
    for (const value of values) {
      const index = indexOf(value);
      expect(lowestUs(index)).toBeLessThanOrEqual(value);
      expect(highestUs(index)).toBeGreaterThanOrEqual(value);
      expect(highestUs(index) - lowestUs(index)).toBeLessThanOrEqual(value / 1000);
    }
  });

  it('has neither gaps nor overlaps up to the bucket of one hour', () => {
    for (let index = 1; index <= TOP_INDEX; index++) {
      expect(lowestUs(index)).toBe(highestUs(index - 1) + 1);
      expect(indexOf(lowestUs(index))).toBe(index);
    }
  });
});

describe('a histogram', () => {
  it('answers 0 to everything while it is empty', () => {
    const { count, minUs, maxUs, sumUs, meanUs, stdevUs, clamped } = new Histogram();
    expect([count, minUs, maxUs, sumUs, meanUs, stdevUs, clamped]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(new Histogram().percentileUs(5000)).toBe(0);
    expect(new Histogram().buckets()).toEqual([]);
  });

  // Across the change from list to array, which nothing outside may notice.
  it.each([1, 10, 1000, 1024, 1025, 5000])('keeps %i samples as a sorted array would', (n) => {
    const values = randomValues(n, n);
    const histogram = of(...values);
    const sorted = [...values].sort((a, b) => a - b);
    expect(histogram.count).toBe(n);
    expect(histogram.minUs).toBe(sorted[0]);
    expect(histogram.maxUs).toBe(sorted[n - 1]);
    expect(histogram.sumUs).toBe(values.reduce((sum, value) => sum + value, 0));
    expect(histogram.meanUs).toBe(histogram.sumUs / n);
    for (const hundredths of [1, 5000, 7500, 9000, 9500, 9900, 9990, 9999, 10_000]) {
      const truth = sorted[Math.max(0, Math.ceil((n * hundredths) / 10_000 - 1e-9) - 1)]!;
      expect(histogram.percentileUs(hundredths)).toBe(
        Math.min(highestUs(indexOf(truth)), sorted[n - 1]!),
      );
    }
  });

  it('has the spread that hdr-histogram-js computes', () => {
    const values = randomValues(7, 3000);
    const judge = build({ highestTrackableValue: HOUR_US, numberOfSignificantValueDigits: 3 });
    for (const value of values) judge.recordValue(value);
    const { stdevUs } = of(...values);
    expect(Math.abs(stdevUs / judge.stdDeviation - 1)).toBeLessThan(1e-9);
    expect(of(100_003, 100_003).stdevUs).toBe(0);
  });

  it('counts what took longer than an hour in the top bucket, with its true length', () => {
    const histogram = of(5, HOUR_US, HOUR_US + 1, 2 * HOUR_US);
    expect(histogram.clamped).toBe(2);
    expect(histogram.maxUs).toBe(2 * HOUR_US);
    expect(histogram.sumUs).toBe(5 + 4 * HOUR_US + 1);
    expect(histogram.buckets().map(({ index, count }) => [index, count])).toEqual([
      [5, 1],
      [TOP_INDEX, 3],
    ]);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a time of %d', (value) => {
    const histogram = of(3);
    expect(() => histogram.record(value)).toThrow(RangeError);
    expect(histogram.equals(of(3))).toBe(true);
  });

  it('records many at once as it would one by one', () => {
    const many = new Histogram();
    many.recordMany(777, 600);
    many.recordMany(12, 600);
    many.recordMany(5, 0);
    const single = new Histogram();
    for (let i = 0; i < 600; i++) single.record(12);
    for (let i = 0; i < 600; i++) single.record(777);
    expect(many.equals(single)).toBe(true);
  });

  it.each([
    [3, 4],
    [900, 900],
    [3, 4000],
    [4000, 3],
    [4000, 4000],
  ])('of %i samples and one of %i add up to what both saw', (a, b) => {
    const first = randomValues(a, a);
    const second = randomValues(b + 1, b);
    const sum = of(...first);
    const other = of(...second);
    sum.add(other);
    expect(sum.equals(of(...first, ...second))).toBe(true);
    expect(other.equals(of(...second))).toBe(true);
  });

  it('can be added to itself', () => {
    for (const n of [10, 700, 3000]) {
      const values = randomValues(n, n);
      const histogram = of(...values);
      histogram.add(histogram);
      expect(histogram.equals(of(...values, ...values))).toBe(true);
    }
  });

  it('counts beyond 2^32 when merged', () => {
    const part = new Histogram();
    part.recordMany(1000, 3_000_000_000);
    part.recordMany(2000, 5);
    const sum = part.clone();
    sum.add(part);
    sum.record(1000);
    expect(sum.count).toBe(6_000_000_011);
    expect(sum.buckets().map(({ count }) => count)).toEqual([6_000_000_001, 10]);
    expect(sum.percentileUs(9999)).toBe(1000);
  });

  it('is not changed through its clone, and empty once cleared', () => {
    const histogram = of(...randomValues(3, 2000));
    const copy = histogram.clone();
    copy.record(1);
    expect(histogram.count).toBe(2000);
    copy.clear();
    expect(copy.equals(new Histogram())).toBe(true);
    copy.record(9);
    expect(copy.equals(of(9))).toBe(true);
  });

  it('is told from others by its buckets as well as by its sums', () => {
    expect(of(1000, 4000, 7000).equals(of(2000, 3000, 7000))).toBe(false);
    expect(of(1000, 3000).equals(of(1000, 3000))).toBe(true);
    expect(of(1000).equals(of(1000, 1000))).toBe(false);
  });
});

describe('ranks', () => {
  // In doubles 0.55 × 100 is 55.000000000000007, and the rank one too high.
  it.each([
    [5500, 100, 55],
    [9990, 1000, 999],
    [9999, 10_000, 9999],
    [5000, 1, 1],
    [9900, 101, 100],
    [9999, 9_000_000_000_000_000, 8_999_100_000_000_000],
  ])('of %i hundredths among %i is %i', (hundredths, n, rank) => {
    expect(rankOf(hundredths, n)).toBe(rank);
  });

  it('are refused for what is no percentile', () => {
    for (const hundredths of [0, 10_001, 99.9])
      expect(() => rankOf(hundredths, 5)).toThrow(RangeError);
  });
});

describe('support of a percentile', () => {
  // 100 × (1 - 0.9) is 9.999… in doubles; the support is exact.
  it.each([
    [9000, 100],
    [9900, 1000],
    [9990, 10_000],
    [9999, 100_000],
    [5000, 20],
    [1000, 100],
  ])('of %i hundredths begins with %i samples', (hundredths, n) => {
    const histogram = new Histogram();
    histogram.recordMany(5, n - 1);
    expect(histogram.supports(hundredths)).toBe(false);
    histogram.record(5);
    expect(histogram.supports(hundredths)).toBe(true);
  });
});

describe('samples above a limit', () => {
  it('do not include those at it, where a bucket ends there', () => {
    const histogram = of(100, 200, 300, 2047);
    expect([99, 100, 200, 2047].map((limit) => histogram.countAbove(limit))).toEqual([4, 3, 2, 0]);
  });

  it('include those that share the limit’s bucket, unless the maximum is not above it', () => {
    // 500,000 lies in a bucket that reaches to 500,223.
    expect(of(500_000, 500_100).countAbove(500_000)).toBe(2);
    expect(of(499_990, 500_000).countAbove(500_000)).toBe(0);
  });

  it('are at most 1 - p of all exactly when the percentile is within the limit', () => {
    const random = new Random(11);
    for (let round = 0; round < 300; round++) {
      const values = Array.from({ length: 1 + random.below(2000) }, () => random.below(9000));
      const histogram = of(...values);
      const limit = random.below(9000);
      for (const hundredths of [5000, 9000, 9900]) {
        const spare = histogram.count - rankOf(hundredths, histogram.count);
        expect(histogram.countAbove(limit) <= spare).toBe(
          histogram.percentileUs(hundredths) <= limit,
        );
      }
      expect(histogram.countAbove(limit)).toBeGreaterThanOrEqual(
        values.filter((value) => value > limit).length,
      );
    }
  });

  it('are found beyond one hour too', () => {
    expect(of(5, 2 * HOUR_US).countAbove(1.5 * HOUR_US)).toBe(1);
  });
});

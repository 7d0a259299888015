import { describe, expect, test } from 'vitest';
import { Histogram } from '../../lib/measure/histogram.js';
import { LiveSeries } from '../../lib/run/live-series.js';
import { RoughTimes } from '../../lib/run/rough-times.js';

function histogram(...timesUs: readonly number[]): Histogram {
  const made = new Histogram();
  for (const us of timesUs) made.record(us);
  return made;
}

/** Times over six octaves, the same each time. */
function spread(count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.round(1_000 * 64 ** ((i * 0.618) % 1)));
}

describe('rough times', () => {
  test('tell percentiles never too low, and at most 4.5 % too high', () => {
    const times = new RoughTimes(100);
    const exact = histogram(...spread(5_000));
    times.add(exact);
    expect(times.count).toBe(5_000);
    for (const hundredths of [100, 1_000, 5_000, 9_000, 9_900, 10_000]) {
      const us = exact.percentileUs(hundredths);
      expect(times.percentileUs(hundredths)).toBeGreaterThanOrEqual(us);
      expect(times.percentileUs(hundredths)).toBeLessThanOrEqual(us * 1.045);
    }
    expect(times.percentileUs(10_000)).toBe(exact.maxUs);
  });

  test('count what is above their floor as a histogram does, and above other limits never too few', () => {
    const times = new RoughTimes(5_000);
    const exact = histogram(10, 4_990, 5_000, 5_004, 5_300, 9_000, 70_000);
    times.add(exact);
    expect(times.countAbove(5_000)).toBe(exact.countAbove(5_000));
    expect(times.countAbove(5_003)).toBeGreaterThanOrEqual(exact.countAbove(5_003));
    expect(times.countAbove(8_900)).toBe(2);
    expect(times.countAbove(69_999)).toBe(1);
    expect(times.countAbove(70_000)).toBe(0);
  });

  test('are the same after they were kept, and go on', () => {
    const one = new RoughTimes(100);
    const [first, second] = [histogram(...spread(500)), histogram(7, 3_600_000_000)];
    one.add(first);
    const other = new RoughTimes(100, JSON.parse(JSON.stringify(one.memory())));
    for (const times of [one, other]) times.add(second);
    expect(other.memory()).toEqual(one.memory());
    expect(other.count).toBe(502);
    expect(JSON.stringify(new RoughTimes(100).memory())).toBe('[]');
  });

  test('joined are as if they had been one', () => {
    const [one, other, both] = [new RoughTimes(100), new RoughTimes(100), new RoughTimes(100)];
    one.add(histogram(...spread(300)));
    other.add(histogram(50, 90_000_000));
    one.join(other);
    both.add(histogram(...spread(300), 50, 90_000_000));
    expect(one.memory()).toEqual(both.memory());
  });
});

describe('a series', () => {
  test('keeps the figure alone of what is settled, and takes nothing late for it', () => {
    let series = new LiveSeries(1e6);
    series.add(0, histogram(20_000));
    series.add(2e6, histogram(30_000));
    series.settle(2.5e6);
    series.add(0.5e6, histogram(90_000));
    expect(series.values()).toEqual([20_000, null, 30_000]);
    const memory = JSON.parse(JSON.stringify(series.memory()));
    expect(memory).toMatchObject({ settled: [20_000, null, null], from: 2 });
    series = new LiveSeries(1e6, memory);
    expect(series.values()).toEqual([20_000, null, 30_000]);
    series.add(0.5e6, histogram(90_000));
    series.add(2.9e6, histogram(50_000));
    expect(series.values()).toEqual([20_000, null, 50_000]);
  });

  test('widened has the higher p99 of two points, settled or not', () => {
    const series = new LiveSeries(1e6);
    for (const [second, us] of [20_000, 10_000, 40_000, 50_000, 60_000].entries()) {
      series.add(second * 1e6, histogram(us));
    }
    series.settle(3e6);
    series.widen();
    expect(series.values()).toEqual([20_000, 50_000, 60_000]);
    series.add(3.9e6, histogram(70_000));
    expect(series.values()).toEqual([20_000, 70_000, 60_000]);
  });
});

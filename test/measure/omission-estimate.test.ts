import * as hdr from 'hdr-histogram-js';
import { expect, it } from 'vitest';
import { Histogram } from '../../lib/measure/histogram.js';
import { corrected, estimates } from '../../lib/measure/omission-estimate.js';

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

it('fills in what HdrHistogram fills in', () => {
  // Below 2,048 µs each value has a bucket of its own, so that counts can be compared exactly.
  const values = Array.from({ length: 500 }, (_, i) => 50 + ((i * 7919) % 1_900));
  const theirs = hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000 });
  for (const value of values) theirs.recordValueWithExpectedInterval(value, 100);
  const ours = corrected(histogramOf(values), 100);
  expect(ours.count).toBe(theirs.totalCount);
  for (const p of [10, 50, 90, 99]) {
    expect(ours.percentileUs(p * 100)).toBe(theirs.getValueAtPercentile(p));
  }
});

it('leaves a histogram alone in which nothing was held back', () => {
  const histogram = histogramOf([90, 95, 100]);
  expect(corrected(histogram, 100).equals(histogram)).toBe(true);
});

it('takes as interval the median of all requests of the block, and the thinking', () => {
  const entry = (subject: number, index: number, values: readonly number[]) => ({
    span: 'block' as const,
    index,
    subject,
    metric: 'latency' as const,
    histogram: histogramOf(values),
  });
  const found = estimates(
    [entry(0, 3, [100, 100, 100]), entry(1, 3, [1_000]), entry(0, 4, [1_000, 1_000])],
    100,
  );
  expect(found.map(({ metric, subject, index }) => [metric, subject, index])).toEqual([
    ['estimate', 0, 3],
    ['estimate', 1, 3],
    ['estimate', 0, 4],
  ]);
  // 1,000 µs at one iteration in 200 µs: 800, 600, 400 and 200 were held back.
  expect(found[1]!.histogram.count).toBe(5);
  // Where all take 1,000 µs, that is the iteration, and nothing was held back.
  expect(found[2]!.histogram.count).toBe(2);
});

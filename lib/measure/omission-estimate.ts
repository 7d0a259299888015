import { highestUs } from './bucket-layout.js';
import type { HistogramEntry } from './fragment-content.js';
import { Histogram } from './histogram.js';

/** A correction adds at most this many samples for one: beyond it, there is no shape to estimate. */
const MOST_STEPS = 100_000;

/**
 * HdrHistogram's correction for coordinated omission: beside each time longer than the interval
 * at which its user would have sent, the times that the requests it held back would have had. An
 * estimate: it takes every long answer for a stop of the whole server.
 */
export function corrected(histogram: Histogram, intervalUs: number): Histogram {
  const sum = new Histogram();
  sum.add(histogram);
  if (intervalUs < 1) return sum;
  histogram.forEachBucket((index, count) => {
    const valueUs = Math.min(highestUs(index), histogram.maxUs);
    let steps = 0;
    for (let us = valueUs - intervalUs; us >= intervalUs && steps < MOST_STEPS; us -= intervalUs) {
      sum.recordMany(Math.floor(us), count);
      steps++;
    }
  });
  return sum;
}

/**
 * The estimates for blocks that have closed, a request each. The interval is the block's median
 * iteration: what the answers took, and the thinking after them.
 */
export function estimates(entries: readonly HistogramEntry[], thinkUs: number): HistogramEntry[] {
  const latencies = entries.filter(({ span, metric }) => span === 'block' && metric === 'latency');
  const together = new Map<number, Histogram>();
  for (const { index, histogram } of latencies) {
    const sum = together.get(index) ?? new Histogram();
    sum.add(histogram);
    together.set(index, sum);
  }
  return latencies.map((entry) => {
    const intervalUs = together.get(entry.index)!.percentileUs(5000) + thinkUs;
    return { ...entry, metric: 'estimate', histogram: corrected(entry.histogram, intervalUs) };
  });
}

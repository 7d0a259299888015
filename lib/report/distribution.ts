import type { Histogram } from '../measure/histogram.js';
import { samplesToShow } from '../stats/binomial.js';
import { type Distribution, PERCENTILE_KEYS, PERCENTILES } from './report-schema.js';

/** Milliseconds with microsecond resolution. */
export function msOf(us: number): number {
  return Math.round(us) / 1000;
}

/** How many of the scheduled requests the target failed. */
export interface Failing {
  readonly bad: number;
  readonly scheduled: number;
}

/**
 * A histogram as it stands in the report. `failing` tells of the requests beside whose good
 * answers it stands: percentiles that failures reach into are masked.
 */
export function distribution(histogram: Histogram, failing: Failing | null = null): Distribution {
  const empty = histogram.count === 0;
  const result: Distribution = {
    count: histogram.count,
    min: empty ? null : msOf(histogram.minUs),
    mean: empty ? null : msOf(histogram.meanUs),
    stdev: empty ? null : msOf(histogram.stdevUs),
    p50: null,
    p75: null,
    p90: null,
    p95: null,
    p99: null,
    p999: null,
    p9999: null,
    max: empty ? null : msOf(histogram.maxUs),
  };
  const needs: Distribution['needs'] = {};
  for (const key of PERCENTILE_KEYS) {
    const hundredths = PERCENTILES[key];
    if (histogram.supports(hundredths)) result[key] = msOf(histogram.percentileUs(hundredths));
    else needs[key] = samplesToShow(hundredths);
  }
  if (Object.keys(needs).length > 0) result.needs = needs;
  const masked = PERCENTILE_KEYS.filter(
    (key) =>
      failing !== null && failing.bad * 10_000 > failing.scheduled * (10_000 - PERCENTILES[key]),
  );
  if (masked.length > 0) result.masked = masked;
  return result;
}

/** null where nothing of the kind was ever recorded. */
export function distributionOrNull(
  histogram: Histogram,
  failing: Failing | null = null,
): Distribution | null {
  return histogram.count === 0 ? null : distribution(histogram, failing);
}

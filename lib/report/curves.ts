import type { Histogram } from '../measure/histogram.js';
import { headlineStage } from '../plan/stages.js';
import { msOf } from './distribution.js';
import { type Evidence, failing } from './evidence.js';
import { PERCENTILE_KEYS, PERCENTILES, type Report } from './report-schema.js';
import type { Scope } from './scope.js';

type Curve = Report['curves'][number];

const STEPS_PER_NINE = 10;
const NINES = 4;

/** Hundredths of a percent, evenly apart on a scale of nines, with those that have a name. */
export const CURVE_HUNDREDTHS: readonly number[] = [
  ...new Set([
    1000,
    3000,
    ...Array.from({ length: STEPS_PER_NINE * NINES + 1 }, (_, i) =>
      Math.round(10_000 * (1 - 10 ** (-i / STEPS_PER_NINE))),
    ),
    ...PERCENTILE_KEYS.map((key) => PERCENTILES[key]),
  ]),
]
  .filter((hundredths) => hundredths > 0)
  .sort((a, b) => a - b);

/**
 * How long good answers of the headline took, by percentile and by both clocks: all regions
 * together, then each. A curve ends where too few answers lie beyond, or where so many requests
 * failed that the percentile of the others would mislead.
 */
export function curves(evidence: Evidence): Curve[] {
  const stage = headlineStage(evidence.record.frozen.stages);
  const { whole } = evidence;
  return [null, ...whole.regions].map((region) => ({
    region,
    points: points(evidence, {
      regions: region === null ? whole.regions : [region],
      requests: whole.requests,
      stages: stage === null ? whole.stages : [stage],
    }),
  }));
}

function points(evidence: Evidence, scope: Scope): Curve['points'] {
  const { bad, scheduled } = failing(evidence.account(scope));
  const latency = evidence.histogram('latency', scope);
  const service = evidence.histogram('service', scope);
  const at = (histogram: Histogram, hundredths: number) =>
    histogram.supports(hundredths) ? msOf(histogram.percentileUs(hundredths)) : null;
  return CURVE_HUNDREDTHS.flatMap((hundredths) => {
    if (bad * 10_000 > scheduled * (10_000 - hundredths)) return [];
    const point = {
      percentile: hundredths / 100,
      latency: at(latency, hundredths),
      service: at(service, hundredths),
    };
    return point.latency === null && point.service === null ? [] : [point];
  });
}

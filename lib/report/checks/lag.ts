import type { Evidence } from '../evidence.js';
import { type Judged, judged, medianLatencyUs, worstRegion } from './judged.js';

const LEAST_LAG_US = 5_000;
/** Of the region's median latency. */
const LAG_SHARE = 0.1;

/** How late a request may be taken up in a region before it counts as late. */
export function lagLimitUs(evidence: Evidence, region: string): number {
  return Math.max(LEAST_LAG_US, LAG_SHARE * medianLatencyUs(evidence, region));
}

/** Share of a region's requests that the generator took up late; null where it took up none. */
export function lateShare(evidence: Evidence, region: string): number | null {
  const lag = evidence.histogram('lag', { ...evidence.whole, regions: [region] });
  if (lag.count === 0) return null;
  return lag.countAbove(lagLimitUs(evidence, region)) / lag.count;
}

export function lag(evidence: Evidence): Judged {
  const worst = worstRegion(evidence, (region) => lateShare(evidence, region) ?? 0);
  return judged({
    check: 'lag',
    measured: worst.value,
    unit: 'share',
    limit: { doubtful: 0.01, invalid: 0.1 },
    region: worst.region,
    meaning:
      'This share of the requests was taken up late by the load generator itself, by more than 5 ms and more than a tenth of the median latency. Part of the latencies is the generator, not the target.',
    remedy:
      'Use more or larger workers, ask for a lower rate, or leave the machine alone while it measures.',
  });
}

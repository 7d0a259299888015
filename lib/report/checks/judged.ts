import type { Evidence } from '../evidence.js';
import type { ValidityLevel, ValidityVerdict } from '../report-schema.js';

/** What a check finds, before anybody lowers it. */
export type Judged = Omit<ValidityVerdict, 'lowered'>;

type Limit = ValidityVerdict['limit'];

interface Finding extends Omit<Judged, 'level' | 'remedy' | 'measured'> {
  readonly measured: number;
  readonly remedy: string;
}

/** The level follows from the limits; what is good needs no remedy. */
export function judged(finding: Finding): Judged {
  const level = levelOf(finding.measured, finding.limit);
  return { ...finding, level, remedy: level === 'good' ? null : finding.remedy };
}

export function levelOf(value: number, { doubtful, invalid }: Limit): ValidityLevel {
  if (invalid !== null && value > invalid) return 'invalid';
  return doubtful !== null && value > doubtful ? 'doubtful' : 'good';
}

export interface Worst {
  readonly region: string | null;
  readonly value: number;
}

/** The largest value and where it was; no region where it is nothing anywhere. */
export function worstRegion(evidence: Evidence, measure: (region: string) => number): Worst {
  return worstOf(evidence.whole.regions.map((region) => ({ region, value: measure(region) })));
}

export function worstOf(values: readonly { region: string; value: number }[]): Worst {
  let worst: Worst = { region: null, value: 0 };
  for (const one of values) if (one.value > worst.value) worst = one;
  return worst;
}

/** Of the region's good answers; 0 where there are none. */
export function medianLatencyUs(evidence: Evidence, region: string): number {
  const latency = evidence.histogram('latency', { ...evidence.whole, regions: [region] });
  return latency.count === 0 ? 0 : latency.percentileUs(5000);
}

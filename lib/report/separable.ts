import type { Histogram } from '../measure/histogram.js';
import type { Slice } from './report-schema.js';

/** Above it, distance and processing overlap too much to be told apart. */
const INSEPARABLE = 0.05;

/** The share of answers that came sooner than one round trip; null where there were none. */
export function cutAtZero(processing: Histogram): number | null {
  const { count } = processing;
  return count === 0 ? null : (count - processing.countAbove(0)) / count;
}

export function isSeparable({ cutAtZero }: Pick<Slice, 'cutAtZero'>): boolean {
  return (cutAtZero ?? 0) <= INSEPARABLE;
}

/** What disturbs a connect makes it longer: of few, the least is near the truth. */
export function typicalDistance({ distance }: Pick<Slice, 'distance'>): number | null {
  return distance?.p50 ?? distance?.min ?? null;
}

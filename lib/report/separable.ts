import type { Histogram } from '../measure/histogram.js';

/** Above it, distance and processing overlap too much to be told apart. */
export const INSEPARABLE = 0.05;

/** The share of answers that came sooner than one round trip; null where there were none. */
export function cutAtZero(processing: Histogram): number | null {
  const { count } = processing;
  return count === 0 ? null : (count - processing.countAbove(0)) / count;
}

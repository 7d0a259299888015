// Percentiles are whole numbers of hundredths of a percent, p99.9 is 9990, so that everything about
// them is exact: in doubles 0.55 × 100 is above 55, and 100 × (1 - 0.9) below 10.

/** Samples that must lie on each side of a percentile that is shown, × 10,000. */
const SUPPORT = 100_000;

/** ⌈P·n/10000⌉, at least 1; n may be anything below 2^53. */
export function rankOf(hundredths: number, n: number): number {
  if (!Number.isInteger(hundredths) || hundredths < 1 || hundredths > 10_000) {
    throw new RangeError(`${hundredths} is no percentile in hundredths of a percent (1 to 10000)`);
  }
  const rest = n % 10_000;
  const whole = ((n - rest) / 10_000) * hundredths;
  return Math.max(1, whole + Math.ceil((rest * hundredths) / 10_000));
}

/** Whether n samples are enough on both sides of a percentile to show it. */
export function isSupported(hundredths: number, n: number): boolean {
  return n * (10_000 - hundredths) >= SUPPORT && n * hundredths >= SUPPORT;
}

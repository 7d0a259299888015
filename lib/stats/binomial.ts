import { logGamma } from './log-gamma.js';

/** How often a promise that just holds may be called broken, or one just broken kept. */
const SIGNIFICANCE = 0.01;
/** Samples that must lie on each side of a percentile that is shown, × 10,000. */
const SHOWN = 100_000;

/** P(X ≤ k) where each of n tries succeeds with probability p. */
export function atMost(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  if (k + 1 > n * p) return 1 - tailFrom(k + 1, n, p, 1);
  return tailFrom(k, n, p, -1);
}

/** P(X ≥ k) where each of n tries succeeds with probability p. */
export function atLeast(k: number, n: number, p: number): number {
  return atMost(n - k, n, 1 - p);
}

/**
 * Whether the p-th percentile (in hundredths of a percent) of what was sampled lies below a limit
 * that `exceeding` of n samples exceed: the exact binomial test at 1 %. It fails if more exceed
 * than a true share of 1 - p explains, and passes if fewer do.
 *
 * @example decide({ n: 90, exceeding: 0, hundredths: 9500 }) // 'pass'
 */
export function decide(sample: {
  readonly n: number;
  readonly exceeding: number;
  readonly hundredths: number;
}): 'pass' | 'fail' | 'undecided' {
  const { n, exceeding, hundredths } = sample;
  if (!Number.isInteger(n) || !Number.isInteger(exceeding) || exceeding < 0 || exceeding > n) {
    throw new RangeError(`${exceeding} of ${n} samples cannot exceed a limit`);
  }
  if (n === 0) return 'undecided';
  const share = shareAbove(hundredths);
  if (atMost(exceeding, n, share) < SIGNIFICANCE) return 'pass';
  if (atLeast(exceeding, n, share) < SIGNIFICANCE) return 'fail';
  return 'undecided';
}

/** The fewest samples that can keep a promise on this percentile: none of them exceeding decides. */
export function leastSamples(hundredths: number): number {
  const within = Math.log1p(-shareAbove(hundredths));
  return Math.ceil(Math.log(SIGNIFICANCE) / within);
}

/** The fewest samples for which the percentile is shown: ten on each side of it. */
export function samplesToShow(hundredths: number): number {
  const above = Math.ceil(SHOWN / (10_000 - hundredths));
  return Math.max(above, Math.ceil(SHOWN / hundredths));
}

function shareAbove(hundredths: number): number {
  if (!Number.isInteger(hundredths) || hundredths < 1 || hundredths > 9_999) {
    throw new RangeError(`${hundredths} is no percentile in hundredths of a percent (1 to 9999)`);
  }
  return (10_000 - hundredths) / 10_000;
}

/** Sum of the probabilities of k, k + step, k + 2 step …, away from the mean, where they fall. */
function tailFrom(k: number, n: number, p: number, step: 1 | -1): number {
  const odds = p / (1 - p);
  let term = probability(k, n, p);
  let sum = 0;
  for (let i = k; i >= 0 && i <= n; i += step) {
    sum += term;
    if (term < sum * Number.EPSILON) break;
    term *= step > 0 ? ((n - i) / (i + 1)) * odds : i / (n - i + 1) / odds;
  }
  return Math.min(1, sum);
}

function probability(k: number, n: number, p: number): number {
  const ways = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  return Math.exp(ways + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

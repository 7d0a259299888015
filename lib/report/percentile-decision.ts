import type { Histogram } from '../measure/histogram.js';
import { isSupported, rankOf } from '../measure/rank.js';
import { decide } from '../stats/binomial.js';

/** Those whose times a promise is about. */
export interface Population {
  /** The times that were measured. */
  readonly times: Histogram;
  /** Slower than any limit, because the target gave no good answer. */
  readonly slower: number;
  /** What became of them nobody knows, or no fault of the target: tried as fast and as slow. */
  readonly unknown: number;
}

export type Decision = 'held' | 'missed' | 'undecided';

export interface PercentileDecision {
  readonly decision: Decision;
  /** Undecided only because of the unknown ones: the two ways come out differently. */
  readonly torn: boolean;
  /** How many there are, the unknown ones included. */
  readonly n: number;
  /** Known to be beyond the limit. */
  readonly beyond: number;
  /** Where the sample supports it: the percentile, infinite where no good answer holds its rank. */
  readonly measuredUs: number | null;
}

/**
 * Whether a percentile keeps its promise, by the rank that it has among all; where the sample is
 * too small to show it, by the exact binomial test. The unknown are tried both ways, and only a
 * verdict on which both agree is one.
 */
export function decidePercentile(
  { times, slower, unknown }: Population,
  hundredths: number,
  comparison: '<' | '<=' | '>' | '>=',
  limitUs: number,
): PercentileDecision {
  const n = times.count + slower + unknown;
  // Times are whole microseconds: at least the limit is more than one less.
  const strict = comparison === '<' || comparison === '>=';
  const beyond = times.countAbove(strict ? Math.ceil(limitUs) - 1 : limitUs) + slower;
  const fast = within(n, beyond, hundredths);
  const slow = within(n, beyond + unknown, hundredths);
  const agreed = fast === slow ? fast : 'undecided';
  const above = comparison === '>' || comparison === '>=';
  return {
    decision: above ? OPPOSITE[agreed] : agreed,
    torn: fast !== slow,
    n,
    beyond,
    measuredUs: percentileAmongAll(times, slower, hundredths),
  };
}

const OPPOSITE = { held: 'missed', missed: 'held', undecided: 'undecided' } as const;
const WORDS = { pass: 'held', fail: 'missed', undecided: 'undecided' } as const;

/** Whether at most so many are beyond the limit as the percentile leaves out. */
function within(n: number, exceeding: number, hundredths: number): Decision {
  if (n === 0) return 'undecided';
  if (!isSupported(hundredths, n)) return WORDS[decide({ n, exceeding, hundredths })];
  return exceeding <= n - rankOf(hundredths, n) ? 'held' : 'missed';
}

function percentileAmongAll(times: Histogram, slower: number, hundredths: number): number | null {
  const n = times.count + slower;
  if (!isSupported(hundredths, n)) return null;
  const rank = rankOf(hundredths, n);
  let seen = 0;
  for (const { highestUs, count } of times.buckets()) {
    seen += count;
    if (seen >= rank) return Math.min(highestUs, times.maxUs);
  }
  return Number.POSITIVE_INFINITY;
}

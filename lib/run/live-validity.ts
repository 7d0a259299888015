import type { LiveCheck, LiveLevel, LiveValidity, LiveWorkers } from '../store/progress.js';
import type { LiveTally } from './live-tally.js';

export interface JudgedRegion {
  readonly region: string;
  readonly tally: LiveTally;
  readonly workers: LiveWorkers;
}

interface Limit {
  readonly doubtful: number | null;
  readonly invalid: number;
}

/** Those of the report's checks: a test compares the two. */
export const LIVE_LIMITS: Readonly<Record<LiveCheck['check'], Limit>> = {
  lag: { doubtful: 0.01, invalid: 0.1 },
  offered: { doubtful: 0, invalid: 0.001 },
  fragments: { doubtful: null, invalid: 0 },
};
export const LEAST_LAG_US = 5_000;
const LAG_SHARE = 0.1;
/** Up to here it does not matter what the median is. */
export const LEAST_MEDIAN_US = LEAST_LAG_US / LAG_SHARE;

/** What the report would say of the measurement if the run ended now, where that is known by now. */
export function liveValidity(regions: readonly JudgedRegion[]): LiveValidity {
  const checks = [
    { ...check('lag', regions, ({ tally }) => lateShare(tally)), untilUs: lagUntilUs(regions) },
    // Of starts, as in the report: a flow that was never begun counts one request of many.
    check('offered', regions, ({ tally: { starts, startsDropped } }) =>
      starts === 0 ? null : startsDropped / starts,
    ),
    check('fragments', regions, ({ workers }) => workers.lost),
  ];
  const levels = checks.map(({ level }) => level);
  return { level: worst(levels), checks };
}

/** Up to where every region has told its lag that has told any. */
function lagUntilUs(regions: readonly JudgedRegion[]): number | null {
  const told = regions.filter(({ tally }) => tally.lag.count > 0);
  return told.length === 0 ? null : Math.min(...told.map(({ tally }) => tally.lagUntilUs));
}

/** Known only once a long block has closed: every minute, and at the end of a stage. */
function lateShare({ lag, latency }: LiveTally): number | null {
  if (lag.count === 0) return null;
  const medianUs = latency.count === 0 ? 0 : latency.percentileUs(5000);
  return lag.countAbove(Math.max(LEAST_LAG_US, LAG_SHARE * medianUs)) / lag.count;
}

function check(
  name: LiveCheck['check'],
  regions: readonly JudgedRegion[],
  measure: (region: JudgedRegion) => number | null,
): LiveCheck {
  let highest: { measured: number | null; region: string | null } = {
    measured: null,
    region: null,
  };
  for (const one of regions) {
    const measured = measure(one);
    if (measured === null || measured <= (highest.measured ?? -1)) continue;
    highest = { measured, region: measured > 0 ? one.region : null };
  }
  const limit = LIVE_LIMITS[name];
  return { check: name, level: levelOf(highest.measured ?? 0, limit), ...highest, untilUs: null };
}

function levelOf(value: number, { doubtful, invalid }: Limit): LiveLevel {
  if (value > invalid) return 'invalid';
  return doubtful !== null && value > doubtful ? 'doubtful' : 'good';
}

function worst(levels: readonly LiveLevel[]): LiveLevel {
  return levels.includes('invalid') ? 'invalid' : levels.includes('doubtful') ? 'doubtful' : 'good';
}

import { counter } from './accounts.js';
import type { Evidence } from './evidence.js';
import type { ObjectiveVerdict, ValidityLevel, ValidityVerdict } from './report-schema.js';

/**
 * Whether the measurement itself can be trusted. Each check looks at the generator and its
 * workers; a slow or failing target trips none of them.
 */
export function validity(
  evidence: Evidence,
  objectives: readonly ObjectiveVerdict[],
): ValidityVerdict[] {
  return [
    lag(evidence),
    offered(evidence),
    fragments(evidence),
    accounts(evidence),
    support(objectives),
  ];
}

export function worstLevel(checks: readonly ValidityVerdict[]): ValidityLevel {
  const levels = checks.map(({ level }) => level);
  if (levels.includes('invalid')) return 'invalid';
  return levels.includes('doubtful') ? 'doubtful' : 'good';
}

const LEAST_LAG_US = 5_000;
/** Of the region's median latency. */
const LAG_SHARE = 0.1;

/** How late a request may be taken up in a region before it counts as late. */
export function lagLimitUs(evidence: Evidence, region: string): number {
  const latency = evidence.histogram('latency', { ...evidence.whole, regions: [region] });
  const medianUs = latency.count === 0 ? 0 : latency.percentileUs(5000);
  return Math.max(LEAST_LAG_US, LAG_SHARE * medianUs);
}

/** Share of a region's requests that the generator took up late; null where it took up none. */
export function lateShare(evidence: Evidence, region: string): number | null {
  const lag = evidence.histogram('lag', { ...evidence.whole, regions: [region] });
  if (lag.count === 0) return null;
  return lag.countAbove(lagLimitUs(evidence, region)) / lag.count;
}

function lag(evidence: Evidence): ValidityVerdict {
  const worst = worstRegion(evidence, (region) => lateShare(evidence, region) ?? 0);
  const limit = { doubtful: 0.01, invalid: 0.1 };
  const level = levelOf(worst.value, limit);
  return {
    check: 'lag',
    level,
    measured: worst.value,
    unit: 'share',
    limit,
    region: worst.region,
    meaning:
      'This share of the requests was taken up late by the load generator itself, by more than 5 ms and more than a tenth of the median latency. Part of the latencies is the generator, not the target.',
    remedy:
      level === 'good'
        ? null
        : 'Use more or larger workers, ask for a lower rate, or leave the machine alone while it measures.',
  };
}

function offered(evidence: Evidence): ValidityVerdict {
  let unknown = false;
  const worst = worstRegion(evidence, (region) => {
    const { values, lost } = evidence.account({ ...evidence.schedule, regions: [region] });
    if (lost === null) unknown = true;
    const scheduled = counter(values, 'scheduled');
    const short = counter(values, 'droppedGenerator') + (lost ?? 0);
    return scheduled === 0 ? 0 : short / scheduled;
  });
  const limit = { doubtful: 0, invalid: 0.001 };
  const known = levelOf(worst.value, limit);
  const level = unknown && known === 'good' ? 'doubtful' : known;
  return {
    check: 'offered',
    level,
    measured: unknown ? null : worst.value,
    unit: 'share',
    limit,
    region: worst.region,
    meaning:
      'This share of the requests that the plan asked for was not sent through the fault of the load generator: never begun, or lost with a worker. The target had less to do than the plan says.',
    remedy:
      level === 'good'
        ? null
        : 'See which workers were lost and why; ask for a lower rate, or for more workers, and run again.',
  };
}

function fragments({ collection }: Evidence): ValidityVerdict {
  const silent = collection.shards.filter(({ fate }) => fate.manifest === null).length;
  const measured = collection.missing + collection.unreadable + silent;
  const limit = { doubtful: null, invalid: 0 };
  const level = levelOf(measured, limit);
  return {
    check: 'fragments',
    level,
    measured,
    unit: 'count',
    limit,
    region: null,
    meaning:
      'So many workers never reported their end, or pieces of their measurements never arrived or could not be read. What they saw is not in the result.',
    remedy:
      level === 'good'
        ? null
        : 'See completeness.workers.missing for which and why; if a worker ran out of memory or was killed, give it less to do, and run again.',
  };
}

function accounts({ ledger }: Evidence): ValidityVerdict {
  const measured = ledger.remainders.length;
  const limit = { doubtful: null, invalid: 0 };
  const level = levelOf(measured, limit);
  return {
    check: 'accounts',
    level,
    measured,
    unit: 'count',
    limit,
    region: null,
    meaning:
      'So many sums do not come out: every request that was scheduled must be good, failed, cut, dropped or lost, whichever way it is added up.',
    remedy:
      level === 'good'
        ? null
        : 'This is a bug in the measuring program: no number here can be relied on. Please report it with this report.',
  };
}

function support(objectives: readonly ObjectiveVerdict[]): ValidityVerdict {
  const measured = objectives.filter(({ state }) => state === 'undecided').length;
  const limit = { doubtful: null, invalid: 0 };
  const level = levelOf(measured, limit);
  return {
    check: 'support',
    level,
    measured,
    unit: 'count',
    limit,
    region: null,
    meaning:
      'So many objectives could not be decided: too little was measured to tell whether they hold.',
    remedy:
      level === 'good'
        ? null
        : 'Run longer or at a higher rate, promise a lower percentile, or allow it with --allow-undecided.',
  };
}

function levelOf(value: number, { doubtful, invalid }: ValidityVerdict['limit']): ValidityLevel {
  if (value > invalid) return 'invalid';
  return doubtful !== null && value > doubtful ? 'doubtful' : 'good';
}

/** The largest value and where it was; no region where it is nothing anywhere. */
function worstRegion(
  evidence: Evidence,
  measure: (region: string) => number,
): { region: string | null; value: number } {
  let worst: { region: string | null; value: number } = { region: null, value: 0 };
  for (const region of evidence.whole.regions) {
    const value = measure(region);
    if (value > worst.value) worst = { region, value };
  }
  return worst;
}

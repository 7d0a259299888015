import { counter } from '../accounts.js';
import type { Evidence } from '../evidence.js';
import { type Judged, judged, worstRegion } from './judged.js';

/** Whether the target was asked for what the plan says, whatever came of it. */
export function offered(evidence: Evidence): Judged {
  const { record } = evidence;
  let unknown = false;
  const worst = worstRegion(evidence, (region) => {
    const account = evidence.account({ ...evidence.schedule, regions: [region] });
    const { values, iterationsLost: lost } = account;
    if (lost === null) unknown = true;
    // Of starts: of a flow that was never begun, nobody knows how many requests it would have sent.
    const scheduled = counter(values, 'iterationsScheduled');
    const short = counter(values, 'iterationsDroppedGenerator') + (lost ?? 0);
    return scheduled === 0 ? 0 : short / scheduled;
  });
  const remedy =
    'See which workers were lost and why; ask for a lower rate, or for more workers, and run again.';
  const known = judged({
    check: 'offered',
    measured: worst.value,
    unit: 'share',
    limit: { doubtful: 0, invalid: 0.001 },
    region: worst.region,
    meaning:
      'This share of the requests that the plan asked for was not sent through the fault of the load generator: never begun, or lost with a worker. The target had less to do than the plan says.',
    remedy,
  });
  const held = record.shards.reduce((sum, { manifest }) => sum + (manifest?.held ?? 0), 0);
  if (!unknown && held === 0) return known;
  const level = known.level === 'good' ? 'doubtful' : known.level;
  if (held === 0) return { ...known, level, measured: null, remedy };
  return {
    ...known,
    level,
    measured: unknown ? null : known.measured,
    meaning: `${known.meaning} And ${held} times a user, or the code of a flow, was held back by what this deployment allows one worker.`,
    remedy: `${remedy} For users that nothing holds back: let them think between requests, use more workers, or deploy with a higher -c maxWorkerRate.`,
  };
}

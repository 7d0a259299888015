import { counter } from '../accounts.js';
import type { Evidence } from '../evidence.js';
import { type Judged, judged, worstRegion } from './judged.js';

/** Whether the target was asked for what the plan says, whatever came of it. */
export function offered(evidence: Evidence): Judged {
  const { record } = evidence;
  let unknown = false;
  const worst = worstRegion(evidence, (region) => {
    const { values, lost } = evidence.account({ ...evidence.schedule, regions: [region] });
    if (lost === null) unknown = true;
    const scheduled = counter(values, 'scheduled');
    const short = counter(values, 'droppedGenerator') + (lost ?? 0);
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
    meaning: `${known.meaning} And ${held} starts of users were held back by what this deployment allows one worker.`,
    remedy: `${remedy} For users that nothing holds back: let them think between requests, use more workers, or deploy with a higher -c maxWorkerRate.`,
  };
}

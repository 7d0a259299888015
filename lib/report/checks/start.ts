import { msOf } from '../distribution.js';
import type { Evidence } from '../evidence.js';
import { type Judged, judged, worstOf } from './judged.js';

/** Whether all began when the schedule did. */
export function start({ record }: Evidence): Judged {
  const worst = worstOf(
    record.shards.flatMap(({ region, manifest }) => {
      const lagUs = manifest?.firstLagUs ?? null;
      return lagUs === null ? [] : { region, value: msOf(lagUs) };
    }),
  );
  return judged({
    check: 'start',
    measured: worst.value,
    unit: 'ms',
    limit: { doubtful: 100, invalid: 1_000 },
    region: worst.region,
    meaning:
      'A worker took up its first request so long after it was due. What it should have spread over that time came all at once, and the regions did not begin together.',
    remedy:
      'Run again; if it is late again, give the machine less to do beside it, or use fewer workers on it.',
  });
}

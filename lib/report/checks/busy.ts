import type { Evidence } from '../evidence.js';
import { type Judged, judged, worstOf } from './judged.js';

/** A loop without any time left works off a queue of its own. */
export function busy({ record }: Evidence): Judged {
  const worst = worstOf(
    record.shards.flatMap(({ region, manifest }) => {
      const share = manifest?.health.busy?.share;
      return share === undefined ? [] : { region, value: share };
    }),
  );
  return judged({
    check: 'busy',
    measured: worst.value,
    unit: 'share',
    limit: { doubtful: 0.9, invalid: 0.98 },
    region: worst.region,
    meaning:
      'In its busiest 10 seconds a load thread was at work for this share of the time. One that is never idle measures how fast it can work itself: answers wait for it, and users of a closed model send no more than it can.',
    remedy:
      'Ask for a lower rate or fewer users, give users a pause (think), or use more workers on more cores.',
  });
}

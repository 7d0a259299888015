import type { Evidence } from '../evidence.js';
import { type Judged, judged } from './judged.js';

/** Every digest in every manifest merged once, and every worker with a manifest. */
export function fragments({ collection }: Evidence): Judged {
  const silent = collection.shards.filter(({ fate }) => fate.manifest === null).length;
  return judged({
    check: 'fragments',
    measured: collection.missing + collection.unreadable + silent,
    unit: 'count',
    limit: { doubtful: null, invalid: 0 },
    region: null,
    meaning:
      'So many workers never reported their end, or pieces of their measurements never arrived or could not be read. What they saw is not in the result.',
    remedy:
      'See completeness.workers.missing for which and why; if a worker ran out of memory or was killed, give it less to do, and run again.',
  });
}

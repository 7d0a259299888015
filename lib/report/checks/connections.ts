import type { Evidence } from '../evidence.js';
import { type Judged, judged } from './judged.js';

/** A number of connections that the user gave is part of the plan; a ceiling of ours is not. */
export function connections({ record }: Evidence): Judged {
  const { http, load } = record.frozen.plan;
  // Users bring one connection each: there is no ceiling to reach.
  const ours = http.connections === 'auto' && load.kind === 'open';
  const reached = ours
    ? record.shards.filter(({ manifest }) => manifest?.connections.ceilingReached)
    : [];
  const regions = new Set(reached.map(({ region }) => region));
  return judged({
    check: 'connections',
    measured: reached.length,
    unit: 'count',
    limit: { doubtful: 0, invalid: null },
    region: regions.size === 1 ? reached[0]!.region : null,
    meaning:
      'So many workers had every connection in use that one may open, and requests waited for one to come free. How long they waited is set by that ceiling as much as by the target.',
    remedy:
      'Say how many connections there shall be (connections: 2000), which makes them part of what is measured; or use more workers, each of which opens its own.',
  });
}

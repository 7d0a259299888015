import { msOf } from '../distribution.js';
import type { Evidence } from '../evidence.js';
import { type Judged, judged, medianLatencyUs } from './judged.js';

const LEAST_US = 10_000;
/** Of the region's median latency. */
const MEDIAN_SHARE = 0.1;
const INVALID_TIMES = 5;

/** How long the loop of a worker may keep what is due waiting, against the latencies of its region. */
export function eventLoop(evidence: Evidence): Judged {
  const seen = evidence.record.shards.flatMap(({ region, manifest }) => {
    const delay = manifest?.health.delay ?? null;
    if (delay === null) return [];
    return { region, p99Us: delay.p99Us, limitUs: limitUs(evidence, region) };
  });
  const [first, ...others] = seen;
  const worst = others.reduce(
    (a, b) => (a && b.p99Us / b.limitUs <= a.p99Us / a.limitUs ? a : b),
    first,
  );
  const doubtful = msOf(worst?.limitUs ?? LEAST_US);
  return judged({
    check: 'event-loop',
    measured: msOf(worst?.p99Us ?? 0),
    unit: 'ms',
    limit: { doubtful, invalid: INVALID_TIMES * doubtful },
    region: worst?.region ?? null,
    meaning:
      'In the worst 10 seconds of a worker one instant in a hundred had to wait this long for its event loop, and with it whatever was due or had come in: it is in the latencies, and is not the target.',
    remedy:
      'Leave the machine alone while it measures, use more or larger workers, or ask for a lower rate; workers[].health tells of garbage collection, and of CPU time that others took.',
  });
}

function limitUs(evidence: Evidence, region: string): number {
  return Math.max(LEAST_US, Math.round(MEDIAN_SHARE * medianLatencyUs(evidence, region)));
}

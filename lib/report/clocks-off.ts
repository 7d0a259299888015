import type { ClockOffset } from '../measure/health.js';
import { shardName } from './accounts.js';
import { CLOCK_LIMIT, surelyOffMs } from './checks/clock-offset.js';
import { msOf } from './distribution.js';
import type { Evidence } from './evidence.js';
import { count, time } from './render/figures.js';
import type { Finding } from './report-schema.js';

const MOST_NAMED = 10;

/** Which workers' clocks make the check on them fail, by how much, and how sure that is. */
export function* clocksOff({ record }: Evidence): Generator<Finding> {
  const off = record.shards
    .flatMap((fate) => {
      const clock = fate.manifest?.clock ?? null;
      return clock && surelyOffMs(clock) > CLOCK_LIMIT.doubtful ? { fate, clock } : [];
    })
    .sort((a, b) => surelyOffMs(b.clock) - surelyOffMs(a.clock));
  const [furthest] = off;
  if (!furthest) return;
  const named = off
    .slice(0, MOST_NAMED)
    .map(({ fate, clock }) => `${shardName(fate)} ${distance(clock)}`);
  const more = off.length - named.length;
  if (more > 0) named.push(`and ${count(more)} more, in workers[].clock`);
  yield {
    id: 'clocks-off',
    severity: surelyOffMs(furthest.clock) > CLOCK_LIMIT.invalid ? 'serious' : 'warning',
    text: `Not every clock agrees with the store's, and each worker begins by its own: ${named.join('; ')}.`,
    evidence: { workers: off.length, furthest: msOf(furthest.clock.offsetMs * 1000) },
  };
}

function distance({ offsetMs, uncertaintyMs }: ClockOffset): string {
  const [way, began] = offsetMs > 0 ? ['ahead', 'early'] : ['behind', 'late'];
  const figure = (ms: number) => time(msOf(ms * 1000));
  return `is ${figure(Math.abs(offsetMs))} ${way}, to within ${figure(uncertaintyMs)}, and began so much too ${began}`;
}

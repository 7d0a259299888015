import type { ClockOffset } from '../../measure/health.js';
import type { Evidence } from '../evidence.js';
import { type Judged, judged, worstOf } from './judged.js';

/** ms. */
export const CLOCK_LIMIT = { doubtful: 100, invalid: 250 };

/** Workers agree on when to begin only as well as their clocks do. */
export function clockOffset({ record }: Evidence): Judged {
  let unknown = false;
  const worst = worstOf(
    record.shards.flatMap(({ region, manifest }) => {
      if (manifest === null) return [];
      const { clock } = manifest;
      if (clock === null) unknown = true;
      return clock === null ? [] : { region, value: surelyOffMs(clock) };
    }),
  );
  const remedy =
    'Have the clock of the machine set by NTP, and that of the store if it is on another; workers[].clock tells which is off, and how sure that is.';
  const known = judged({
    check: 'clock-offset',
    measured: worst.value,
    unit: 'ms',
    limit: CLOCK_LIMIT,
    region: worst.region,
    meaning:
      "The clock of a worker is at least so far from the store's, what is uncertain left out. It began that much too early or too late against the others, and its times of day are wrong by as much.",
    remedy,
  });
  if (!unknown || known.level !== 'good') return known;
  return { ...known, level: 'doubtful', measured: null, remedy };
}

/** A clock that cannot be read exactly is not held against the worker. */
export function surelyOffMs(clock: Pick<ClockOffset, 'offsetMs' | 'uncertaintyMs'>): number {
  return Math.max(0, Math.abs(clock.offsetMs) - clock.uncertaintyMs);
}

import type { Report } from '../report-schema.js';
import { bytes, counted, percent, time } from './figures.js';

/** How the load threads fared, in one line; the worst of each. Empty where none reported. */
export function healthText({ workers }: Report): string {
  if (workers.length === 0) return '';
  const healths = workers.map(({ health }) => health);
  const most = (values: readonly (number | null | undefined)[]): number | null =>
    values.reduce<number | null>((a, b) => (b == null ? a : Math.max(a ?? b, b)), null);
  const delay = most(healths.map(({ delay }) => delay?.p99));
  const busy = most(healths.map(({ busy }) => busy?.share));
  const steal = most(healths.map(({ steal }) => steal));
  const throttled = most(healths.map(({ throttled }) => throttled?.total));
  const pause = most(healths.map(({ gc }) => (gc.count > 0 ? gc.longest : null)));
  const collections = most(healths.map(({ gc }) => gc.count)) ?? 0;
  // What is uncertain of it is no offset.
  const offset = most(
    workers.map(({ clock }) => clock && Math.abs(clock.offset) - clock.uncertainty),
  );
  return [
    busy !== null && `busy ${percent(busy)}`,
    delay !== null && `loop late by ${time(delay)} (p99)`,
    pause !== null && `${counted(collections, 'garbage collection')} of up to ${time(pause)}`,
    steal !== null && steal > 0 && `${percent(steal)} of the CPU stolen`,
    throttled !== null && throttled > 0 && `held by a CPU quota for ${time(throttled)}`,
    `${bytes(most(healths.map(({ memory }) => memory.rss)) ?? 0)} of memory`,
    offset !== null && offset > 0 && `clock off by at least ${time(offset)}`,
  ]
    .filter((part) => part !== false)
    .join(', ');
}

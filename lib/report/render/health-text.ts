import type { Report } from '../report-schema.js';
import { bytes, counted, percent, time } from './figures.js';

type Workers = Report['workers'];

/** The worst of each sign of health; null: none of them told. */
interface WorstHealth {
  readonly busy: number | null;
  readonly delayMs: number | null;
  readonly pauseMs: number | null;
  readonly collections: number;
  readonly steal: number | null;
  readonly throttledMs: number | null;
  readonly memoryBytes: number;
  /** What is certain of it. */
  readonly clockOffMs: number | null;
}

export function worstHealth(workers: Workers): WorstHealth {
  const healths = workers.map(({ health }) => health);
  const most = (values: readonly (number | null | undefined)[]): number | null =>
    values.reduce<number | null>((a, b) => (b == null ? a : Math.max(a ?? b, b)), null);
  return {
    busy: most(healths.map(({ busy }) => busy?.share)),
    delayMs: most(healths.map(({ delay }) => delay?.p99)),
    pauseMs: most(healths.map(({ gc }) => (gc.count > 0 ? gc.longest : null))),
    collections: most(healths.map(({ gc }) => gc.count)) ?? 0,
    steal: most(healths.map(({ steal }) => steal)),
    throttledMs: most(healths.map(({ throttled }) => throttled?.total)),
    memoryBytes: most(healths.map(({ memory }) => memory.rss)) ?? 0,
    clockOffMs: most(
      workers.map(({ clock }) => clock && Math.abs(clock.offset) - clock.uncertainty),
    ),
  };
}

/** How load threads fared, in one line. */
export function healthText(workers: Workers): string {
  const worst = worstHealth(workers);
  const { busy, delayMs, pauseMs, collections, steal, throttledMs, memoryBytes } = worst;
  return [
    busy !== null && `busy ${percent(busy)}`,
    delayMs !== null && `loop late by ${time(delayMs)} (p99)`,
    pauseMs !== null && `${counted(collections, 'garbage collection')} of up to ${time(pauseMs)}`,
    steal !== null && steal > 0 && `${percent(steal)} of the CPU stolen`,
    throttledMs !== null && throttledMs > 0 && `held by a CPU quota for ${time(throttledMs)}`,
    `${bytes(memoryBytes)} of memory`,
    clockOffText(worst),
  ]
    .filter((part) => part !== false)
    .join(', ');
}

function clockOffText({ clockOffMs }: WorstHealth): string | false {
  return clockOffMs !== null && clockOffMs > 0 && `clock off by at least ${time(clockOffMs)}`;
}

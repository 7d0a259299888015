import type { Manifest } from '../measure/manifest.js';
import { msOf } from './distribution.js';
import type { Report } from './report-schema.js';

type Worker = Report['workers'][number];

/** How a worker's thread fared and what its clock shows, as the report has it. */
export function healthOf({ health, clock }: Manifest): Pick<Worker, 'health' | 'clock'> {
  const { delay, busy, gc, steal, throttled, memory } = health;
  return {
    health: {
      delay: delay && { p99: msOf(delay.p99Us), from: delay.fromUs / 1e6 },
      busy: busy && { share: busy.share, from: busy.fromUs / 1e6 },
      gc: { count: gc.count, total: msOf(gc.totalUs), longest: msOf(gc.longestUs) },
      steal,
      throttled: throttled && { count: throttled.count, total: msOf(throttled.totalUs) },
      memory: { rss: memory.rssBytes, heap: memory.heapBytes },
    },
    clock: clock && {
      offset: msOf(clock.offsetMs * 1000),
      uncertainty: msOf(clock.uncertaintyMs * 1000),
      drift: clock.driftMs === null ? null : msOf(clock.driftMs * 1000),
    },
  };
}

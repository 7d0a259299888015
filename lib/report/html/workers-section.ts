import type { Report } from '../report-schema.js';
import { html, type Markup } from './markup.js';
import { type Page, regionName, section } from './page.js';
import { type Column, table } from './table.js';

type Worker = Report['workers'][number];

/** Of a relay of hours there are thousands: those that had the most to bear are shown. */
const MOST_WORKERS = 40;

/** What made the load, one by one, and how it fared. */
export function workersSection({ report, trace }: Page): Markup | null {
  const { workers, run } = report;
  if (workers.length === 0) return null;
  const strained = [...workers.entries()]
    .sort(([, a], [, b]) => strain(b) - strain(a))
    .slice(0, MOST_WORKERS);
  const shown = workers.length > MOST_WORKERS ? strained : strained.toSorted(([a], [b]) => a - b);
  const columns: readonly Column<Worker>[] = [
    { title: 'n', of: 'n', as: 'number' },
    ...(run.legs.length > 1 ? [{ title: 'Leg', of: 'leg', as: 'number' } as const] : []),
    ...(workers.some(({ attempt }) => attempt > 1)
      ? [{ title: 'Attempt', of: 'attempt', as: 'number' } as const]
      : []),
    { title: 'Busy', of: 'health/busy/share', as: 'percent', group: 'Load thread, at worst' },
    { title: 'Late by', of: 'health/delay/p99', as: 'time', group: 'Load thread, at worst' },
    { title: 'GC pause', of: 'health/gc/longest', as: 'time', group: 'Load thread, at worst' },
    { title: 'Stolen', of: 'health/steal', as: 'percent', group: 'Machine' },
    { title: 'Throttled', of: 'health/throttled/total', as: 'time', group: 'Machine' },
    { title: 'Memory', of: 'health/memory/rss', as: 'bytes', group: 'Machine' },
    { title: 'First late', of: 'firstLag', as: 'time', group: 'Clock' },
    { title: 'Offset', of: 'clock/offset', as: 'time', group: 'Clock' },
    { title: '±', of: 'clock/uncertainty', as: 'time', group: 'Clock' },
    { title: 'Peak', of: 'connections/peak', as: 'count', group: 'Connections' },
    { title: 'Opened', of: 'connections/opened', as: 'count', group: 'Connections' },
    { title: 'Failed', of: 'connections/failed', as: 'count', group: 'Connections' },
    ...(workers.some((worker) => fateOf(worker) !== '')
      ? [{ title: 'Ended', left: true, cell: fateOf } as const]
      : []),
  ];
  return section({
    id: 'workers',
    title: 'Workers and their health',
    aside: html`${trace.figure('/completeness/workers/reported', 'count')} of ${trace.figure('/completeness/workers/planned', 'count')} reported`,
    body: html`${table(trace, {
      caption: 'Workers',
      heads: 'Worker of',
      columns,
      rows: shown.map(([i, worker]) => ({
        item: worker,
        head: regionName(worker.region),
        at: `/workers/${i}`,
        id: `worker-${i + 1}`,
      })),
    })}
${
  workers.length > shown.length &&
  html`<p class="faint">The ${shown.length} busiest of ${trace.derived('length', ['/workers'], 'count')}; all are in report.json.</p>`
}`,
  });
}

function strain({ health }: Worker): number {
  return (health.busy?.share ?? 0) + (health.delay?.p99 ?? 0) / 1000;
}

/** What is out of the ordinary about its end. */
function fateOf({ stopped, lapsed }: Worker): string {
  if (lapsed !== null) return 'fell silent by itself';
  return stopped === null ? '' : 'obeyed the stop';
}

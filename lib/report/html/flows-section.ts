import type { Distribution, PercentileKey, Slice } from '../report-schema.js';
import { withheldNote } from './headline-section.js';
import { type Content, html, type Markup } from './markup.js';
import { details, duringHeadline, type Page, regionName, section } from './page.js';
import { type FigureColumn, type Row, table } from './table.js';

const PERCENTILES: readonly PercentileKey[] = ['p50', 'p90', 'p95', 'p99'];

/** More than these are of little use on a page; all of them stand in report.json. */
const MOST_ROWS = 200;

const COLUMNS: readonly FigureColumn[] = [
  { title: 'Scheduled', of: 'iterations/scheduled', as: 'count' },
  { title: 'ok', of: 'iterations/ok', as: 'count' },
  { title: 'Failed', of: 'iterations/failed', as: 'count' },
  {
    title: 'Cut',
    of: 'iterations/cut/deadline iterations/cut/stop',
    as: 'count',
    op: 'sum',
  },
  {
    title: 'Dropped',
    of: 'iterations/dropped/generator iterations/dropped/target',
    as: 'count',
    op: 'sum',
  },
  { title: 'Lost', of: 'iterations/lost', as: 'count' },
  {
    title: 'Errors',
    of: 'iterations/failed iterations/cut/deadline iterations/dropped/target iterations/scheduled',
    as: 'percent',
    op: 'share',
  },
  { title: 'p50', of: 'iteration/p50', as: 'time', group: 'Whole iteration' },
  { title: 'p90', of: 'iteration/p90', as: 'time', group: 'Whole iteration' },
  { title: 'p95', of: 'iteration/p95', as: 'time', group: 'Whole iteration' },
  { title: 'p99', of: 'iteration/p99', as: 'time', group: 'Whole iteration' },
  { title: 'max', of: 'iteration/max', as: 'time', group: 'Whole iteration' },
];

/** Flows as wholes: what became of each iteration, and how long the good ones took. */
export function flowsSection(page: Page): Markup | null {
  const { run } = page.report;
  const { stage } = run.headline;
  const rows = rowsOf(page, [[null, stage, null]]);
  if (rows.length === 0) return null;
  const stages = run.stages.map(
    ({ title, warmup }) => [null, title, `${title}${warmup ? ', warm-up' : ''}`] as const,
  );
  const during = duringHeadline(page);
  return section({
    id: 'flows',
    title: 'Flows',
    aside: `whole iterations, pauses included${during && `, ${during}`}`,
    body: html`${flowsTable(page, 'Flows', rows)}
${withheldNote(
  rows.flatMap(({ item: { iteration } }): Distribution[] => (iteration ? [iteration] : [])),
  PERCENTILES,
  ['iterations', 'iterations'],
)}
<p class="faint">Times are of good iterations, from when each was due to its end. What each request of a flow took stands <a href="#slices">below</a>.</p>
${
  stages.length > 1 &&
  details(
    'Flows by stage',
    flowsTable(page, 'Flows by stage', rowsOf(page, [...stages, [null, null, 'all measured']])),
  )
}
${
  run.regions.length > 1 &&
  details(
    'Flows by region, all measured time',
    flowsTable(
      page,
      'Flows by region',
      rowsOf(
        page,
        run.regions.map((region) => [region, null, regionName(region)] as const),
      ),
    ),
  )
}`,
  });
}

type Scope = readonly [region: string | null, stage: string | null, name: Content];

/** Flow by flow, a row for each scope that has a slice. */
function rowsOf({ report, cuts }: Page, scopes: readonly Scope[]): Row<Slice>[] {
  return (report.run.flows ?? []).flatMap((request) =>
    scopes.flatMap(([region, stage, name]): Row<Slice>[] => {
      const found = cuts.find({ region, request, stage });
      if (found === undefined) return [];
      const { slice, at } = found;
      const head = name === null ? request : html`${request} <span class="faint">${name}</span>`;
      return [{ item: slice, head, at, ...(slice.warmup ? { look: 'warmup' } : {}) }];
    }),
  );
}

function flowsTable({ trace }: Page, caption: string, rows: readonly Row<Slice>[]): Markup {
  const shown = rows.slice(0, MOST_ROWS);
  return html`${table(trace, { caption, heads: 'Flow', columns: COLUMNS, rows: shown })}
${rows.length > MOST_ROWS && html`<p class="faint">Further ones stand in report.json.</p>`}`;
}

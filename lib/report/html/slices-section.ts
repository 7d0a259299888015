import type { Slice } from '../report-schema.js';
import type { Cut } from './cuts.js';
import { type Content, html, type Markup } from './markup.js';
import { details, type Page, regionName, section } from './page.js';
import { type FigureColumn, type Row, table } from './table.js';

type Dimension = keyof Cut;

const COLUMNS: readonly FigureColumn[] = [
  { title: 'Requests', of: 'requests/scheduled', as: 'count' },
  { title: 'Errors', of: 'errorRate', as: 'percent' },
  { title: 'Rate', of: 'rate', as: 'rate' },
  { title: 'p50', of: 'latency/p50', as: 'time', group: 'Latency' },
  { title: 'p90', of: 'latency/p90', as: 'time', group: 'Latency' },
  { title: 'p95', of: 'latency/p95', as: 'time', group: 'Latency' },
  { title: 'p99', of: 'latency/p99', as: 'time', group: 'Latency' },
  { title: 'p99.9', of: 'latency/p999', as: 'time', group: 'Latency' },
  { title: 'max', of: 'latency/max', as: 'time', group: 'Latency' },
  { title: 'p50', of: 'service/p50', as: 'time', group: 'Service' },
  { title: 'p99', of: 'service/p99', as: 'time', group: 'Service' },
];

const TITLES = { region: 'Regions', request: 'Requests', stage: 'Stages' } as const;
const ONES = { region: 'Region', request: 'Request', stage: 'Stage' } as const;

/**
 * The result cut by region, request and stage. Without a script each cut is a table to unfold;
 * with one they become a single table whose rows and scope are chosen.
 */
export function slicesSection(page: Page): Markup {
  const { run } = page.report;
  const { stage } = run.headline;
  const stages = run.stages.map(({ title }) => title);
  // What is open at first: the headline's regions and requests, and the stages.
  const first: readonly [Dimension, Partial<Cut>][] = [
    ['region', { stage }],
    ['request', { stage }],
    ['stage', {}],
  ];
  const both = (of: Partial<Cut>): (readonly [Dimension, Partial<Cut>])[] => [
    ['region', of],
    ['request', of],
  ];
  const further = [
    ...(stage === null ? [] : both({})),
    ...stages.filter((one) => one !== stage).flatMap((one) => both({ stage: one })),
    ...run.regions.map((region) => ['request', { region }] as const),
  ];
  return section({
    id: 'slices',
    title: 'Regions, requests and stages',
    aside: 'of good answers, beside the errors',
    body: html`<div id="slicer" hidden></div>
<div id="cuts">
${first.map(([rows, of]) => html`<h3>${cutTitle(page, rows, of)}</h3>${cutTable(page, rows, of)}`)}
${further.map(([rows, of]) => details(cutTitle(page, rows, of), cutTable(page, rows, of), 'data cut'))}
</div>
${hasUnbegunCode(page) && html`<p class="faint">What a flow in code was to send and never began counts as one request for each iteration, and is in no row of a request.</p>`}`,
  });
}

/** Nobody knows which request of its code an iteration would have sent first. */
function hasUnbegunCode({ report: { run }, cuts }: Page): boolean {
  const scheduled = (request: string | null) =>
    cuts.find({ request })?.slice.requests.scheduled ?? 0;
  const told = run.requests.reduce((sum, request) => sum + scheduled(request), 0);
  return run.flows !== undefined && told < scheduled(null);
}

function cutTitle({ report: { run } }: Page, rows: Dimension, of: Partial<Cut>): Content {
  const { region, stage } = of;
  if (region != null) return html`${TITLES[rows]} in ${regionName(region)}`;
  if (rows === 'stage') return html`Stages`;
  if (stage == null) return html`${TITLES[rows]}, all measured time`;
  const warmup = run.stages.some((one) => one.title === stage && one.warmup);
  return html`${TITLES[rows]} during ${stage}${warmup && ', a warm-up'}`;
}

/** One row for each value of a dimension, and below what they come to together. */
function cutTable(page: Page, rows: Dimension, of: Partial<Cut>): Markup {
  const { run } = page.report;
  const names = {
    region: run.regions,
    request: run.requests,
    stage: run.stages.map(({ title }) => title),
  }[rows];
  const found = names.flatMap((name, i) => {
    const cut = page.cuts.find({ ...of, [rows]: name });
    return cut === undefined ? [] : { ...cut, name, i };
  });
  const scope = Object.values(of).filter((value) => value != null);
  return table(page.trace, {
    caption: [`${ONES[rows]} by ${ONES[rows].toLowerCase()}`, ...scope].join(', '),
    heads: ONES[rows],
    columns: COLUMNS,
    look: 'slices',
    rows: found.map(({ slice, at, name }) => ({
      item: slice,
      head: headOf(page, rows, name),
      at,
      id: `slice-${at.slice('/slices/'.length)}`,
      data: { cut: keyOf(page, slice) },
      ...(slice.warmup ? { look: 'warmup' } : {}),
    })),
    foot: footOf(page, rows, of),
  });
}

function headOf({ report: { run } }: Page, rows: Dimension, name: string): Content {
  if (rows === 'region') return regionName(name);
  if (rows === 'request') return name;
  const stage = run.stages.find(({ title }) => title === name);
  return html`${name}${stage?.warmup && html` <span class="faint">warm-up</span>`}`;
}

/** `2.5.`: index of region, request and stage, empty for all. What the script finds rows by. */
function keyOf({ report: { run } }: Page, { region, request, stage }: Slice): string {
  const place = (index: number) => (index < 0 ? '' : String(index));
  return [
    place(run.regions.indexOf(region ?? '')),
    place(run.requests.indexOf(request ?? '')),
    place(run.stages.findIndex(({ title }) => title === stage)),
  ].join('.');
}

/** All of them together; where nothing is left out, up to what was asked of the whole run. */
function footOf(page: Page, rows: Dimension, of: Partial<Cut>): Row<Slice | null>[] {
  const together = page.cuts.find(of);
  if (together === undefined) return [];
  const { slice, at } = together;
  const feet: Row<Slice | null>[] = [
    {
      item: slice,
      head: rows === 'stage' ? 'All measured' : 'Together',
      at,
      data: { cut: keyOf(page, slice) },
    },
  ];
  if (Object.values(of).every((value) => value == null)) {
    feet.push({
      item: null,
      head: 'Warm-up included',
      at: '/completeness',
      only: ['requests/scheduled'],
    });
  }
  return feet;
}

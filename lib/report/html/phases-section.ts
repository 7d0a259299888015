import { type PhaseBar, phaseBars } from '../../charts/phase-bars.js';
import type { Slice } from '../report-schema.js';
import { connections, firstVisits } from './connection-tables.js';
import type { Found } from './cuts.js';
import { toldApart } from './distance-section.js';
import { html, type Markup } from './markup.js';
import {
  details,
  duringHeadline,
  FULL_WIDTHS,
  type Page,
  plot,
  regionName,
  regionSlices,
  section,
} from './page.js';
import { type Row, table } from './table.js';
import { OPERATIONS, type Trace } from './trace.js';

/** Where the time went: on average, so that the parts add up, and by percentile for each part. */
export function phasesSection(page: Page): Markup | null {
  const { trace, headline } = page;
  const found = regionSlices(page).filter(({ slice }) => slice.phases.firstByte.count > 0);
  if (found.length === 0 || headline === undefined) return null;
  const bars = found.map((one) => ({ region: one.region, ms: meansOf(one, trace) }));
  return section({
    id: 'phases',
    title: 'Where the time went',
    aside: `mean of an answer ${duringHeadline(page)}`.trim(),
    body: html`${plot('phases', FULL_WIDTHS, (options) => phaseBars({ bars }, options), null)}
${details(
  'The bars as a table',
  table(trace, {
    caption: 'Mean of each part of an answer, by region',
    heads: 'Region',
    columns: [
      { title: 'Lag', of: LAG.join(' '), as: 'time', op: 'rest', group: 'Wait' },
      { title: 'Blocked', of: 'phases/wait/blocked/mean', as: 'time', group: 'Wait' },
      {
        title: 'Set-up',
        of: SETUP.join(' '),
        as: 'time',
        op: 'spread',
        group: 'Wait',
      },
      { title: 'First byte', of: 'phases/firstByte/mean', as: 'time', group: 'Service' },
      {
        title: 'of it distance',
        of: 'phases/firstByte/mean processing/mean',
        as: 'time',
        op: 'less',
        group: 'Service',
      },
      { title: 'of it processing', of: 'processing/mean', as: 'time', group: 'Service' },
      { title: 'Body', of: 'phases/body/mean', as: 'time', group: 'Service' },
      { title: 'Latency', of: 'latency/mean', as: 'time' },
    ],
    rows: found.map(({ region, slice, at }) => ({ item: slice, head: regionName(region), at })),
  }),
)}
${partsTable(page, headline.slice, headline.at)}
${firstVisits(page)}
${connections(page)}`,
  });
}

/** What those who waited for a new connection took, spread over all. */
const SETUP = ['phases/wait/setup/mean', 'phases/wait/setup/count', 'phases/firstByte/count'];
/** Lag is kept of failed requests, too: of good answers it is what the other parts leave. */
const LAG = [
  'latency/mean',
  'phases/firstByte/mean',
  'phases/body/mean',
  'phases/wait/blocked/mean',
  ...SETUP,
];

/** The parts of the mean answer: together they are the mean latency. */
function meansOf({ slice, at }: Found, trace: Trace): PhaseBar['ms'] {
  const of = (path: string) => trace.value(`${at}/${path}`) as number | null;
  const { firstByte, body, wait } = slice.phases;
  const whole = firstByte.mean ?? 0;
  const processing = slice.processing?.mean ?? null;
  const service: PhaseBar['ms'] =
    toldApart(slice) && processing !== null
      ? { distance: OPERATIONS.less([whole, processing]) ?? 0, processing }
      : { firstByte: whole };
  return {
    lag: OPERATIONS.rest(LAG.map(of)),
    blocked: wait.blocked.mean ?? 0,
    ...(wait.setup.count > 0 ? { setup: OPERATIONS.spread(SETUP.map(of)) } : {}),
    ...service,
    body: body.mean ?? 0,
  };
}

function partsTable(page: Page, slice: Slice, at: string): Markup {
  const { wait, sending } = slice.phases;
  const apart = toldApart(slice);
  const rows: readonly (readonly [path: string, name: string, meaning: string, there: boolean])[] =
    [
      ['phases/wait/lag', 'Lag', 'the generator was late', true],
      ['phases/wait/blocked', 'Blocked', 'waited for a free connection', true],
      ['phases/wait/setup', 'Set-up', 'waited for a new connection', wait.setup.count > 0],
      ['phases/firstByte', 'First byte', 'written, until the answer began', true],
      ['phases/sending', '· sending', 'of it: sending the body', sending !== null],
      ['distance', '· distance', 'of it: one round trip', apart],
      ['processing', '· processing', 'of it: the server and what lies behind', apart],
      ['serverTime', '· server', 'of it: what the server said it took', slice.serverTime !== null],
      ['phases/body', 'Body', 'until the answer was complete', true],
    ];
  return html`${table(page.trace, {
    caption: 'Each part, all regions together',
    heads: 'Part',
    columns: [
      { title: 'p50', of: 'p50', as: 'time' },
      { title: 'p95', of: 'p95', as: 'time' },
      { title: 'p99', of: 'p99', as: 'time' },
      { title: 'max', of: 'max', as: 'time' },
      { title: 'mean', of: 'mean', as: 'time' },
      { title: 'counted', of: 'count', as: 'count' },
      { title: 'What it is', left: true, cell: (meaning: string) => meaning },
    ],
    rows: rows.flatMap(([path, name, meaning, there]): Row<string>[] =>
      there ? [{ item: meaning, head: name, at: `${at}/${path}` }] : [],
    ),
    fixed: true,
  })}
${!apart && slice.processing !== null && html`<p class="faint">Distance and processing cannot be told apart: ${page.trace.figure(`${at}/cutAtZero`, 'percent')} of the answers came sooner than one round trip.</p>`}`;
}

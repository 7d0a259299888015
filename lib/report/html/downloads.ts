import { deflateSync } from 'node:zlib';
import { plain } from '../render/plain.js';
import type { Distribution, Slice } from '../report-schema.js';
import { embeddedJson, html, type Markup } from './markup.js';
import type { Page } from './page.js';

/**
 * What the page shows, for its script: names to find rows by, and the numbers for downloads. These
 * are many, and only wanted by who presses a button: so they are deflated.
 */
export function downloads({ report }: Page): Markup {
  const { run, verdict, slices, series } = report;
  const stages = run.stages.map(({ title }) => title);
  const { flows = [] } = run;
  const subjects = [...run.requests, ...flows];
  const columns = flows.length > 0 ? [...COLUMNS, ...OF_FLOWS] : COLUMNS;
  const index = (names: readonly string[], name: string | null) =>
    name === null ? null : names.indexOf(name);
  const names = {
    id: run.id,
    headline: stages.indexOf(run.headline.stage ?? ''),
    regions: run.regions.map(plain),
    requests: run.requests.map(plain),
    flows: flows.map(plain),
    stages: stages.map(plain),
  };
  const numbers = {
    run: {
      id: run.id,
      name: run.name,
      label: run.label,
      target: run.target,
      startedAt: run.startedAt,
      seconds: run.seconds,
      seed: run.seed,
    },
    verdict: { status: verdict.status, level: verdict.level, exitCode: verdict.exitCode },
    columns: columns.map(([name]) => name),
    slices: slices.map((slice) => [
      index(run.regions, slice.region),
      index(subjects, slice.request),
      index(stages, slice.stage),
      ...columns.map(([, pick]) => pick(slice)),
    ]),
    seriesColumns: SERIES,
    series: series.flatMap(({ region, points }) =>
      points.map((point) => [index(run.regions, region), ...SERIES.map((column) => point[column])]),
    ),
  };
  const deflated = deflateSync(JSON.stringify(numbers)).toString('base64');
  return html`<script type="application/json" id="names">${embeddedJson(names)}</script>
<script type="text/plain" id="numbers">${deflated}</script>`;
}

const SERIES = [
  'start',
  'scheduled',
  'ok',
  'failed',
  'cut',
  'dropped',
  'p50',
  'p99',
  'max',
] as const;

const percentiles = ['p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const;

type Column = readonly [name: string, pick: (slice: Slice) => number | null];

/** Times in milliseconds, as in report.json; percentiles that must not be shown are left out. */
function times(name: string, of: (slice: Slice) => Distribution | null): Column[] {
  return percentiles.map((key) => [
    `${name}_${key}_ms`,
    (slice) => {
      const distribution = of(slice);
      return distribution?.masked?.some((one) => one === key)
        ? null
        : (distribution?.[key] ?? null);
    },
  ]);
}

const COLUMNS: readonly Column[] = [
  ['seconds', ({ seconds }) => seconds],
  ['scheduled', ({ requests }) => requests.scheduled],
  ['ok', ({ requests }) => requests.ok],
  ['failed', ({ requests }) => requests.failed],
  ['error_rate', ({ errorRate }) => errorRate],
  ['rate_per_s', ({ rate }) => rate],
  ...times('latency', ({ latency }) => latency),
  ...times('service', ({ service }) => service),
];

/** Where there are flows. */
const OF_FLOWS: readonly Column[] = [
  ['iterations_scheduled', ({ iterations }) => iterations.scheduled],
  ['iterations_ok', ({ iterations }) => iterations.ok],
  ['iterations_failed', ({ iterations }) => iterations.failed],
  ...times('iteration', ({ iteration }) => iteration),
];

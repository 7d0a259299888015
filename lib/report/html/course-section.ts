import { deflateSync } from 'node:zlib';
import { heatMap } from '../../charts/heat-map.js';
import { regionGrid } from '../../charts/region-grid.js';
import { titleOf } from '../render/distribution-cells.js';
import { time } from '../render/figures.js';
import type { PercentileKey, Report } from '../report-schema.js';
import { isGiven } from './map-section.js';
import { html, type Markup } from './markup.js';
import {
  details,
  FULL_WIDTHS,
  type Page,
  plot,
  regionName,
  regionSlices,
  section,
} from './page.js';
import { type FigureColumn, table } from './table.js';

type Series = Report['series'][number];

/** All regions together over time: where the answers lay, and the lines that half and 1 % exceed. */
export function heatSection(page: Page): Markup | null {
  const { report, trace } = page;
  const i = report.series.findIndex(({ region }) => region === null);
  const series = report.series[i];
  if (series === undefined || isEmpty(series)) return null;
  const data = { ...series, stages: report.run.stages, legs: report.run.legs };
  return section({
    id: 'time',
    title: 'Latency over time',
    aside: html`all regions, spans of ${trace.figure(`/series/${i}/spanSeconds`, 'span')}`,
    body: html`${plot(
      'time',
      FULL_WIDTHS,
      (options) =>
        heatMap(data, { ...options, deflate: (bytes) => deflateSync(bytes, { level: 9 }) }),
      null,
    )}
${details(
  'The map as tables',
  html`${spanTable(page, series, i, 'All regions over time')}${heatTable(page, series, i)}`,
)}`,
  });
}

const MOST_LEGS = 12;

/** Every region over time, on one scale. */
export function regionsSection(page: Page): Markup | null {
  const { report, trace } = page;
  const told = [...report.series.entries()].filter(
    ([, series]) => series.region !== null && !isEmpty(series),
  );
  const [first] = told;
  if (first === undefined) return null;
  const headlines = headlinesOf(page);
  const data = {
    stages: report.run.stages,
    // Of a relay of hours a small panel would be full of them.
    legs: report.run.legs.length > MOST_LEGS ? [] : report.run.legs,
    spanSeconds: first[1].spanSeconds,
    regions: told.map(([, { region, points }]) => ({
      region: region ?? '',
      headline: headlines.get(region ?? '') ?? null,
      points,
    })),
  };
  return section({
    id: 'regions-over-time',
    title: 'Every region over time',
    aside: html`spans of ${trace.figure(`/series/${first[0]}/spanSeconds`, 'span')}, one scale`,
    body: html`${plot('grid', FULL_WIDTHS, (options) => regionGrid(data, options), null)}
${told.map(([i, series]) =>
  details(
    html`${regionName(series.region ?? '')} as a table`,
    spanTable(page, series, i, `${series.region} over time`),
    'data inline',
  ),
)}`,
  });
}

function isEmpty({ points }: Series): boolean {
  return points.every(({ scheduled }) => scheduled === 0);
}

/** `p99 392 ms`, of the stage that stands for the run. */
function headlinesOf(page: Page): ReadonlyMap<string, string> {
  const keys: readonly PercentileKey[] = ['p99', 'p50'];
  return new Map(
    regionSlices(page).flatMap(({ region, slice }) => {
      const key = keys.find((one) => isGiven(slice.latency, one));
      const ms = key === undefined ? null : slice.latency[key];
      return key === undefined || ms === null ? [] : [[region, `${titleOf(key)} ${time(ms)}`]];
    }),
  );
}

const ACCOUNTS: readonly FigureColumn[] = [
  { title: 'Scheduled', of: 'scheduled', as: 'count' },
  { title: 'ok', of: 'ok', as: 'count' },
  { title: 'failed', of: 'failed', as: 'count' },
  { title: 'cut', of: 'cut', as: 'count' },
  { title: 'dropped', of: 'dropped', as: 'count' },
];
const TIMES: readonly FigureColumn[] = [
  { title: 'p50', of: 'p50', as: 'time', group: 'Latency' },
  { title: 'p99', of: 'p99', as: 'time', group: 'Latency' },
  { title: 'max', of: 'max', as: 'time', group: 'Latency' },
];

function spanTable(
  { trace }: Page,
  { region, points }: Series,
  i: number,
  caption: string,
): Markup {
  // Region by region only what the charts show and what went wrong: there may be many of them.
  const columns =
    region === null
      ? [...ACCOUNTS, ...TIMES]
      : [...ACCOUNTS.filter(({ of }) => of === 'failed'), ...TIMES];
  return table(trace, {
    caption,
    heads: 'From',
    headOf: { of: 'start', as: 'span' },
    columns,
    list: `/series/${i}/points`,
    rows: points.map((point, j) => ({
      item: point,
      head: trace.shown(`/series/${i}/points/${j}/start`, 'span'),
      at: j,
    })),
  });
}

function heatTable({ trace }: Page, { points, edges }: Series, i: number): Markup {
  return table(trace, {
    caption: 'Good answers by latency over time',
    heads: 'From',
    headOf: { of: 'start', as: 'span' },
    columns: edges.slice(1).map((_, band) => ({
      title: html`≤ ${trace.figure(`/series/${i}/edges/${band + 1}`, 'time')}`,
      of: `heat/${band}`,
      as: 'count' as const,
    })),
    list: `/series/${i}/points`,
    rows: points.map((point, j) => ({
      item: point,
      head: trace.shown(`/series/${i}/points/${j}/start`, 'span'),
      at: j,
    })),
    fixed: true,
  });
}

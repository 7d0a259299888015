import { titleOf } from '../render/distribution-cells.js';
import {
  type Distribution,
  PERCENTILE_KEYS,
  type PercentileKey,
  type Slice,
} from '../report-schema.js';
import { type Content, html, type Markup } from './markup.js';
import { details, type Page, section } from './page.js';
import { type FigureColumn, table } from './table.js';

const SHOWN = ['p50', 'p95', 'p99', 'p999', 'max'] as const;

/** The numbers that stand for the run: how much, how well, and how fast by both clocks. */
export function headlineSection(page: Page): Markup | null {
  const { report, trace, headline } = page;
  if (headline === undefined) return null;
  const { run } = report;
  const { slice, at } = headline;
  const asked =
    run.model === 'open' && slice.seconds > 0
      ? html`of ${trace.derived('share', [`${at}/requests/scheduled`, `${at}/seconds`], 'asked')} asked`
      : html`${trace.figure(`${at}/requests/scheduled`, 'count')} requests`;
  return section({
    id: 'headline',
    title: run.headline.stage ?? 'All measured time',
    aside: run.headline.sentence,
    look: 'headline',
    body: html`<dl class="figures">
${tile('Good answers', trace.figure(`${at}/rate`, 'rate'), asked)}
${SHOWN.map((statistic) =>
  tile(
    statistic === 'max' ? 'slowest' : `${titleOf(statistic)} latency`,
    trace.isMasked(`${at}/latency/${statistic}`)
      ? html`<span class="masked">${trace.figure(`${at}/latency/${statistic}`, 'time')}</span>`
      : trace.figure(`${at}/latency/${statistic}`, 'time'),
    html`service ${trace.figure(`${at}/service/${statistic}`, 'time')}`,
  ),
)}
${tile(
  'Errors',
  trace.figure(`${at}/errorRate`, 'percent'),
  html`${trace.derived('sum', failures(at), 'count')} requests`,
  (slice.errorRate ?? 0) > 0 ? 'bad' : '',
)}
${
  report.cost?.usd != null &&
  tile(
    'Cost',
    trace.figure('/cost/usd', 'usd'),
    html`estimated ${trace.figure('/cost/estimatedUsd', 'usd')}`,
  )
}</dl>
${slice.rateWhy !== null && html`<p class="faint" data-from="${at}/rateWhy" data-as="text">${slice.rateWhy}</p>`}
<p class="faint">${clocks(page)}</p>
${withheldNote([slice.latency], ['p50', 'p95', 'p99', 'p999'])}
${details('Both clocks in full', distributions(page, slice, at))}`,
  });
}

/** What the target failed to answer well. */
export function failures(at: string): readonly string[] {
  return ['failed', 'cut/deadline', 'dropped/target'].map((path) => `${at}/requests/${path}`);
}

function tile(name: string, value: Markup, below: Content, look = ''): Markup {
  return html`<div><dt>${name}</dt><dd class="${look}"><b>${value}</b> <span class="faint">${below}</span></dd></div>
`;
}

function clocks({ report: { run } }: Page): string {
  return run.latencyFrom === 'schedule'
    ? 'Latency, in large figures, counts from when the schedule wanted the request sent; service from when it was really written. Where they part, requests had to wait.'
    : 'Latency, in large figures, counts from when a user was ready to send; service from when the request was written. Both are blind to the load that a slow server held back; the estimate fills in what it held back, as if each long answer had stopped the whole server.';
}

/** Why a figure is not there, said below those that are missing. */
export function withheldNote(
  shown: readonly Distribution[],
  keys: readonly PercentileKey[],
  [one, good] = ['requests', 'answers'],
): Markup | null {
  const isMasked = ({ masked }: Distribution, key: PercentileKey) => masked?.includes(key) ?? false;
  const masked = shown.some((each) => keys.some((key) => isMasked(each, key)));
  const needs = shown.some(
    (each) =>
      each.count > 0 &&
      keys.some(
        (key) => each[key] === null && !isMasked(each, key) && each.needs?.[key] !== undefined,
      ),
  );
  if (!masked && !needs) return null;
  return html`<p class="faint">${
    needs && `A – stands where fewer than ten ${good} lie beyond: a number would be luck. `
  }${
    masked &&
    `“errors” stands where so many ${one} failed that this percentile of the good ${good} would mislead.`
  }</p>`;
}

const columns: readonly FigureColumn[] = [
  { title: 'Answers', of: 'count', as: 'count' },
  { title: 'min', of: 'min', as: 'time' },
  { title: 'mean', of: 'mean', as: 'time' },
  { title: 'st. dev.', of: 'stdev', as: 'time' },
  ...PERCENTILE_KEYS.map((key): FigureColumn => ({ title: titleOf(key), of: key, as: 'time' })),
  { title: 'max', of: 'max', as: 'time' },
];

function distributions({ trace }: Page, slice: Slice, at: string): Markup {
  const kinds = [
    ['latency', 'Latency', slice.latency],
    ['service', 'Service', slice.service],
    ['ttfb', 'Until the first byte', slice.ttfb],
    ['estimate', 'Estimate', slice.estimate],
    ['iteration', 'Whole flows', slice.iteration],
    ['failed', 'Failed ones', slice.failed.count > 0 ? slice.failed : null],
  ] as const;
  return table(trace, {
    caption: 'How long it took, by both clocks',
    heads: 'Time',
    columns,
    rows: kinds.flatMap(([path, name, distribution]) =>
      distribution === null ? [] : { item: distribution, head: name, at: `${at}/${path}` },
    ),
    fixed: true,
  });
}

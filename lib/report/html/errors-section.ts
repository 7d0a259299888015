import { shareBar } from '../../charts/share-bar.js';
import { plain, plainLines } from '../render/plain.js';
import type { Report } from '../report-schema.js';
import { html, type Markup, trusted } from './markup.js';
import { details, FULL_WIDTHS, type Page, regionName, section } from './page.js';
import { table } from './table.js';

type ErrorKind = Report['errors'][number];

/** More than these are of little use on a page; all of them stand in report.json. */
const MOST_KINDS = 24;
const MOST_PLACES = 40;

/** One way to fail, wherever it happened. */
interface Kind {
  readonly error: ErrorKind;
  /** Where its parts stand in report.json, the most frequent first. */
  readonly places: readonly { readonly error: ErrorKind; readonly at: string }[];
  readonly count: number;
}

/** How requests failed: how often, from when to when, where, and what the answer looked like. */
export function errorsSection({ report, trace }: Page): Markup {
  const { errors, completeness } = report;
  const kinds = kindsOf(errors);
  const shown = kinds.slice(0, MOST_KINDS);
  const aside = html`${trace.figure('/completeness/requests/failed', 'count')} of ${trace.figure('/completeness/requests/scheduled', 'count')} requests failed, warm-up included`;
  if (shown.length === 0) {
    const none = completeness.requests.failed === 0;
    return section({
      id: 'errors',
      title: 'Errors',
      aside,
      body: html`<p>${none ? 'No request failed.' : 'Nothing is known of how they failed.'}</p>`,
    });
  }
  return section({
    id: 'errors',
    title: 'Errors',
    aside,
    body: html`<ul class="kinds">
${shown.map((kind, i) => kindItem(trace, kind, i))}</ul>
${kinds.length > shown.length && html`<p class="faint">Further kinds stand in report.json.</p>`}`,
  });
}

function kindsOf(errors: readonly ErrorKind[]): Kind[] {
  const kinds = new Map<string, { error: ErrorKind; at: string }[]>();
  for (const [i, error] of errors.entries()) {
    const key = JSON.stringify([error.class, error.code, error.message]);
    const places = kinds.get(key) ?? [];
    kinds.set(key, places);
    places.push({ error, at: `/errors/${i}` });
  }
  return [...kinds.values()]
    .map((places) => ({
      error: places[0]!.error,
      places,
      count: places.reduce((sum, { error }) => sum + error.count, 0),
    }))
    .sort((a, b) => b.count - a.count);
}

function kindItem(trace: Page['trace'], { error, places }: Kind, i: number): Markup {
  const of = (path: string) => places.map(({ at }) => `${at}/${path}`);
  const sampled = places.find(
    ({ error: { sample, message } }) => sample !== null && plain(sample) !== plain(message),
  );
  const where = table(trace, {
    caption: `Where it was: ${plain(error.message)}`,
    heads: 'Request',
    columns: [
      { title: 'Region', left: true, cell: ({ region }: ErrorKind) => regionName(region) },
      { title: 'Times', of: 'count', as: 'count' },
      { title: 'First', of: 'first', as: 'span' },
      { title: 'Last', of: 'last', as: 'span' },
    ],
    rows: places.slice(0, MOST_PLACES).map((place) => ({
      item: place.error,
      head: plain(place.error.request),
      at: place.at,
    })),
  });
  return html`<li id="error-${i + 1}"><p><b class="times">${trace.derived('sum', of('count'), 'count')} ×</b> <a class="address" href="#error-${i + 1}"><span class="code">${error.class} ${trace.figure(`${places[0]!.at}/code`, 'number')}</span> ${plain(error.message)}</a></p>
<p class="faint">first at ${trace.derived('least', of('first'), 'span')}, last at ${trace.derived('most', of('last'), 'span')}${
    places.length === 1 && html`, ${plain(error.request)} in ${regionName(error.region)}`
  }</p>
${sampled !== undefined && html`<pre class="sample" tabindex="0" data-from="${sampled.at}/sample" data-as="lines">${plainLines(sampled.error.sample ?? '')}</pre>`}
${places.length > 1 && details('Where', where)}
${places.length > MOST_PLACES && html`<p class="faint">The ${MOST_PLACES} most frequent places; all are in report.json.</p>`}</li>
`;
}

/** That nothing is missing: each request that was asked for is one of these, to the unit. */
export function accountsSection({ report, trace }: Page): Markup {
  const { requests, workers } = report.completeness;
  const at = '/completeness/requests';
  const parts = [
    { name: 'ok', kind: 'ok', value: requests.ok },
    { name: 'failed', kind: 'failed', value: requests.failed },
    { name: 'cut', kind: 'cut', value: requests.cut.deadline + requests.cut.stop },
    {
      name: 'dropped',
      kind: 'dropped',
      value: requests.dropped.generator + requests.dropped.target,
    },
    { name: 'lost', kind: 'lost', value: requests.lost ?? 0 },
  ] as const;
  const bar = (width: number, i: number) =>
    html`<div class="${['wide', 'middle', 'narrow'][i] ?? ''}">${trusted(
      shareBar(parts, {
        width,
        height: 16,
        id: `accounts-${i}`,
        title: 'What became of every request',
      }),
    )}</div>`;
  return section({
    id: 'accounts',
    title: 'Every request accounted for',
    aside: 'warm-up included',
    body: html`<div class="plot">${FULL_WIDTHS.map(bar)}</div>
<dl class="accounts">
${account('Scheduled', trace.figure(`${at}/scheduled`, 'count'), 'asked for by the plan')}
${account('ok', trace.figure(`${at}/ok`, 'count'), 'good answers', 'ok')}
${account('Failed', trace.figure(`${at}/failed`, 'count'), 'bad answers, or none', 'failed')}
${account(
  'Cut',
  trace.derived('sum', [`${at}/cut/deadline`, `${at}/cut/stop`], 'count'),
  html`${trace.figure(`${at}/cut/deadline`, 'count')} when time ran out, ${trace.figure(`${at}/cut/stop`, 'count')} by a stop`,
  'cut',
)}
${account(
  'Dropped',
  trace.derived('sum', [`${at}/dropped/generator`, `${at}/dropped/target`], 'count'),
  html`${trace.figure(`${at}/dropped/target`, 'count')} for want of a connection, ${trace.figure(`${at}/dropped/generator`, 'count')} by a late generator`,
  'dropped',
)}
${account(
  'Lost',
  requests.lost === null ? html`unknown` : trace.figure(`${at}/lost`, 'count'),
  'with workers that vanished',
  'lost',
)}
</dl>
<p class="faint">${trace.figure(`${at}/sent`, 'count')} were written, ${trace.figure(`${at}/answered`, 'count')} got a byte back, ${trace.figure(`${at}/resent`, 'count')} were sent once more after a reused connection died, ${trace.figure(`${at}/unsent`, 'count')} failed before a byte was written.${requests.redirects > 0 && html` ${trace.figure(`${at}/redirects`, 'count')} redirects were followed, each a request more for the target.`}
${trace.figure('/completeness/workers/reported', 'count')} of ${trace.figure('/completeness/workers/planned', 'count')} workers reported, ${trace.figure('/completeness/fragments/merged', 'count')} of ${trace.figure('/completeness/fragments/expected', 'count')} fragments merged.</p>
${report.run.flows && html`<p class="faint">${iterations(trace)}</p>`}
${workers.missing.length > 0 && html`<ul class="missing">${workers.missing.map((lost, i) => missing(trace, lost, i))}</ul>`}
${refusals(report)}`,
  });
}

/** Where there are flows requests are not all that was scheduled. */
function iterations(trace: Page['trace']): Markup {
  const at = '/completeness/iterations';
  const sum = (...parts: readonly string[]) =>
    trace.derived(
      'sum',
      parts.map((part) => `${at}/${part}`),
      'count',
    );
  return html`${trace.figure(`${at}/scheduled`, 'count')} iterations were scheduled, and a plain request is one, too: ${trace.figure(`${at}/ok`, 'count')} ok, ${trace.figure(`${at}/failed`, 'count')} failed, ${sum('cut/deadline', 'cut/stop')} cut, ${sum('dropped/generator', 'dropped/target')} dropped, ${trace.figure(`${at}/lost`, 'count')} lost.`;
}

function account(name: string, value: Markup, meaning: string | Markup, kind = ''): Markup {
  return html`<div><dt>${kind !== '' && html`<i class="key ${kind}"></i>`}${name}</dt><dd><b>${value}</b> <span class="faint">${meaning}</span></dd></div>
`;
}

function missing(
  trace: Page['trace'],
  lost: Report['completeness']['workers']['missing'][number],
  i: number,
): Markup {
  const at = `/completeness/workers/missing/${i}`;
  return html`<li><b class="mark bad"><span aria-hidden="true">✗</span> lost</b> worker ${trace.figure(`${at}/n`, 'number')} of ${regionName(lost.region)}${
    lost.lastSeenSeconds === null
      ? ', never heard of'
      : html`, last heard of at ${trace.figure(`${at}/lastSeenSeconds`, 'span')}`
  }, ${
    lost.lost === null ? 'an unknown number of' : trace.figure(`${at}/lost`, 'count')
  } requests lost${lost.why !== null && `: ${plain(lost.why)}`}</li>
`;
}

function refusals({ completeness: { workers } }: Report): Markup | null {
  const reasons = [...new Set(workers.refused.map(({ why }) => why))];
  if (reasons.length === 0) return null;
  return html`<p class="faint">Starts that workers refused: ${reasons.map(plain).join('; ')}.</p>`;
}

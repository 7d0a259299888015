import { emulationLines } from '../render/emulation-text.js';
import { counted, percent } from '../render/figures.js';
import { plain, plainLines } from '../render/plain.js';
import type { Report } from '../report-schema.js';
import { type Content, html, type Markup } from './markup.js';
import { type Page, section } from './page.js';

const MODELS = {
  closed: 'Closed: users wait for their answers before they send again',
  amount: 'Closed, a fixed number of requests',
} as const;

/** What another needs to know to measure the same again. */
export function methodSection({ report, trace }: Page): Markup {
  const { run, workers } = report;
  const set = (pick: (worker: Report['workers'][number]) => string) => [
    ...new Set(workers.map(pick)),
  ];
  const facts: readonly (readonly [string, Content])[] = [
    [
      'Load',
      run.model === 'open'
        ? `Open: ${run.arrivals === 'poisson' ? 'Poisson' : 'even'} arrivals that wait for no answer`
        : MODELS[run.model],
    ],
    [
      'Seed',
      html`${trace.figure('/run/seed', 'number')}: the same plan and seed are the same schedule`,
    ],
    ['Protocol', 'HTTP/1.1, spoken by this program itself'],
    ['Engine', set(({ engine }) => engine).join('; ')],
    [
      'Pacer',
      set(({ pacer }) =>
        pacer === 'spin' ? 'spinning, on a thread with a core of its own' : 'timers',
      ).join('; '),
    ],
    [
      'Machines',
      set(
        ({ node, arch, cores, threads }) =>
          `${coresText(cores)}, ${counted(threads, 'load thread')}, Node ${node.replace(/^v/, '')} ${arch}`,
      ).join('; '),
    ],
    [
      'Resolution',
      'instants to the microsecond; percentiles exact to three digits, from merged histograms and never from averaged percentiles',
    ],
    [
      'Latency counts from',
      run.latencyFrom === 'schedule'
        ? 'the instant at which the schedule wanted a request sent'
        : 'the instant at which a user was ready to send',
    ],
    ['Distance', distance(report)],
    [
      'Legs',
      run.legs.length > 1 &&
        html`${trace.derived('length', ['/run/legs'], 'count')}, each by workers of its own`,
    ],
  ];
  return section({
    id: 'method',
    title: 'How it was measured',
    body: html`<dl class="facts">
${facts.map(
  ([name, what]) =>
    what !== false &&
    what !== '' &&
    html`<div><dt>${name}</dt><dd>${typeof what === 'string' ? plain(what) : what}</dd></div>
`,
)}</dl>`,
  });
}

function distance(report: Report): Content {
  const lines = emulationLines(report);
  return lines.length === 0
    ? 'as it is: nothing was emulated'
    : html`<span data-from="/run/emulated" data-as="emulated in full">${lines.join('; ')}</span>`;
}

/** Functions with little memory have a part of one. */
function coresText(cores: number): string {
  return cores >= 1 ? counted(Math.round(cores), 'core') : `${percent(cores)} of a core`;
}

/** What was carried out, as the user would write it. */
export function planSection({ report: { plan } }: Page): Markup {
  return section({
    id: 'plan',
    title: 'The plan',
    aside: 'credentials removed',
    body: html`<pre tabindex="0" role="region" aria-label="The plan" data-from="/plan" data-as="lines">${plainLines(plan)}</pre>`,
  });
}

import { worstFirst } from '../render/checks-text.js';
import { plain } from '../render/plain.js';
import { html, type Markup } from './markup.js';
import { type Page, section } from './page.js';
import { table } from './table.js';

/** More than these are of little use on a page; all of them stand in report.json. */
const MOST_CHECKS = 100;

/** What the plan expects of answers, or its code checks, and how often it held: the worst first. */
export function checksSection({ report, trace }: Page): Markup | null {
  const { checks, run } = report;
  if (checks.length === 0) return null;
  const shown = worstFirst(checks).slice(0, MOST_CHECKS);
  const broken = shown.some(([, { failed }]) => failed > 0);
  const all = trace.derived('length', ['/checks'], 'count');
  const some = trace.derived(
    'some',
    checks.map((_, i) => `/checks/${i}/failed`),
    'count',
  );
  const ofCode = checks.some(({ request }) => run.flows?.includes(request));
  return section({
    id: 'checks',
    title: 'Checks',
    aside: broken
      ? html`${sign(true)} ${some} of ${all} did not always hold, warm-up included`
      : html`${sign(false)} all of ${all} held, warm-up included`,
    body: html`${table(trace, {
      caption: 'Checks, those that failed most often first',
      heads: 'Check',
      columns: [
        { title: 'Passed', of: 'passed', as: 'count' },
        { title: 'Failed', of: 'failed', as: 'count' },
        { title: 'Share failed', of: 'failed passed', as: 'percent', op: 'portion' },
      ],
      look: 'checks',
      rows: shown.map(([i, check]) => ({
        item: check,
        head: html`<div>${mark(check.failed > 0)} <span data-from="/checks/${i}/text" data-as="text">${plain(check.text)}</span></div> <span class="faint">${plain(check.request)}</span>`,
        at: `/checks/${i}`,
        id: `check-${i + 1}`,
      })),
    })}
<p class="faint">What the plan expects of answers${ofCode && ', and what its code checks'}: an answer that misses an expectation has failed${ofCode && '; a check of code fails nothing'}.${
      checks.length > shown.length &&
      ' Further ones, which failed less often, stand in report.json.'
    }</p>`,
  });
}

/** A sign beside each word: neither rests on colour. */
function mark(broken: boolean): Markup {
  return html`<b class="mark ${broken ? 'bad' : 'good'}"><span aria-hidden="true">${broken ? '✗' : '✓'}</span><span class="hidden">${broken ? 'failed:' : 'held:'}</span></b>`;
}

function sign(broken: boolean): Markup {
  return html`<b class="mark ${broken ? 'bad' : 'good'}" aria-hidden="true">${broken ? '✗' : '✓'}</b>`;
}

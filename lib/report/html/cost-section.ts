import { TITLES } from '../../cloud/bill.js';
import type { Report } from '../report-schema.js';
import { html, type Markup } from './markup.js';
import { type Page, section } from './page.js';
import { type Column, type Row, table } from './table.js';
import type { Format } from './trace.js';

type Line = NonNullable<Report['cost']>['lines'][number];

/** What it came to, line by line, beside what was reckoned before. */
export function costSection({ report: { cost }, trace }: Page): Markup | null {
  if (cost === null) return null;
  const lines = [...cost.lines.entries()].filter(
    ([, { quantity, estimated }]) => quantity > 0 || estimated.quantity > 0,
  );
  const columns: readonly Column<Line>[] = [
    { title: 'Cost', of: 'usd', as: 'usd' },
    { title: 'Estimated', of: 'estimated/usd', as: 'usd' },
  ];
  const rows = lines.map(
    ([i, line]): Row<Line> => ({
      item: line,
      head: html`${TITLES[line.item]} <span class="faint">${trace.figure(`/cost/lines/${i}/quantity`, quantityFormat(line))}${line.item === 'gbSeconds' && ' GB-s'}</span>`,
      at: `/cost/lines/${i}`,
    }),
  );
  return section({
    id: 'cost',
    title: 'Cost',
    aside: `by prices as of ${cost.pricesAsOf}; AWS’s own bill decides`,
    body: html`<p class="sum"><b>${trace.figure('/cost/usd', 'usd')}</b> <span class="faint">in all, estimated ${trace.figure('/cost/estimatedUsd', 'usd')}</span></p>
${table(trace, { caption: 'What was charged for', heads: 'Item', columns, rows, fixed: true })}
${cost.missing.length > 0 && html`<p>No price is known of ${cost.missing.join(', ')}.</p>`}
${cost.unreported > 0 && html`<p class="faint">${trace.figure('/cost/unreported', 'count')} workers left no account: reckoned as if they had lived to the end of their leg.</p>`}
${cost.target.usd !== null && html`<p class="faint">Not in it: ${trace.figure('/cost/target/bytes', 'bytes')} of answers, for which the target’s owner pays ${trace.figure('/cost/target/usd', 'usd')} where that is AWS.</p>`}`,
  });
}

function quantityFormat({ item }: Line): Format {
  return item.startsWith('bytes') ? 'bytes' : 'count';
}

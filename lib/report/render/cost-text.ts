import type { Report } from '../report-schema.js';
import { costCells, usdText } from './cost-lines.js';
import { bytes, counted, usd } from './figures.js';
import type { Paper } from './sheet.js';

/** What a run on AWS came to, by the lines of its estimate. */
export function costText(paper: Paper, { cost }: Report): void {
  if (cost === null) return;
  const { strong, faint, doubtful } = paper.ink;
  const bold = (text: string) => ({ text, paint: strong });
  paper.section('Cost', `by prices as of ${cost.pricesAsOf}; AWS's own bill decides`);
  paper.table(
    [{ title: '', align: 'left' }, { title: '' }, { title: 'cost' }, { title: 'estimated' }],
    [
      ...cost.lines
        .filter(({ quantity, estimated }) => quantity > 0 || estimated.quantity > 0)
        .map((line) => [...costCells(line), usdText(line.usd), usdText(line.estimated.usd)]),
      [bold('in all'), '', bold(usdText(cost.usd)), bold(usdText(cost.estimatedUsd))],
    ],
  );
  if (cost.missing.length > 0) {
    paper.text(`no price is known of ${cost.missing.join(', ')}`, { paint: doubtful });
  }
  if (cost.unreported > 0) {
    paper.text(
      `${counted(cost.unreported, 'worker')} left no account: reckoned as if they had lived to the end of their leg`,
      { paint: faint },
    );
  }
  const { target } = cost;
  if (target.usd !== null) {
    paper.text(
      `not in it: ${bytes(target.bytes)} of answers, for which the target's owner pays ${usd(target.usd)} where that is AWS`,
      { paint: faint },
    );
  }
}

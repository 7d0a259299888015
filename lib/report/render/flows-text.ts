import type { Report, Slice } from '../report-schema.js';
import { duringHeadline } from './breakdown-text.js';
import type { DistributionCells, Statistic } from './distribution-cells.js';
import { WITHHELD } from './distribution-cells.js';
import { count, percent } from './figures.js';
import { plain } from './plain.js';
import type { Paper } from './sheet.js';
import type { Cell } from './table.js';

const STATISTICS: readonly Statistic[] = ['p50', 'p90', 'p95', 'p99', 'max'];
/**
 * Flows as wholes: how many iterations there were, and how long the good ones took. Where there is
 * room, `full` accounts say what became of each.
 */
export function flowsText(
  paper: Paper,
  report: Report,
  cells: DistributionCells,
  accounts: 'brief' | 'full' = 'brief',
): void {
  const { run, slices } = report;
  const rows = (run.flows ?? []).flatMap(
    (name) =>
      slices.find(
        ({ region, request, stage }) =>
          region === null && request === name && stage === run.headline.stage,
      ) ?? [],
  );
  if (rows.length === 0) return;
  paper.section(`Flows${duringHeadline(report)}`, 'whole iterations, pauses included');
  paper.table(
    [
      { title: '', align: 'left' },
      { title: 'scheduled', optional: 7 },
      ...(accounts === 'full'
        ? ['ok', 'failed', 'cut', 'dropped', 'lost'].map((title) => ({ title }))
        : []),
      { title: 'errors' },
      ...cells.columns(STATISTICS),
    ],
    rows.map(({ request, iterations, iteration }) => [
      plain(request ?? ''),
      count(iterations.scheduled),
      ...(accounts === 'full' ? accountCells(paper, iterations) : []),
      errorsCell(paper, iterations),
      ...(iteration === null
        ? STATISTICS.map(() => nothing(paper))
        : cells.cells(iteration, STATISTICS)),
    ]),
  );
  cells.explain();
}

function accountCells(paper: Paper, iterations: Slice['iterations']): Cell[] {
  const { ok, failed, cut, dropped, lost } = iterations;
  const sums = [ok, failed, cut.deadline + cut.stop, dropped.generator + dropped.target];
  return [...sums.map(count), lost === null ? nothing(paper) : count(lost)];
}

function errorsCell(paper: Paper, iterations: Slice['iterations']): Cell {
  const { scheduled, failed, cut, dropped } = iterations;
  const { bad, faint } = paper.ink;
  if (scheduled === 0) return nothing(paper);
  const share = (failed + cut.deadline + dropped.target) / scheduled;
  return { text: percent(share), paint: share > 0 ? bad : faint };
}

function nothing({ ink: { faint } }: Paper): Cell {
  return { text: WITHHELD, paint: faint };
}

import type { Report, Slice } from '../report-schema.js';
import type { DistributionCells, Statistic } from './distribution-cells.js';
import { WITHHELD } from './distribution-cells.js';
import { emulatedCell } from './emulation-text.js';
import { count, percent, rate, span } from './figures.js';
import { plain } from './plain.js';
import type { Paper } from './sheet.js';
import type { Cell, Column } from './table.js';

const STATISTICS: readonly Statistic[] = ['p50', 'p90', 'p95', 'p99', 'p999', 'max'];

/** What one kind of table says between name and figures. */
interface SecondColumn {
  readonly head: Column;
  readonly cell: (slice: Slice) => Cell;
}

interface Breakdown {
  readonly title: string;
  /** Those that were measured, of so many that there are: one row alone would repeat the headline. */
  readonly rows: readonly (Slice | undefined)[];
  readonly nameOf: (slice: Slice) => string;
  readonly second?: SecondColumn | null;
}

export function regionsText(paper: Paper, report: Report, cells: DistributionCells): void {
  const { run, slices } = report;
  const emulated: SecondColumn = {
    head: { title: 'emulated' },
    cell: ({ region }) => emulatedCell(report, region),
  };
  breakdown(paper, cells, {
    title: `Regions${duringHeadline(report)}`,
    rows: run.regions.map((region) =>
      slices.find(
        (slice) =>
          slice.region === region && slice.request === null && slice.stage === run.headline.stage,
      ),
    ),
    nameOf: ({ region }) => region ?? '',
    second: run.emulated.length > 0 ? emulated : null,
  });
}

export function requestsText(paper: Paper, report: Report, cells: DistributionCells): void {
  const { run, slices } = report;
  breakdown(paper, cells, {
    title: `Requests${duringHeadline(report)}`,
    rows: run.requests.map((request) =>
      slices.find(
        (slice) =>
          slice.region === null && slice.request === request && slice.stage === run.headline.stage,
      ),
    ),
    nameOf: ({ request }) => request ?? '',
  });
}

export function stagesText(paper: Paper, report: Report, cells: DistributionCells): void {
  const { run, slices } = report;
  breakdown(paper, cells, {
    title: 'Stages',
    rows: run.stages.map(({ title }) =>
      slices.find(
        (slice) => slice.region === null && slice.request === null && slice.stage === title,
      ),
    ),
    nameOf: ({ stage, warmup }) => `${stage ?? ''}${warmup ? ', warm-up' : ''}`,
    second: { head: { title: 'lasted', optional: 10 }, cell: ({ seconds }) => span(seconds) },
  });
}

/** Of the only stage there is, its name would say nothing. */
export function duringHeadline({ run: { headline, stages } }: Report): string {
  const { stage } = headline;
  return stage === null || stages.length < 2 ? '' : ` during ${plain(stage)}`;
}

function breakdown(
  paper: Paper,
  cells: DistributionCells,
  { title, rows, nameOf, second = null }: Breakdown,
): void {
  const measured = rows.filter((slice) => slice !== undefined);
  if (rows.length < 2 || measured.length === 0) return;
  paper.section(title, 'latency of good answers');
  paper.table(
    columns(cells, second),
    measured.map((slice) => cellsOf(slice, nameOf(slice), second, paper, cells)),
  );
  cells.explain();
  for (const slice of measured) {
    if (slice.rateWhy === null) continue;
    paper.text(plain(`rate of ${nameOf(slice)}: ${slice.rateWhy}`), { paint: paper.ink.faint });
  }
}

function columns(cells: DistributionCells, second: SecondColumn | null): Column[] {
  return [
    { title: '', align: 'left' },
    ...(second ? [second.head] : []),
    { title: 'requests', optional: 7 },
    { title: 'errors' },
    { title: 'rate', optional: 5 },
    ...cells.columns(STATISTICS),
  ];
}

function cellsOf(
  slice: Slice,
  name: string,
  second: SecondColumn | null,
  paper: Paper,
  cells: DistributionCells,
): Cell[] {
  const { bad, faint } = paper.ink;
  const errors = slice.errorRate ?? 0;
  return [
    plain(name),
    ...(second ? [second.cell(slice)] : []),
    count(slice.requests.scheduled),
    slice.errorRate === null
      ? { text: WITHHELD, paint: faint }
      : { text: percent(errors), paint: errors > 0 ? bad : faint },
    slice.rate === null ? { text: WITHHELD, paint: faint } : rate(slice.rate),
    ...cells.cells(slice.latency, STATISTICS),
  ];
}

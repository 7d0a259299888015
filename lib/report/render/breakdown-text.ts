import type { Report, Slice } from '../report-schema.js';
import type { DistributionCells, Statistic } from './distribution-cells.js';
import { WITHHELD } from './distribution-cells.js';
import { emulatedCell } from './emulation-text.js';
import { count, percent, rate, span, time } from './figures.js';
import { plain } from './plain.js';
import type { Sheet } from './sheet.js';
import type { Cell, Column } from './table.js';

const STATISTICS: readonly Statistic[] = ['p50', 'p90', 'p95', 'p99', 'p999', 'max'];

/** Below it a median would otherwise be withheld. */
const FEW_CONNECTIONS = 20;

/** What one kind of table says between name and figures. */
interface SecondColumn {
  readonly head: Column;
  readonly cell: (slice: Slice) => Cell;
}

/** Regions, requests and stages, each unless it has one row, which would repeat the headline. */
export function breakdownText(sheet: Sheet, report: Report, cells: DistributionCells): void {
  const { run, slices } = report;
  const headline = run.headline.stage;
  // Of the only stage there is, its name would say nothing.
  const during = headline === null || run.stages.length < 2 ? '' : ` during ${plain(headline)}`;
  const regions = run.regions.map((region) =>
    slices.find((s) => s.region === region && s.request === null && s.stage === headline),
  );
  const requests = run.requests.map((request) =>
    slices.find((s) => s.region === null && s.request === request && s.stage === headline),
  );
  const stages = run.stages.map(({ title }) =>
    slices.find((s) => s.region === null && s.request === null && s.stage === title),
  );
  const write = (
    title: string,
    found: readonly (Slice | undefined)[],
    nameOf: (slice: Slice) => string,
    second: SecondColumn | null = null,
  ) => {
    const rows = found.filter((slice) => slice !== undefined);
    if (found.length < 2 || rows.length === 0) return;
    sheet.section(title, 'latency of good answers');
    sheet.table(
      columns(cells, second),
      rows.map((slice) => cellsOf(slice, nameOf(slice), second, sheet, cells)),
    );
    cells.explain();
    for (const slice of rows) {
      if (slice.rateWhy === null) continue;
      sheet.text(plain(`rate of ${nameOf(slice)}: ${slice.rateWhy}`), { paint: sheet.ink.faint });
    }
  };
  const emulated: SecondColumn = {
    head: { title: 'emulated' },
    cell: ({ region }) => emulatedCell(report, region),
  };
  const lasted: SecondColumn = {
    head: { title: 'lasted', optional: 10 },
    cell: ({ seconds }) => span(seconds),
  };
  const distant = run.emulated.length > 0 ? emulated : null;
  write(`Regions${during}`, regions, ({ region }) => region ?? '', distant);
  write(`Requests${during}`, requests, ({ request }) => request ?? '');
  write(
    'Stages',
    stages,
    ({ stage, warmup }) => `${stage ?? ''}${warmup ? ', warm-up' : ''}`,
    lasted,
  );
  firstVisitsText(sheet, report);
}

/** What a new visitor waits for: a name, a connection, a handshake and an answer. */
function firstVisitsText(sheet: Sheet, { run, firstVisits }: Report): void {
  const known = firstVisits.filter(({ total }) => total !== null);
  if (known.length === 0) return;
  const cell = (ms: number | null): Cell =>
    ms === null ? { text: WITHHELD, paint: sheet.ink.faint } : time(ms);
  const steps = ['DNS', 'TCP', 'TLS', 'first byte', 'in all'];
  sheet.section(
    'A first visit',
    `on a new connection, medians${run.emulated.length > 0 ? ', distance emulated' : ''}`,
  );
  const many = run.regions.length > 1;
  sheet.table(
    [
      ...(many ? [{ title: '', align: 'left' as const }] : []),
      // What is gone from a narrow screen is still in the sum.
      ...steps.map((title, i) => (i === 0 ? { title, optional: 1 } : { title })),
    ],
    known.map(({ region, dns, tcp, tls, firstByte, total }) => [
      ...(many ? [plain(region)] : []),
      ...[dns, tcp, tls, firstByte, total].map(cell),
    ]),
  );
  const few = known.filter(({ connections }) => connections < FEW_CONNECTIONS);
  if (few.length === 0) return;
  const each = few.map(({ region, connections }) =>
    many ? `${plain(region)} ${count(connections)}` : count(connections),
  );
  sheet.text(`of few connections: ${each.join(', ')}`, { paint: sheet.ink.faint });
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
  sheet: Sheet,
  cells: DistributionCells,
): Cell[] {
  const { bad, faint } = sheet.ink;
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

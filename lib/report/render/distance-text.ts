import type { Report, Slice } from '../report-schema.js';
import { isSeparable, typicalDistance } from '../separable.js';
import { type DistributionCells, WITHHELD } from './distribution-cells.js';
import { count, percent, time } from './figures.js';
import { plain } from './plain.js';
import type { Paper } from './sheet.js';
import type { Cell } from './table.js';

/** Below it a median would otherwise be withheld. */
const FEW_CONNECTIONS = 20;

/** Of one answer, typically; null where it cannot be told from processing. */
export function roundTripOf(slice: Slice): number | null {
  return isSeparable(slice) ? typicalDistance(slice) : null;
}

/** How much of what each region waits for is the way there and back. A single one has its phases. */
export function distanceText(paper: Paper, report: Report, cells: DistributionCells): void {
  const { run, slices } = report;
  const rows = run.regions.flatMap(
    (name) =>
      slices.find(
        ({ region, request, stage }) =>
          region === name && request === null && stage === run.headline.stage,
      ) ?? [],
  );
  if (rows.length < 2 || rows.every(({ distance }) => distance === null)) return;
  const { faint } = paper.ink;
  const unknown = { text: WITHHELD, paint: faint };
  paper.section('Distance and processing', 'one round trip, and the first byte less it');
  paper.table(
    [
      { title: '', align: 'left' },
      { title: 'distance' },
      { title: 'processing' },
      { title: 'its p99', optional: 1 },
      { title: 'latency p50' },
      { title: 'distance is' },
    ],
    rows.map((slice): Cell[] => {
      const roundTrip = roundTripOf(slice);
      const median = slice.latency.p50;
      const processing = roundTrip === null ? null : slice.processing;
      return [
        plain(slice.region ?? ''),
        roundTrip === null ? unknown : time(roundTrip),
        ...(processing === null ? [unknown, unknown] : cells.cells(processing, ['p50', 'p99'])),
        median === null ? unknown : time(median),
        roundTrip === null || median === null
          ? unknown
          : percent(Math.min(100, Math.round((100 * roundTrip) / median)) / 100),
      ];
    }),
  );
  cells.explain();
  if (rows.some((slice) => !isSeparable(slice))) {
    paper.text(`${WITHHELD} where answers came within one round trip: they cannot be told apart`, {
      paint: faint,
    });
  }
}

/** What a new visitor waits for: a name, a connection, a handshake and an answer. */
export function firstVisitsText(paper: Paper, { run, firstVisits }: Report): void {
  const known = firstVisits.filter(({ total }) => total !== null);
  if (known.length === 0) return;
  const cell = (ms: number | null): Cell =>
    ms === null ? { text: WITHHELD, paint: paper.ink.faint } : time(ms);
  const steps = ['DNS', 'TCP', 'TLS', 'first byte', 'in all'];
  paper.section(
    'A first visit',
    `on a new connection, medians${run.emulated.length > 0 ? ', distance emulated' : ''}`,
  );
  const many = run.regions.length > 1;
  paper.table(
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
  paper.text(`of few connections: ${each.join(', ')}`, { paint: paper.ink.faint });
}

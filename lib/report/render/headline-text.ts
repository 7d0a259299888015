import type { Distribution, Report, Slice } from '../report-schema.js';
import { isSeparable } from '../separable.js';
import { type DistributionCells, type Statistic, WITHHELD } from './distribution-cells.js';
import { askedRate, bytes, count, percent, rate, time } from './figures.js';
import { plain } from './plain.js';
import type { Paper } from './sheet.js';
import type { Cell } from './table.js';

const STATISTICS: readonly Statistic[] = ['p50', 'p90', 'p95', 'p99', 'p999', 'max'];

/** The slice whose numbers stand for the run. */
export function headlineSlice({ run, slices }: Report): Slice | undefined {
  return slices.find(
    ({ region, request, stage, warmup }) =>
      region === null && request === null && stage === run.headline.stage && !warmup,
  );
}

/** How fast it answered: rate, errors, and both clocks side by side. */
export function headlineText(
  paper: Paper,
  report: Report,
  slice: Slice,
  cells: DistributionCells,
): void {
  const { run } = report;
  const { strong, bad, faint } = paper.ink;
  paper.section(plain(run.headline.stage ?? 'all measured time'), plain(run.headline.sentence));
  const failed = slice.errorRate ?? 0;
  const asked =
    run.model === 'open' && slice.seconds > 0
      ? ` of ${askedRate(slice.requests.scheduled / slice.seconds)} asked`
      : '';
  const facts = [
    `${strong(slice.rate === null ? 'rate unknown' : rate(slice.rate))} good answers${asked}`,
    (failed > 0 ? bad : strong)(`${percent(failed)} errors`),
    `${bytes(slice.bytesIn)} in, ${bytes(slice.bytesOut)} out`,
  ];
  paper.text(facts.join(' · '));
  if (slice.rateWhy !== null) paper.text(plain(slice.rateWhy), { paint: faint });
  paper.line();
  const row = (name: string, distribution: Distribution): Cell[] => [
    { text: name, paint: strong },
    ...cells.cells(distribution, STATISTICS),
  ];
  paper.table(
    [{ title: '', align: 'left' }, ...cells.columns(STATISTICS)],
    [
      row('latency', slice.latency),
      row('service', slice.service),
      ...(slice.estimate ? [row('estimate', slice.estimate)] : []),
      ...(slice.failed.count > 0 ? [row('failed', slice.failed)] : []),
    ],
  );
  cells.explain();
  paper.text(
    run.latencyFrom === 'schedule'
      ? 'latency counts from when the schedule wanted the request sent, service from when it was really written: where they part, requests had to wait'
      : 'latency counts from when a user was ready to send, service from when the request was written; both are blind to the load that a slow server held back; the estimate fills in what it held back, as if each long answer had stopped the whole server',
    { paint: faint },
  );
}

/** Where the time went, span by span, each with whose time it is. */
export function phasesText(
  paper: Paper,
  report: Report,
  slice: Slice,
  cells: DistributionCells,
): void {
  const { wait, firstByte, body, sending } = slice.phases;
  if (firstByte.count === 0) return;
  const statistics = ['p50', 'p99', 'max'] as const;
  const { faint } = paper.ink;
  const row = (name: string, distribution: Distribution, meaning: string): Cell[] => [
    name,
    ...cells.cells(distribution, statistics),
    { text: meaning, paint: faint },
  ];
  const rows = [
    row('lag', wait.lag, 'the generator was late'),
    row('blocked', wait.blocked, 'waited for a free connection'),
  ];
  if (wait.setup.count > 0) {
    const meaning = `${count(wait.setup.count)} waited for a new connection`;
    rows.push(['set-up', ...cells.silent(wait.setup, statistics), { text: meaning, paint: faint }]);
  }
  rows.push(row('first byte', firstByte, 'written, until the answer began'));
  if (sending !== null) rows.push(row('  sending', sending, 'of it: sending the body'));
  if (slice.processing !== null && slice.distance !== null) {
    if (isSeparable(slice)) {
      const roundTrip = cells.silent(slice.distance, statistics);
      const [far, near] = distanceMeanings(report);
      rows.push(['  distance', ...roundTrip, { text: far, paint: faint }]);
      rows.push(row('  processing', slice.processing, near));
    } else {
      const unknown = statistics.map((): Cell => ({ text: WITHHELD, paint: faint }));
      for (const name of ['  distance', '  processing']) {
        rows.push([name, ...unknown, { text: 'not separable', paint: faint }]);
      }
    }
  }
  if (slice.serverTime !== null && slice.serverTime.count > 0) {
    rows.push(row('  server', slice.serverTime, 'of it: what the server said it took'));
  }
  rows.push(row('body', body, 'until the answer was complete'));
  const meanWait = wait.mean === null ? '' : `mean wait before it was written ${time(wait.mean)}`;
  paper.section('Where the time went', meanWait);
  paper.table(
    [
      { title: '', align: 'left' },
      ...statistics.map((title) => ({ title })),
      { title: '', align: 'left', optional: 1 },
    ],
    rows,
  );
  cells.explain();
  // What disturbs a connect makes it longer: the least is near the truth, however few there were.
  const { p50, min } = slice.distance ?? { p50: null, min: null };
  if (p50 === null && min !== null && isSeparable(slice)) {
    paper.text(`distance is told by few connects; the least is ${time(min)}`, { paint: faint });
  }
}

/** What distance and processing reach to: an edge before the target, where one was found. */
function distanceMeanings({
  connections,
}: Report): readonly [distance: string, processing: string] {
  const reached = connections.filter(({ roundTrip }) => roundTrip.count > 0);
  const edges = reached.filter(({ edge }) => edge !== null);
  if (edges.length === 0) return ['of it: one round trip', 'of it: the server and behind'];
  return edges.length === reached.length
    ? ['of it: one round trip to the edge', 'of it: the edge and behind']
    : ['of it: round trip, some to an edge', 'of it: server or edge, and behind'];
}

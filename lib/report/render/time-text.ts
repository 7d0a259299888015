import type { Report, SeriesPoint } from '../report-schema.js';
import { count, percent, span, time } from './figures.js';
import { columns, cut, plain } from './plain.js';
import type { Paper } from './sheet.js';
import { sparkline } from './sparkline.js';
import type { Cell } from './table.js';

type Series = Report['series'][number];
type Values = readonly (number | null)[];

/** Of more regions than this the slowest are shown. */
const MOST_REGIONS = 8;
const SLOWEST = 3;
const LONGEST_NAME = 24;
/** What stands beside a line of bars: indents, gaps, and `up to 1,234 ms`. */
const BESIDE = 22;

/** The run over time, as lines of bars from 0 to the highest: all regions, then each of them. */
export function timeText(paper: Paper, { run, series }: Report): void {
  const all = series.find(({ region }) => region === null);
  if (all === undefined || all.points.length < 2) return;
  // Spans too short for a p99 still have a longest answer.
  const high = all.points.some(({ p99 }) => p99 !== null) ? 'p99' : 'max';
  const regions = run.regions.length > 1 ? shown(series, high) : [];
  const names = regions.map((one) => cut(plain(one.region ?? ''), LONGEST_NAME));
  const nameColumns = Math.max(6, ...names.map(columns));
  const width = Math.max(10, paper.width - BESIDE - nameColumns);
  const timed = (name: string, { points }: Series, key: 'p50' | 'p99' | 'max'): Cell[] =>
    row(
      name,
      points.map((point) => point[key]),
      width,
      time,
    );
  const failures = all.points.map(failedShare);
  const length = all.points.length;
  const end = (all.points.at(-1)?.start ?? 0) + all.spanSeconds;
  paper.section(
    'Over time',
    `latency by when it was scheduled, 0s to ${span(end)}, ${count(length)} spans of ${span(all.spanSeconds)}`,
  );
  paper.table(
    [
      { title: '', align: 'left' },
      { title: '', align: 'left' },
      { title: '', align: 'left' },
    ],
    [
      timed('p50', all, 'p50'),
      timed(high, all, high),
      ...(failures.some((share) => share !== null)
        ? [row('failed', failures, width, percent)]
        : []),
      stagesRow(run.stages, end, columns(sparkline(Array(length).fill(1), length, width))),
      ...regions.map((one, i) => timed(names[i]!, one, high)),
    ],
  );
  if (regions.length === 0) return;
  const which =
    regions.length < run.regions.length ? `the ${regions.length} slowest regions` : 'regions';
  paper.text(`${which}: ${high}, each against its own highest`, { paint: paper.ink.faint });
}

function row(
  name: string,
  values: Values,
  width: number,
  figure: (value: number) => string,
): Cell[] {
  const known = values.filter((value) => value !== null);
  const most = known.length === 0 ? '–' : `up to ${figure(Math.max(...known))}`;
  return [name, sparkline(values, values.length, width), most];
}

/** null where there is nothing to draw: the lowest bar would look like some. */
function failedShare({ scheduled, failed }: SeriesPoint): number | null {
  return failed === 0 ? null : failed / scheduled;
}

/** Where stages begin, and their names as far as there is room. */
function stagesRow(stages: Report['run']['stages'], end: number, width: number): Cell[] {
  let line = '';
  stages.forEach(({ title, start }, i) => {
    const at = Math.round((start / end) * width);
    const next = Math.round(((stages[i + 1]?.start ?? end) / end) * width);
    line = line.padEnd(at) + cut(`│${plain(title)}`, Math.max(1, next - at));
  });
  return ['stages', line.trimEnd(), ''];
}

function shown(series: readonly Series[], high: 'p99' | 'max'): Series[] {
  const regions = series.filter(({ region }) => region !== null);
  if (regions.length <= MOST_REGIONS) return regions;
  const slowness = ({ points }: Series) => Math.max(0, ...points.map((point) => point[high] ?? 0));
  const slowest = new Set([...regions].sort((a, b) => slowness(b) - slowness(a)).slice(0, SLOWEST));
  return regions.filter((one) => slowest.has(one));
}

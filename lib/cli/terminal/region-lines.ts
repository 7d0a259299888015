import { isSupported } from '../../measure/rank.js';
import { percent, rate, time } from '../../report/render/figures.js';
import { columns, plain } from '../../report/render/plain.js';
import type { Ink } from '../../report/render/sheet.js';
import { sparkline } from '../../report/render/sparkline.js';
import { type Cell, table } from '../../report/render/table.js';
import type { LiveFigures, LiveRegion, Progress } from '../../store/progress.js';

/** Of more regions than this the worst are shown, and all together. */
const MOST_REGIONS = 8;
const WORST = 3;
const SPARK_LEAST = 8;
const GAP = '  ';

/** How it goes in each region; a single one is told by its sparkline alone. */
export function regionLines(progress: Progress, width: number, ink: Ink): string[] {
  const { regions, knownToUs, phase } = progress;
  if (knownToUs === 0 || (phase !== 'running' && phase !== 'finishing')) return [];
  if (regions.length === 1) return alone(progress, width, ink);
  const rows =
    regions.length > MOST_REGIONS
      ? [
          ...worst(regions).map((region) => row(plain(region.region), region, ink)),
          row(`all ${regions.length} regions`, progress, ink),
        ]
      : regions.map((region) => row(plain(region.region), region, ink));
  const lines = table(
    [
      { title: '', align: 'left' },
      { title: 'good' },
      { title: 'p50', optional: 2 },
      { title: 'p99' },
      { title: 'errors', optional: 1 },
    ],
    rows.map(({ cells }) => cells),
    width - SPARK_LEAST - GAP.length,
    ink.faint,
  );
  const edge = Math.max(...lines.map(columns));
  const room = width - edge - GAP.length;
  const title = 'p99 over time';
  return lines.map((line, index) => {
    const pad = ' '.repeat(edge - columns(line)) + GAP;
    if (index === 0) return room < title.length ? line : line + pad + ink.faint(title);
    return (line + pad + sparkOf(rows[index - 1]!.figures, progress, room)).trimEnd();
  });
}

/** `~` before a p99 that too few answers stand behind. */
export function p99Text({ p99Us, answers }: LiveFigures): string {
  if (p99Us === null) return '–';
  return `${isSupported(9900, answers) ? '' : '~'}${time(p99Us / 1000)}`;
}

function alone(progress: Progress, width: number, { faint }: Ink): string[] {
  const values = progress.series.filter((value) => value !== null);
  if (values.length === 0) return [];
  const [before, after] = ['p99', `up to ${time(Math.max(...values) / 1000)}`];
  const room = width - before.length - after.length - 2 * GAP.length;
  if (room < SPARK_LEAST) return [];
  return [faint(before) + GAP + sparkOf(progress, progress, room) + GAP + faint(after)];
}

function sparkOf(
  { series }: LiveFigures,
  { durationUs, seriesStepUs, amount }: Progress,
  room: number,
): string {
  // How long a fixed amount will take nobody knows.
  const length = amount === null ? Math.ceil(durationUs / seriesStepUs) : series.length;
  return sparkline(series, length, room);
}

function row(
  name: string,
  figures: LiveFigures,
  { bad }: Ink,
): { readonly figures: LiveFigures; readonly cells: Cell[] } {
  const { workers, rateAchieved, p50Us, errorShare } = figures;
  const lost = workers.lost > 0 ? ` (${workers.lost} lost)` : '';
  return {
    figures,
    cells: [
      lost === '' ? name : { text: name + lost, paint: bad },
      rateAchieved === null ? '–' : rate(rateAchieved),
      p50Us === null ? '–' : time(p50Us / 1000),
      p99Text(figures),
      errorShare !== null && errorShare > 0
        ? { text: percent(errorShare), paint: bad }
        : errorShare === null
          ? '–'
          : '0 %',
    ],
  };
}

/** By p99, in the order of the plan; where answers came and none was good it is worst of all. */
function worst(regions: readonly LiveRegion[]): LiveRegion[] {
  const badness = ({ p99Us, errorShare }: LiveRegion) =>
    p99Us ?? (errorShare === null ? -1 : Number.POSITIVE_INFINITY);
  const chosen = new Set([...regions].sort((a, b) => badness(b) - badness(a)).slice(0, WORST));
  return regions.filter((region) => chosen.has(region));
}

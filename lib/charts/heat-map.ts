import { type ChartFigures, type ChartOptions, NARROW } from './chart.js';
import { chartKey, type KeyEntry } from './chart-key.js';
import { emptyChart } from './empty-chart.js';
import { bad, type FailurePoint, failureKeys, failureStrip } from './failure-strip.js';
import { type HeatCells, heatImage, heatRange } from './heat-image.js';
import { spread } from './label-layout.js';
import { linePath } from './line-path.js';
import { logAxis } from './log-axis.js';
import { chart, element, px } from './markup.js';
import { linearScale } from './scales.js';
import { draw, lineHeight } from './text-label.js';
import {
  STAGE_ROW,
  stageNames,
  type TimeMarks,
  type TimePlot,
  timeAxis,
  timeMarkKeys,
  timeMarks,
} from './time-marks.js';

interface HeatPoint extends FailurePoint {
  readonly p50: number | null;
  readonly p99: number | null;
  /** Good answers by latency, between the edges. */
  readonly heat: readonly number[];
}

/** As a series of report.json has it. */
export interface HeatData extends TimeMarks {
  readonly spanSeconds: number;
  /** Milliseconds; one more than each point has counts. */
  readonly edges: readonly number[];
  readonly points: readonly HeatPoint[];
}

interface HeatOptions extends ChartOptions {
  /** zlib's deflate, with its header: `deflateSync` of node:zlib. */
  readonly deflate: (bytes: Uint8Array) => Uint8Array;
}

const TITLE = 'Latency over time';
const STRIP = 32;
const STRIP_GAP = 18;
const LINES = ['p99', 'p50'] as const;
type Line = (typeof LINES)[number];

/**
 * All answers over time: the darker a cell, the more of that moment's answers took that long. Over
 * it p50 and p99, below it what failed.
 */
export function heatMap(data: HeatData, options: HeatOptions): string {
  const { width, id, figures } = options;
  const title = options.title ?? TITLE;
  if (data.points.length === 0 || !(data.spanSeconds > 0)) {
    return emptyChart('heat-map', title, 'Nothing was measured.', options);
  }
  const narrow = width < NARROW;
  const cells = cellsOf(data);
  const [top, bottom] = [STAGE_ROW + 4, STAGE_ROW + (narrow ? 190 : 290)];
  const axis = logAxis([], {
    ...{ top, bottom, figures },
    ...(cells === null ? {} : { domain: [cells.edges[0]!, cells.edges.at(-1)!] as const }),
  });
  const seconds = endOf(data);
  const left = Math.max(axis.gutter, 40);
  const right = width - 34;
  const xOf = linearScale([0, seconds], [left, right]);
  const plot: TimePlot = { left, right, top, bottom, seconds, xOf };
  const strip: TimePlot = { ...plot, top: bottom + STRIP_GAP, bottom: bottom + STRIP_GAP + STRIP };
  const keys = [
    ...(cells === null ? [] : heatKeys(cells, data, figures)),
    ...failureKeys(data.points, id),
    ...timeMarkKeys(data),
  ];
  const key = chartKey(keys, { x: 2, y: strip.bottom + 26, width: width - 4 });
  return chart(
    { id, width, height: Math.ceil(strip.bottom + 26 + key.height), name: 'heat-map' },
    { title, description: described(data, figures) },
    element('rect', { class: 'panel', x: left, y: top, width: right - left, height: bottom - top }),
    timeAxis({ ...plot, bottom: strip.bottom }, figures, width),
    cells === null ? '' : axis.drawn(left, right),
    cells === null ? '' : image(cells, data, plot, options),
    timeMarks(data, { ...plot, bottom: strip.bottom }),
    stageNames(data, plot),
    lines(data, plot, axis.scale),
    cells === null
      ? draw({ text: 'no good answer', x: left + 8, y: top + 20, style: 'faint' })
      : '',
    failureStrip(data.points, data.spanSeconds, strip, { id, figures }),
    key.markup,
  );
}

function endOf({ points, spanSeconds }: HeatData): number {
  return points.at(-1)!.start + spanSeconds;
}

/** null where no answer was good. All of one time are one band, as high as it takes to be seen. */
function cellsOf({ edges, points }: HeatData): HeatCells | null {
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  const columns = points.map(({ heat }) => heat);
  if (!(low > 0) || !columns.some((counts) => counts.some((n) => n > 0))) return null;
  if (high / low > 1.02) return { edges, columns };
  const sums = columns.map((counts) => [0, counts.reduce((sum, n) => sum + n, 0), 0]);
  return { edges: [low / 1.5, low / 1.06, high * 1.06, high * 1.5], columns: sums };
}

function image(
  cells: HeatCells,
  { points, spanSeconds }: HeatData,
  { top, bottom, xOf }: TimePlot,
  { deflate }: HeatOptions,
): string {
  const { light, dark } = heatImage(cells, deflate);
  const x = xOf(points[0]!.start);
  const box = {
    ...{ x, y: top, height: bottom - top },
    width: xOf(points.at(-1)!.start + spanSeconds) - x,
    preserveAspectRatio: 'none',
  };
  return [
    element('image', { class: 'heat by-light', ...box, href: light }),
    element('image', { class: 'heat by-dark', ...box, href: dark }),
  ].join('');
}

function lines(data: HeatData, plot: TimePlot, yOf: (ms: number) => number): string {
  const half = data.spanSeconds / 2;
  const drawn = LINES.map((name) => {
    const spots = data.points.map((point) => {
      const ms = point[name];
      return ms === null ? null : ([plot.xOf(point.start + half), yOf(ms)] as const);
    });
    const last = spots.findLast((spot) => spot !== null);
    return { name, d: linePath(spots), end: last?.[1] ?? null };
  }).filter(({ d }) => d !== '');
  const ends = drawn.map(({ end }) => end!);
  const levels = spread(ends, lineHeight('axis'), [plot.top + 4, plot.bottom - 4]);
  return drawn
    .map(({ name, d }, i) =>
      [
        element('path', { class: 'over', d }),
        element('path', { class: lineLook(name), d }),
        draw({ text: name, x: plot.right + 6, y: levels[i]! + 4, style: 'key' }),
      ].join(''),
    )
    .join('');
}

function lineLook(name: Line): string {
  return name === 'p50' ? 'on-heat p50 dashed' : 'on-heat p99';
}

function heatKeys(
  cells: HeatCells,
  { points, spanSeconds }: HeatData,
  figures: ChartFigures,
): KeyEntry[] {
  const { least, most } = heatRange(cells);
  const cell = 12;
  const line = (name: Line): KeyEntry => ({
    text: name,
    width: 24,
    sign: (x, y) => element('path', { class: lineLook(name), d: `M${px(x)} ${px(y)}h24` }),
  });
  return [
    {
      text: `${figures.percent(least)} to ${figures.percent(most)} of the answers of ${figures.span(spanSeconds)} (log)`,
      width: 6 * cell,
      sign: (x, y) =>
        Array.from({ length: 6 }, (_, i) =>
          element('rect', {
            class: `step-${i + 1}`,
            x: x + i * cell,
            y: y - 5,
            width: cell,
            height: 10,
          }),
        ).join(''),
    },
    ...LINES.filter((name) => points.some((point) => point[name] !== null)).map(line),
  ];
}

function described({ points, spanSeconds, stages, legs }: HeatData, figures: ChartFigures): string {
  const ranges = LINES.map((name) => {
    const known = points.flatMap((point) => (point[name] === null ? [] : [point[name]]));
    if (known.length === 0) return `No ${name} is known`;
    const [low, high] = [Math.min(...known), Math.max(...known)];
    return `${name} between ${figures.time(low)} and ${figures.time(high)}`;
  });
  const lost = points.reduce((sum, point) => sum + bad(point), 0);
  const parts = [
    ...ranges,
    `${figures.count(lost)} requests failed, were dropped or cut`,
    ...(stages.length > 1 ? [`${stages.length} stages`] : []),
    ...(legs.length > 1 ? [`${legs.length} legs`] : []),
  ];
  return `In spans of ${figures.span(spanSeconds)}: ${parts.join('; ')}.`;
}

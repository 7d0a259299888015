import { logDomain } from './axis-ticks.js';
import { type ChartFigures, type ChartOptions, NARROW, NOTHING } from './chart.js';
import { chartKey, type KeyEntry } from './chart-key.js';
import { emptyChart } from './empty-chart.js';
import { linePath } from './line-path.js';
import { logAxis } from './log-axis.js';
import { chart, element, escaped, px } from './markup.js';
import { linearScale } from './scales.js';
import { draw, lineHeight, shortened, type TextLabel, widthOf } from './text-label.js';
import { type TimeMarks, type TimePlot, timeMarkKeys, timeMarks } from './time-marks.js';

interface RegionSeries {
  readonly region: string;
  /** Of the headline, beside the name: `p99 392 ms`; null: withheld. */
  readonly headline: string | null;
  readonly points: readonly {
    readonly start: number;
    readonly p50: number | null;
    readonly p99: number | null;
    /** Drawn where too few answers are in each span for any p99. */
    readonly max: number | null;
  }[];
}

interface RegionGridData extends TimeMarks {
  readonly spanSeconds: number;
  readonly regions: readonly RegionSeries[];
}

const TITLE = 'Every region over time';
const LINES = ['p99', 'max', 'p50'] as const;
const GAP = 22;
const HEAD = 20;
const FOOT = 20;
/** A panel is at least this wide. */
const PANEL = 190;
/** On a phone that many have the whole width; of more, two share it. */
const FEW = 4;

/** A small chart for each region, all on one scale, so that they can be compared at a glance. */
export function regionGrid(data: RegionGridData, options: ChartOptions): string {
  const { width, id, figures } = options;
  const title = options.title ?? TITLE;
  const lines = linesOf(data.regions);
  const values = data.regions.flatMap((region) => lines.flatMap((line) => valuesOf(region, line)));
  if (values.length === 0) {
    return emptyChart('region-grid', title, 'Nothing was answered.', options);
  }
  const narrow = width < NARROW;
  const plotHeight = narrow ? 64 : 84;
  const axisOf = (top: number) =>
    logAxis([], { top, bottom: top + plotHeight, figures, domain: logDomain(values) });
  const { gutter } = axisOf(0);
  const n = data.regions.length;
  const most = narrow ? (n > FEW ? 2 : 1) : Math.floor((width - gutter + GAP) / (PANEL + GAP));
  // As many rows as it takes, evenly filled.
  const columns = Math.ceil(n / Math.ceil(n / Math.max(1, most)));
  const panel = (width - gutter - (columns - 1) * GAP - 1) / columns;
  const head = columns === 2 && narrow ? HEAD + lineHeight('axis') : HEAD;
  const row = head + plotHeight + (narrow ? 12 : 14);
  const bottom = Math.ceil(n / columns) * row + FOOT;
  const seconds = endOf(data);
  const panels = data.regions.map((region, i) => {
    const left = gutter + (i % columns) * (panel + GAP);
    const top = Math.floor(i / columns) * row + head;
    const xOf = linearScale([0, seconds], [left, left + panel]);
    const plot: TimePlot = {
      left,
      right: left + panel,
      top,
      bottom: top + plotHeight,
      seconds,
      xOf,
    };
    const axis = axisOf(top);
    return element(
      'g',
      { class: 'region', 'data-region': region.region },
      element(
        'title',
        {},
        escaped(`${region.region}${region.headline === null ? '' : `: ${region.headline}`}`),
      ),
      element('rect', { class: 'panel', x: left, y: top, width: panel, height: plotHeight }),
      i % columns === 0 ? axis.drawn(left, left + panel) : axis.lines(left, left + panel),
      timeMarks(data, plot),
      ...lines.map((line) => path(region, line, data.spanSeconds, plot, axis.scale)),
      ...heading(region, plot, head).map(draw),
      ...(i + columns >= n ? timeEnds(plot, figures) : []).map(draw),
    );
  });
  const key = chartKey([...lineKeys(lines), ...timeMarkKeys(data)], {
    x: 2,
    y: bottom,
    width: width - 4,
  });
  return chart(
    { id, width, height: Math.ceil(bottom + key.height), name: 'region-grid' },
    { title, description: described(data, lines, figures) },
    ...panels,
    key.markup,
  );
}

type Line = (typeof LINES)[number];

function endOf({ regions, spanSeconds }: RegionGridData): number {
  return Math.max(...regions.map(({ points }) => (points.at(-1)?.start ?? 0) + spanSeconds));
}

function path(
  { points }: RegionSeries,
  line: Line,
  spanSeconds: number,
  { xOf }: TimePlot,
  yOf: (ms: number) => number,
): string {
  const spots = points.map((point) => {
    const ms = point[line];
    return ms === null ? null : ([xOf(point.start + spanSeconds / 2), yOf(ms)] as const);
  });
  const d = linePath(spots);
  return d === '' ? '' : element('path', { class: look(line), d });
}

function look(line: Line): string {
  return line === 'p50' ? 'p50 dashed' : line;
}

/** The most telling that there are: of many answers p99, of few the slowest. */
function linesOf(regions: readonly RegionSeries[]): Line[] {
  const told = LINES.filter((line) => regions.some((region) => valuesOf(region, line).length > 0));
  return told.filter((line) => line !== 'max' || !told.includes('p99'));
}

function valuesOf({ points }: RegionSeries, line: Line): number[] {
  return points.flatMap((point) => (point[line] === null ? [] : [point[line]]));
}

/** Name and value above a panel: in a line, or in two where names would have to be cut. */
function heading(
  { region, headline }: RegionSeries,
  { left, right, top }: TimePlot,
  head: number,
): TextLabel[] {
  const width = right - left;
  const beside = head === HEAD;
  const value = shortened(headline ?? NOTHING, 'axis', beside ? width * 0.55 : width);
  const room = beside ? width - widthOf(value.text, 'axis') - 8 : width;
  return [
    { ...shortened(region, 'strong', room), x: left, y: top - head + 14, style: 'strong' },
    beside
      ? { ...value, x: right, y: top - 6, style: 'axis', anchor: 'end' }
      : { ...value, x: left, y: top - 6, style: 'axis' },
  ];
}

function timeEnds({ left, right, bottom, seconds }: TimePlot, figures: ChartFigures): TextLabel[] {
  const y = bottom + 14;
  return [
    { text: '0', x: left, y, style: 'axis' },
    { text: figures.span(seconds), x: right, y, style: 'axis', anchor: 'end' },
  ];
}

function lineKeys(lines: readonly Line[]): KeyEntry[] {
  return lines.map((line) => ({
    text: line === 'max' ? 'max: too few answers in each span for p99' : line,
    width: 24,
    sign: (x, y) => element('path', { class: look(line), d: `M${px(x)} ${px(y)}h24` }),
  }));
}

function described(data: RegionGridData, lines: readonly Line[], figures: ChartFigures): string {
  const line = lines[0]!;
  const each = data.regions.map((region) => {
    const values = valuesOf(region, line);
    if (values.length === 0) return `${region.region}: no ${line} is known`;
    const range = [Math.min(...values), Math.max(...values)];
    return `${region.region}: ${line} between ${range.map(figures.time).join(' and ')}`;
  });
  return `In spans of ${figures.span(data.spanSeconds)}. ${each.join('; ')}.`;
}

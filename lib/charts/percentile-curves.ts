import { type ChartFigures, type ChartOptions, NARROW } from './chart.js';
import { chartKey, type KeyEntry } from './chart-key.js';
import { type Curve, type CurveLook, type CurvePoint, curveLooks, msAt } from './curve-looks.js';
import { type CurveObjective, curvePromises } from './curve-promises.js';
import { curveSign } from './curve-sign.js';
import { emptyChart } from './empty-chart.js';
import { placed, spread } from './label-layout.js';
import { linePath } from './line-path.js';
import { logAxis } from './log-axis.js';
import { chart, element, escaped, px } from './markup.js';
import { linearScale, nines } from './scales.js';
import { type Box, draw, lineHeight, shortened, type TextLabel, widthOf } from './text-label.js';

export type { Curve, CurvePoint } from './curve-looks.js';
export type { CurveObjective } from './curve-promises.js';

export interface PercentileData {
  readonly curves: readonly Curve[];
  readonly objectives: readonly CurveObjective[];
}

const TITLE = 'Latency by percentile';
/** What is marked below, the most important first. */
const MARKED = [0.99, 0.5, 0.9, 0.999, 0.9999, 0.99999, 0.75, 0.95, 0];
/** Where a curve has its sign. */
const SIGNED = [0.5, 0.9, 0.99, 0.999, 0.9999];
const SIGN_ROOM = 26;

interface Plot extends Box {
  /** Nines of where the axis begins. */
  readonly least: number;
  readonly xOf: (p: number) => number;
  readonly yOf: (ms: number) => number;
}

/**
 * How slow the slowest are: each nine of a percentile has as much room as the one before it. Two
 * clocks: latency as a line, service dashed; where they part, requests had to wait.
 */
export function percentileCurves(data: PercentileData, options: ChartOptions): string {
  const { width, id, figures } = options;
  const title = options.title ?? TITLE;
  const looks = curveLooks(data.curves.map(usable));
  if (looks.length === 0) {
    return emptyChart('percentiles', title, 'Too few answers for a percentile.', options);
  }
  const objectives = data.objectives.filter(({ p, limitMs }) => p < 1 && limitMs > 0);
  const narrow = width < NARROW;
  const [top, bottom] = [12, narrow ? 260 : 372];
  const points = looks.flatMap(({ curve }) => [...curve.latency, ...curve.service]);
  const axis = logAxis(
    [...points.map(({ ms }) => ms), ...objectives.map(({ limitMs }) => limitMs)],
    {
      top,
      bottom,
      figures,
    },
  );
  const named = looks.filter(({ grey }) => !grey).reverse();
  const right = narrow ? 14 : SIGN_ROOM + 12 + widest(named, width);
  const drawnAt = [...points, ...objectives].map(({ p }) => nines(p));
  const most = Math.max(1, ...drawnAt);
  const least = Math.min(most * 0.5, ...drawnAt);
  const scale = linearScale([least, most + (most - least) * 0.02], [axis.gutter, width - right]);
  const plot: Plot = {
    least,
    x: axis.gutter,
    y: top,
    width: width - right - axis.gutter,
    height: bottom - top,
    xOf: (p) => scale(nines(p)),
    yOf: axis.scale,
  };
  const promises = curvePromises(
    objectives,
    ({ p, limitMs }) => [plot.xOf(p), plot.yOf(limitMs)],
    // What is promised at the upper edge is written a little above it.
    { ...plot, y: plot.y - 10, height: plot.height + 10 },
    narrow
      ? null
      : looks.flatMap(({ curve }) => [
          ...boxesAlong(curve.latency, plot),
          ...boxesAlong(curve.service, plot),
        ]),
  );
  const keys = [...(narrow ? named.map(signKey) : []), ...clockKeys(looks), ...promises.keys];
  const key = chartKey(keys, { x: 2, y: bottom + 28, width: width - 4 });
  return chart(
    { id, width, height: Math.ceil(bottom + 28 + key.height), name: 'percentiles' },
    { title, description: described(looks, objectives, figures) },
    axis.drawn(plot.x, plot.x + plot.width),
    percentileAxis(plot, width),
    ...looks.map((look, i) => drawn(look, plot, `${id}-c${i}`)),
    promises.markup,
    narrow ? '' : endLabels(named, plot, width),
    key.markup,
  );
}

function usable({ region, latency, service }: Curve): Curve {
  const known = ({ p, ms }: CurvePoint) => p >= 0 && p < 1 && Number.isFinite(ms) && ms >= 0;
  return { region, latency: latency.filter(known), service: service.filter(known) };
}

function drawn({ curve, name, series, grey }: CurveLook, plot: Plot, id: string): string {
  const look = grey ? 'grey' : series === null ? 'all' : `s${series + 1}`;
  const path = (points: readonly CurvePoint[]) =>
    linePath(points.map(({ p, ms }) => [plot.xOf(p), plot.yOf(ms)]));
  const last = curve.latency.at(-1)!.p;
  const signs = series === null ? [] : SIGNED.filter((p) => p <= last && p >= curve.latency[0]!.p);
  return element(
    'g',
    { class: `series ${look}`, 'data-region': curve.region ?? '' },
    element('title', {}, escaped(name)),
    // In grey two clocks each would be a thicket.
    grey || curve.service.length === 0
      ? ''
      : element('path', { class: 'curve service', d: path(curve.service) }),
    element('path', { class: 'curve', id, d: path(curve.latency) }),
    element('use', { class: 'hit', href: `#${id}` }),
    ...signs.map((p) => curveSign(series!, plot.xOf(p), plot.yOf(msAt(curve.latency, p)))),
  );
}

/** Names at the right, each level with the end of its curve as far as there is room. */
function endLabels(looks: readonly CurveLook[], plot: Plot, width: number): string {
  const ends = looks.map(({ curve }) => curve.latency.at(-1)!);
  const levels = spread(
    ends.map(({ ms }) => plot.yOf(ms)),
    lineHeight('body'),
    [plot.y + 2, plot.y + plot.height - 2],
  );
  const x = plot.x + plot.width + SIGN_ROOM;
  return looks
    .map(({ name, series }, i) => {
      const [fromX, fromY] = [plot.xOf(ends[i]!.p), plot.yOf(ends[i]!.ms)];
      const leader = linePath([
        [fromX + 3, fromY],
        [Math.max(fromX + 4, x - 16), levels[i]!],
        [x - 7, levels[i]!],
      ]);
      const style = series === null ? 'strong' : 'body';
      const text = shortened(name, style, width - x - 10);
      return [
        element('path', { class: 'leader', d: leader }),
        swatch(series, x, levels[i]!),
        draw({ ...text, x: x + 9, y: levels[i]! + 4, style }),
      ].join('');
    })
    .join('');
}

function widest(looks: readonly CurveLook[], width: number): number {
  const widths = looks.map(({ name, series }) =>
    widthOf(name, series === null ? 'strong' : 'body'),
  );
  return Math.min(width * 0.25, Math.max(0, ...widths));
}

function swatch(series: number | null, x: number, y: number): string {
  return series === null
    ? element(
        'g',
        { class: 'series all' },
        element('path', { class: 'curve', d: `M${px(x - 5)} ${px(y)}h10` }),
      )
    : element('g', { class: `series s${series + 1}` }, curveSign(series, x, y));
}

function signKey({ name, series }: CurveLook): KeyEntry {
  return { text: name, width: 12, sign: (x, y) => swatch(series, x + 6, y) };
}

function clockKeys(looks: readonly CurveLook[]): KeyEntry[] {
  const line = (kind: string, look: string) => (x: number, y: number) =>
    element(
      'g',
      { class: `series ${look}` },
      element('path', { class: `curve${kind}`, d: `M${px(x)} ${px(y)}h26` }),
    );
  const grey = looks.filter((look) => look.grey).length;
  const service = looks.some((look) => !look.grey && look.curve.service.length > 0);
  return [
    { text: 'latency, from the scheduled instant', width: 26, sign: line('', 'all') },
    ...(service
      ? [{ text: 'service, from the first byte written', width: 26, sign: line(' service', 'all') }]
      : []),
    ...(grey > 0
      ? [{ text: `${grey} other regions, latency`, width: 26, sign: line('', 'grey') }]
      : []),
  ];
}

function percentileAxis(plot: Plot, width: number): string {
  const bottom = plot.y + plot.height;
  const shown = MARKED.filter(
    (p) => plot.xOf(p) <= plot.x + plot.width && nines(p) <= nines(0.99999),
  );
  const inside = shown.filter(
    (p) => nines(p) >= plot.least - 1e-9 && plot.xOf(p) < plot.x + plot.width - 0.5,
  );
  const labels = placed(
    inside.map((p): TextLabel[][] => [
      [
        {
          text: percentileText(p),
          x: plot.xOf(p),
          y: bottom + 16,
          style: 'axis',
          anchor: 'middle',
        },
      ],
    ]),
    { x: 0, y: 0, width, height: bottom + 28 },
    [],
    8,
  );
  const lines = inside.map((p) => `M${px(plot.xOf(p))} ${px(plot.y)}V${px(bottom)}`).join('');
  return (
    element('path', { class: 'grid', d: lines }) +
    labels
      .flatMap((block) => block ?? [])
      .map(draw)
      .join('')
  );
}

/** `p99.9`; the fastest of all is `min`. */
function percentileText(p: number): string {
  return p === 0 ? 'min' : `p${Number((p * 100).toFixed(6))}`;
}

/** Where the line runs, as boxes that a text would do well to keep out of. */
function boxesAlong(points: readonly CurvePoint[], plot: Plot): Box[] {
  return points.slice(1).map(({ p, ms }, i) => {
    const before = points[i]!;
    const [x, y] = [plot.xOf(before.p), Math.min(plot.yOf(ms), plot.yOf(before.ms))];
    const height = Math.abs(plot.yOf(ms) - plot.yOf(before.ms));
    return { x, y: y - 1, width: plot.xOf(p) - x, height: height + 2 };
  });
}

function described(
  looks: readonly CurveLook[],
  objectives: readonly CurveObjective[],
  figures: ChartFigures,
): string {
  const each = [...looks].reverse().flatMap(({ curve, name, grey }) => {
    if (grey) return [];
    const { p, ms } = curve.latency.at(-1)!;
    const median = figures.time(msAt(curve.latency, 0.5));
    return [`${name}: p50 ${median}, ${percentileText(Number(p.toFixed(6)))} ${figures.time(ms)}`];
  });
  const promises = objectives.map(
    ({ text, ok }) => `${text} ${ok === null ? 'is not judged' : ok ? 'holds' : 'is missed'}`,
  );
  return `${[...each, ...promises].join('; ')}.`;
}

import { type ChartFigures, type ChartOptions, NARROW, NOTHING } from './chart.js';
import { chartKey, type KeyEntry } from './chart-key.js';
import { LAND_BOX, LAND_PATH } from './land-path.js';
import {
  laidOut,
  type MapDot,
  type MapLayout,
  type MapPoint,
  type MapRegion,
  RADIUS,
} from './map-layout.js';
import { type Spot, spotOf, wayPath } from './map-places.js';
import { chart, element, escaped } from './markup.js';
import { STEPS } from './palette.js';
import { draw, shortened, type TextLabel } from './text-label.js';

export type { MapPoint, MapRegion } from './map-layout.js';

interface WorldMapData {
  /** What the number at each region is: `p99 latency`. */
  readonly statistic: string;
  readonly regions: readonly MapRegion[];
  readonly target: { readonly name: string; readonly at: MapPoint } | null;
}

interface WorldMapOptions extends ChartOptions {
  /** The id of a land path on the same page (`<id of that map>-land`), so that it is there once. */
  readonly landId?: string;
}

/** More of them would hide the land. */
const MOST_WAYS = 12;

/**
 * The world with a dot at each region: its colour and the number beside it are the value, a ring is
 * the target. Where there is no room for a name, the dot has a number that is explained below.
 */
export function worldMap(data: WorldMapData, options: WorldMapOptions): string {
  const { width, id, figures } = options;
  const height = (LAND_BOX.height / LAND_BOX.width) * width;
  const step = stepsOf(data.regions);
  const value = ({ ms }: MapRegion) => (ms === null ? NOTHING : figures.time(ms));
  const slowestFirst = [...data.regions].sort((a, b) => (b.ms ?? -1) - (a.ms ?? -1));
  const dots = slowestFirst.flatMap((region): MapDot[] => {
    if (region.at === null) return [];
    const { text: name, ...rest } = shortened(region.name, 'strong', width * 0.4);
    return [
      { region, home: spotOf(region.at, width), text: { name, ...rest, value: value(region) } },
    ];
  });
  const target = data.target === null ? null : spotOf(data.target.at, width);
  const layout = laidOut(dots, target, width, height);
  const marks: KeyEntry[] = dots.flatMap(({ region }, i) => {
    const mark = layout.marks.get(i);
    if (mark === undefined) return [];
    const radius = layout.radii[i]!;
    return [
      {
        text: `${region.name}  ${value(region)}`,
        width: 2 * radius,
        sign: (x, y) => circle([x + radius, y], radius, step(region.ms)),
        mark: (x, y) => markLabel([x + radius, y], mark, step(region.ms)),
      },
    ];
  });
  const elsewhere = slowestFirst.filter(({ at }) => at === null);
  const keys = [
    legend(data, options),
    marks,
    elsewhere.map(
      (region): KeyEntry => ({
        text: `${region.name}  ${value(region)}  (not on the map)`,
        width: 2 * RADIUS,
        sign: (x, y) => circle([x + RADIUS, y], RADIUS, step(region.ms)),
      }),
    ),
  ];
  let below = height + 8;
  const drawnKeys = keys.map((entries) => {
    const { markup, height: tall } = chartKey(entries, { x: 2, y: below, width: width - 4 });
    below += tall > 0 ? tall + 4 : 0;
    return markup;
  });
  return chart(
    { id, width, height: Math.ceil(below), name: 'world-map' },
    {
      title: options.title ?? `Map: ${data.statistic} by region`,
      description: described(data, figures),
    },
    land(options, width / LAND_BOX.width),
    ways(data, width),
    ...dots.map((dot, i) => drawn(dot, layout, i, step(dot.region.ms))),
    layout.ring === null
      ? ''
      : element('circle', {
          class: 'ring',
          cx: layout.ring[0],
          cy: layout.ring[1],
          r: layout.ringRadius,
        }),
    ...layout.labels.flatMap((label) => (label === null ? [] : label.block.map(draw))),
    ...drawnKeys,
  );
}

/** Which colour a value has: by its ratio to the others, 1 to STEPS; null has none. */
function stepsOf(regions: readonly MapRegion[]): (ms: number | null) => number | null {
  const logs = regions.flatMap(({ ms }) => (ms === null ? [] : [Math.log(Math.max(ms, 1e-3))]));
  const [min, max] = [Math.min(...logs), Math.max(...logs)];
  return (ms) => {
    if (ms === null) return null;
    if (max - min < 1e-9) return Math.ceil(STEPS / 2);
    const share = (Math.log(Math.max(ms, 1e-3)) - min) / (max - min);
    return Math.min(STEPS, 1 + Math.floor(share * STEPS));
  };
}

function drawn(
  { region, home, text }: MapDot,
  layout: MapLayout,
  i: number,
  step: number | null,
): string {
  const spot = layout.spots[i]!;
  const radius = layout.radii[i]!;
  const leader = layout.labels[i]?.leader ?? null;
  const moved = Math.hypot(spot[0] - home[0], spot[1] - home[1]) > radius;
  const mark = layout.marks.get(i);
  return element(
    'g',
    { class: 'region', 'data-region': region.name },
    element('title', {}, escaped(`${region.name}: ${text.value}`)),
    moved ? line(home, spot) : '',
    moved ? element('circle', { class: 'grid', cx: home[0], cy: home[1], r: 1 }) : '',
    leader === null ? '' : line(...leader),
    circle(spot, radius, step),
    mark === undefined ? '' : draw(markLabel(spot, mark, step)),
  );
}

function circle([cx, cy]: Spot, r: number, step: number | null): string {
  return element('circle', {
    class: `spot ${step === null ? 'no-value' : `step-${step}`}`,
    cx,
    cy,
    r,
  });
}

function line([x, y]: Spot, [toX, toY]: Spot): string {
  return element('line', { class: 'leader', x1: x, y1: y, x2: toX, y2: toY });
}

function markLabel([x, y]: Spot, mark: number, step: number | null): TextLabel {
  const look = step === null ? {} : { look: `on-${step}` };
  return { text: String(mark), x, y: y + 3.6, style: 'mark', anchor: 'middle', ...look };
}

/** The path itself has neither size nor colour: a map of another width can borrow it. */
function land({ id, landId }: WorldMapOptions, zoom: number): string {
  return element(
    'g',
    { class: 'land', transform: `scale(${zoom.toFixed(4)})` },
    landId === undefined
      ? element('path', { id: `${id}-land`, d: LAND_PATH })
      : element('use', { href: `#${landId}` }),
  );
}

function ways({ regions, target }: WorldMapData, width: number): string {
  if (target === null || regions.length > MOST_WAYS) return '';
  const d = regions.map(({ at }) => (at === null ? '' : wayPath(at, target.at, width))).join('');
  return d === '' ? '' : element('path', { class: 'way', d });
}

/** What colour and ring mean. */
function legend(
  { statistic, regions, target }: WorldMapData,
  { figures, width }: ChartOptions,
): KeyEntry[] {
  const step = stepsOf(regions);
  const values = regions.flatMap(({ ms }) => (ms === null ? [] : [ms]));
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const many = step(min) !== step(max);
  const first = many ? 1 : (step(min) ?? 1);
  const steps = Array.from({ length: many ? STEPS : 1 }, (_, i) => first + i);
  const cell = width < NARROW ? 9 : 16;
  const colours: KeyEntry = {
    text: `${statistic}: ${figures.time(min)}${many ? ` to ${figures.time(max)} (log)` : ''}`,
    width: steps.length * cell,
    sign: (x, y) =>
      steps
        .map((n, i) =>
          element('rect', {
            class: `step-${n}`,
            x: x + i * cell,
            y: y - 5,
            width: cell,
            height: 10,
          }),
        )
        .join(''),
  };
  const ring: KeyEntry = {
    text: `target: ${target?.name}`,
    width: 14,
    sign: (x, y) => element('circle', { class: 'ring', cx: x + 7, cy: y, r: 5.5 }),
  };
  const none: KeyEntry = {
    text: 'no value',
    width: 14,
    sign: (x, y) => circle([x + 7, y], 5.5, null),
  };
  return [
    ...(values.length > 0 ? [colours] : []),
    ...(target === null ? [] : [ring]),
    ...(values.length < regions.length ? [none] : []),
  ];
}

function described({ statistic, regions, target }: WorldMapData, figures: ChartFigures): string {
  const known = regions.flatMap(({ name, ms }) => (ms === null ? [] : [{ name, ms }]));
  const toTarget = target === null ? '' : ` The target is in ${target.name}.`;
  if (known.length === 0) return `${statistic} of no region is known.${toTarget}`;
  const slowest = known.reduce((a, b) => (b.ms > a.ms ? b : a));
  const fastest = known.reduce((a, b) => (b.ms < a.ms ? b : a));
  if (known.length === 1)
    return `${statistic} in ${slowest.name}: ${figures.time(slowest.ms)}.${toTarget}`;
  return `${statistic} of ${known.length} regions: from ${figures.time(fastest.ms)} in ${fastest.name} to ${figures.time(slowest.ms)} in ${slowest.name}.${toTarget}`;
}

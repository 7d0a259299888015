import { linearTicks } from './axis-ticks.js';
import { type ChartFigures, type ChartOptions, NARROW } from './chart.js';
import { chartKey } from './chart-key.js';
import { type Hatch, hatched, hatchKey, hatchPatterns } from './hatch.js';
import { thinned } from './label-layout.js';
import { chart, element, escaped, px } from './markup.js';
import { linearScale } from './scales.js';
import { draw, shortened, type TextLabel, widthOf } from './text-label.js';
import { tickTime } from './tick-text.js';

export interface BarPart {
  /** Its class is `part-<kind>`. */
  readonly kind: string;
  readonly title: string;
  readonly hatch: Hatch;
}

export interface BarRow {
  readonly name: string;
  /** Milliseconds of each part, in the order of the parts; 0 where it has none. */
  readonly ms: readonly number[];
  /** Said behind the bar. */
  readonly value: string;
  readonly note: string | null;
}

interface Place {
  readonly left: number;
  readonly right: number;
  /** Of a row, from its top: where name and bar stand, and how tall it all is. */
  readonly rowHeight: number;
  readonly barTop: number;
}

const BAR = 14;
const TICKS = 24;

/** Bars made of parts, one below the other, on one scale from 0. */
export function barRows(
  { rows, parts }: { readonly rows: readonly BarRow[]; readonly parts: readonly BarPart[] },
  texts: { readonly name: string; readonly title: string; readonly description: string },
  { id, width, figures }: ChartOptions,
): string {
  const narrow = width < NARROW;
  const place = narrow ? placeNarrow(rows, width) : placeWide(rows, width);
  const longest = Math.max(0, ...rows.map(({ ms }) => sum(ms)));
  const ticks = linearTicks(longest, narrow ? 4 : 7);
  const end = ticks.at(-1)!;
  const scale = linearScale([0, end], [place.left, place.right]);
  const bottom = rows.length * place.rowHeight + 4;
  const used = parts.filter((_, i) => rows.some(({ ms }) => ms[i]! > 0));
  const key = chartKey(
    used.map((part) => hatchKey(id, part)),
    { x: 2, y: bottom + TICKS, width: width - 4 },
  );
  return chart(
    { id, width, height: Math.ceil(bottom + TICKS + key.height), name: texts.name },
    texts,
    hatchPatterns(
      id,
      used.map(({ hatch }) => hatch),
    ),
    grid(ticks, scale, bottom, { width, figures }),
    ...rows.map((row, i) => {
      const top = i * place.rowHeight;
      return element(
        'g',
        { class: 'region', 'data-region': row.name },
        element('title', {}, escaped(`${row.name}: ${row.value}`)),
        ...segments(row, parts, scale, top + place.barTop, id),
        ...labels(row, top, place, scale, width).map(draw),
      );
    }),
    key.markup,
  );
}

/** The name at the left of the bar, the value behind it. */
function placeWide(rows: readonly BarRow[], width: number): Place {
  const names = Math.min(
    width * 0.25,
    Math.max(0, ...rows.map(({ name }) => widthOf(name, 'body'))),
  );
  const behind = Math.max(0, ...rows.map((row) => widthOf(behindOf(row), 'body')));
  return {
    left: names + 12,
    right: width - Math.min(width * 0.4, behind) - 14,
    rowHeight: BAR + 10,
    barTop: 5,
  };
}

/** Name and value above the bar. */
function placeNarrow(rows: readonly BarRow[], width: number): Place {
  const notes = rows.some(({ note }) => note !== null);
  return { left: 1, right: width - 16, rowHeight: BAR + (notes ? 40 : 26), barTop: 19 };
}

function labels(
  row: BarRow,
  top: number,
  place: Place,
  scale: (ms: number) => number,
  width: number,
): TextLabel[] {
  if (width >= NARROW) {
    const end = sum(row.ms) > 0 ? scale(sum(row.ms)) : place.left;
    return [
      {
        ...shortened(row.name, 'body', place.left - 12),
        x: place.left - 8,
        y: top + 16,
        style: 'body',
        anchor: 'end',
      },
      {
        ...shortened(behindOf(row), 'body', width - end - 8),
        x: end + 7,
        y: top + 16,
        style: 'body',
        look: 'halo',
      },
    ];
  }
  const value = shortened(row.value, 'body', width * 0.6);
  const room = width - widthOf(value.text, 'body') - 12;
  return [
    { ...shortened(row.name, 'strong', room), x: 1, y: top + 14, style: 'strong' },
    { ...value, x: width - 1, y: top + 14, style: 'body', anchor: 'end' },
    ...(row.note === null
      ? []
      : [
          {
            ...shortened(row.note, 'axis', width - 2),
            x: 1,
            y: top + 19 + BAR + 12,
            style: 'axis',
          } as const,
        ]),
  ];
}

function behindOf({ value, note }: BarRow): string {
  return note === null ? value : `${value} · ${note}`;
}

function segments(
  { ms }: BarRow,
  parts: readonly BarPart[],
  scale: (ms: number) => number,
  y: number,
  id: string,
): string[] {
  let from = 0;
  return parts.map((part, i) => {
    const value = ms[i]!;
    if (!(value > 0)) return '';
    const x = scale(from);
    from += value;
    // A gap tells parts apart where colours do not; a sliver keeps its width.
    const full = scale(from) - x;
    const width = Math.max(0.6, full > 3 ? full - 1.2 : full);
    return hatched(id, part, 'rect', { x, y, width, height: BAR });
  });
}

function grid(
  ticks: readonly number[],
  scale: (ms: number) => number,
  bottom: number,
  { width, figures }: { readonly width: number; readonly figures: ChartFigures },
): string {
  const lines = ticks.map((tick) => `M${px(scale(tick))} 0V${px(bottom)}`).join('');
  const texts = ticks.map((tick): TextLabel => {
    const text = tickTime(tick, figures);
    // The first and the last must not stick out.
    const half = widthOf(text, 'axis') / 2;
    const x = Math.min(width - half - 1, Math.max(half + 1, scale(tick)));
    return { text, x, y: bottom + 14, style: 'axis', anchor: 'middle' };
  });
  const bounds = { x: 0, y: 0, width, height: bottom + TICKS };
  return element('path', { class: 'grid', d: lines }) + thinned(texts, bounds).map(draw).join('');
}

export function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

import type { KeyEntry } from './chart-key.js';
import { placed } from './label-layout.js';
import { element, escaped, px } from './markup.js';
import { type Box, boxOf, draw, overlap, shortened, type TextLabel } from './text-label.js';

/** An objective on a percentile. */
export interface CurveObjective {
  /** A fraction: 0.99 is p99. */
  readonly p: number;
  readonly limitMs: number;
  /** As the plan wrote it: `p99 < 400ms in every region`. */
  readonly text: string;
  readonly ok: boolean | null;
}

interface DrawnPromises {
  readonly markup: string;
  readonly keys: readonly KeyEntry[];
}

/** Those that promise the same limit of the same percentile share a place. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly objectives: readonly CurveObjective[];
}

const SIZE = 6;
/** Of a text, pixels. */
const LONGEST = 320;

/**
 * A diamond where percentile and limit meet, with what the plan says beside it. What finds no room
 * there, or would hide another, has a number and stands below the chart.
 */
export function curvePromises(
  objectives: readonly CurveObjective[],
  spotOf: (objective: CurveObjective) => readonly [x: number, y: number],
  bounds: Box,
  /** Where the curves run. Text on them could not be read; null: all of it stands below. */
  busy: readonly Box[] | null,
): DrawnPromises {
  const places = gathered(objectives, spotOf);
  const diamonds = places.map(({ x, y }) => ({
    x: x - SIZE,
    y: y - SIZE,
    width: 2 * SIZE,
    height: 2 * SIZE,
  }));
  const texts =
    busy === null ? places.map(() => null) : written(places, bounds, [...diamonds, ...busy]);
  const numbered = places.flatMap((_, i) => (texts[i] === null ? [i] : []));
  const numbers = placed(
    numbered.map((i, n) => beside(places[i]!, String(n + 1))),
    bounds,
    [...diamonds, ...texts.flatMap((block) => block ?? []).map(boxOf)],
    2,
  );
  const markup = places.map((place, i) => {
    const label = texts[i] ?? numbers[numbered.indexOf(i)] ?? [];
    const all = place.objectives.map(textOf).join('; ');
    return element(
      'g',
      { class: 'objective' },
      element('title', {}, escaped(all)),
      element('path', { class: 'base', d: `M${px(place.x - 16)} ${px(place.y)}h32` }),
      ...label.map((text) => leader(place, boxOf(text))),
      diamond(place.x, place.y, statusOf(place.objectives)),
      ...label.map(draw),
    );
  });
  const keys = numbered.flatMap((i, n) =>
    places[i]!.objectives.map(
      (objective): KeyEntry => ({
        text: `${numbers[n] === null ? '' : `${n + 1}: `}${textOf(objective)}`,
        width: 2 * SIZE,
        sign: (x, y) => diamond(x + SIZE, y, statusOf([objective])),
      }),
    ),
  );
  return { markup: markup.join(''), keys };
}

function gathered(
  objectives: readonly CurveObjective[],
  spotOf: (objective: CurveObjective) => readonly [number, number],
): Place[] {
  const places = new Map<string, { x: number; y: number; objectives: CurveObjective[] }>();
  for (const objective of objectives) {
    const [x, y] = spotOf(objective);
    const key = `${px(x)} ${px(y)}`;
    const place = places.get(key) ?? { x, y, objectives: [] };
    place.objectives.push(objective);
    places.set(key, place);
  }
  return [...places.values()];
}

/** For each a text that hides nothing, and that no leader of another crosses; null: no room. */
function written(
  places: readonly Place[],
  bounds: Box,
  busy: readonly Box[],
): (TextLabel[] | null)[] {
  const texts: Box[] = [];
  const leaders: Box[] = [];
  return places.map((place) => {
    if (place.objectives.length > 1) return null;
    const clear = candidates(place).filter(
      ([text]) => !texts.some((box) => overlap(leaderBox(place, boxOf(text!)), box, 2)),
    );
    const [block] = placed([clear], bounds, [...busy, ...texts, ...leaders], 3);
    if (!block) return null;
    texts.push(...block.map(boxOf));
    leaders.push(...block.map((text) => leaderBox(place, boxOf(text))));
    return [...block];
  });
}

/** Beside it, else as near above or below as the curves leave room. */
function candidates(place: Place): TextLabel[][] {
  const text = textOf(place.objectives[0]!);
  const levels = Array.from({ length: 9 }, (_, i) => 16 + i * 12);
  return [
    ...beside(place, text),
    ...levels.flatMap((level) => [
      [labelAt(place, text, -4, -level, 'start')],
      [labelAt(place, text, -4, level + 9, 'start')],
      [labelAt(place, text, 4, -level, 'end')],
      [labelAt(place, text, 4, level + 9, 'end')],
    ]),
  ];
}

function beside(place: Place, text: string): TextLabel[][] {
  return [
    [labelAt(place, text, SIZE + 5, 4, 'start')],
    [labelAt(place, text, -SIZE - 5, 4, 'end')],
  ];
}

function labelAt(
  { x, y, objectives }: Place,
  text: string,
  right: number,
  down: number,
  anchor: 'start' | 'end',
): TextLabel {
  const look = statusOf(objectives) === 'missed' ? 'halo missed' : 'halo';
  const fits = shortened(text, 'strong', LONGEST);
  return { ...fits, x: x + right, y: y + down, style: 'strong', anchor, look };
}

/** Upright, from the diamond to a text that stands off. */
function leaderBox({ x, y }: Place, text: Box): Box {
  const below = text.y > y;
  const above = text.y + text.height < y;
  const to = below ? text.y - 2 : above ? text.y + text.height + 2 : y;
  return { x, y: Math.min(y, to), width: 0, height: Math.abs(to - y) };
}

function leader(place: Place, text: Box): string {
  const { x, y, height } = leaderBox(place, text);
  return height > 0
    ? element('path', { class: 'leader', d: `M${px(x)} ${px(y)}v${px(height)}` })
    : '';
}

type Status = 'kept' | 'missed' | 'open';

function statusOf(objectives: readonly CurveObjective[]): Status {
  if (objectives.some(({ ok }) => ok === false)) return 'missed';
  return objectives.some(({ ok }) => ok === null) ? 'open' : 'kept';
}

function textOf({ text, ok }: CurveObjective): string {
  return `${ok === null ? '?' : ok ? '✓' : '✕'} ${text}`;
}

function diamond(x: number, y: number, status: Status): string {
  const d = `M${px(x)} ${px(y - SIZE)}l${SIZE} ${SIZE}-${SIZE} ${SIZE}-${SIZE}-${SIZE}z`;
  return element('path', { class: `promise ${status}`, d });
}

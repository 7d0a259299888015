import { boxAround, type MapText, mapLabels, type PlacedLabel } from './map-labels.js';
import { apart, type Spot } from './map-places.js';

/** Degrees; south and west are negative. */
export type MapPoint = readonly [latitude: number, longitude: number];

export interface MapRegion {
  readonly name: string;
  /** null: nowhere on the map, such as `local`; listed below it. */
  readonly at: MapPoint | null;
  /** null: withheld or nothing measured. */
  readonly ms: number | null;
}

export interface MapDot {
  readonly region: MapRegion;
  readonly home: Spot;
  readonly text: MapText;
}

export const RADIUS = 6.5;
/** Of a dot with one digit in it, and with more. */
const MARKED = [7.5, 9] as const;
/** How far the target's ring lies from the dot that it goes round. */
const RING = 4.5;

export interface MapLayout {
  readonly spots: readonly Spot[];
  readonly radii: readonly number[];
  readonly labels: readonly (PlacedLabel | null)[];
  /** The number in a dot without a label, by the dot's index. */
  readonly marks: ReadonlyMap<number, number>;
  readonly ring: Spot | null;
  readonly ringRadius: number;
}

/** A dot that must have a number in it grows, which can take another its room: until none does. */
export function laidOut(
  dots: readonly MapDot[],
  target: Spot | null,
  width: number,
  height: number,
): MapLayout {
  const unlabelled = new Set<number>();
  for (;;) {
    const marks = new Map([...unlabelled].sort((a, b) => a - b).map((i, n) => [i, n + 1]));
    const radii = dots.map((_, i) => radiusOf(marks.get(i)));
    // A target in a region's own city is a ring round its dot, and moves with it.
    const host = dots.findIndex(({ home }) => target !== null && near(home, target));
    const free = target !== null && host < 0;
    const all = apart(
      [...dots.map(({ home }) => home), ...(free ? [target] : [])],
      [
        ...radii.map((radius, i) => (i === host ? radius + RING : radius)),
        ...(free ? [RADIUS] : []),
      ],
      [width, height],
    );
    const spots = all.slice(0, dots.length);
    const ring = target === null ? null : (all[host < 0 ? dots.length : host] ?? null);
    const ringRadius = host < 0 ? RADIUS : radii[host]! + RING;
    const obstacles = spots.map((spot, i) => boxAround(spot, radii[i]!));
    if (ring !== null) obstacles.push(boxAround(ring, ringRadius));
    const asked = dots.flatMap((dot, i) =>
      unlabelled.has(i)
        ? []
        : [{ i, spot: spots[i]!, radius: i === host ? ringRadius : radii[i]!, text: dot.text }],
    );
    const found = mapLabels(asked, { x: 0, y: 0, width, height: height + 6 }, obstacles);
    const missing = asked.filter((_, n) => found[n] === null);
    if (missing.length === 0) {
      const labels = new Array<PlacedLabel | null>(dots.length).fill(null);
      for (const [n, { i }] of asked.entries()) labels[i] = found[n]!;
      return { spots, radii, labels, marks, ring, ringRadius };
    }
    for (const { i } of missing) unlabelled.add(i);
  }
}

function radiusOf(mark: number | undefined): number {
  return mark === undefined ? RADIUS : mark < 10 ? MARKED[0] : MARKED[1];
}

function near(a: Spot, b: Spot): boolean {
  return Math.hypot(a[0] - b[0], a[1] - b[1]) < 1;
}

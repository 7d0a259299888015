import { type Block, placed } from './label-layout.js';
import type { Spot } from './map-places.js';
import { type Box, lineHeight, type TextLabel } from './text-label.js';

/** Name and value, as short as the map needs them. */
export interface MapText {
  readonly name: string;
  readonly whole?: string;
  readonly value: string;
}

export interface PlacedLabel {
  readonly block: Block;
  /** From the dot to its label, where that stands off. */
  readonly leader: readonly [from: Spot, to: Spot] | null;
}

const DIRECTIONS: readonly Spot[] = [
  ...([
    [1, 0],
    [-1, 0],
    [0, -1],
    [0, 1],
  ] as const),
  ...([
    [0.8, -0.8],
    [0.8, 0.8],
    [-0.8, -0.8],
    [-0.8, 0.8],
  ] as const),
];
const NEAR = 6;
const FAR = 18;

/** Labels beside their dots; null for those for which there is no room. The first chooses first. */
export function mapLabels(
  dots: readonly { readonly spot: Spot; readonly radius: number; readonly text: MapText }[],
  bounds: Box,
  obstacles: readonly Box[],
): (PlacedLabel | null)[] {
  const things = dots.map(({ spot, radius, text }) => [
    ...DIRECTIONS.map((direction) => blockAt(spot, radius + NEAR, direction, text)),
    ...DIRECTIONS.map((direction) => blockAt(spot, radius + FAR, direction, text)),
  ]);
  return placed(things, bounds, obstacles).map((block, i) => {
    if (block === null) return null;
    const at = things[i]!.indexOf(block as TextLabel[]);
    const { spot, radius } = dots[i]!;
    const direction = DIRECTIONS[at % DIRECTIONS.length]!;
    const length = Math.hypot(...direction);
    const along = (distance: number): Spot => [
      spot[0] + (direction[0] / length) * distance,
      spot[1] + (direction[1] / length) * distance,
    ];
    const off = at >= DIRECTIONS.length;
    return { block, leader: off ? [along(radius), along(radius + FAR - NEAR)] : null };
  });
}

function blockAt(
  [x, y]: Spot,
  distance: number,
  [right, down]: Spot,
  { name, whole, value }: MapText,
): TextLabel[] {
  const line = lineHeight('strong') - 2;
  const anchor = right > 0 ? 'start' : right < 0 ? 'end' : 'middle';
  const at = x + right * distance;
  // The baseline of the name: beside the dot, wholly above it, or wholly below it.
  const first = y + down * distance + (down < 0 ? -line - 3 : down > 0 ? 10 : -2);
  return [
    {
      text: name,
      x: at,
      y: first,
      style: 'strong',
      anchor,
      look: 'halo',
      ...(whole === undefined ? {} : { whole }),
    },
    { text: value, x: at, y: first + line, style: 'body', anchor, look: 'halo' },
  ];
}

export function boxAround([x, y]: Spot, radius: number): Box {
  return { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
}

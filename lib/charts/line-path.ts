import { px } from './markup.js';

type Point = readonly [x: number, y: number];

/**
 * A line through points; null is a gap, and a point between two gaps is drawn as a dot (a line cap
 * must be round for it to be seen). Written relative, to a tenth of a pixel, without rounding
 * errors adding up. Empty without a point.
 */
export function linePath(points: readonly (Point | null)[]): string {
  let path = '';
  let last: Point | null = null;
  let alone = false;
  for (const point of points) {
    if (point === null) {
      if (alone) path += 'h0';
      [last, alone] = [null, false];
      continue;
    }
    const [x, y] = [tenths(point[0]), tenths(point[1])];
    if (last === null) {
      path += `M${px(x / 10)}${joined(px(y / 10))}`;
      alone = true;
    } else {
      const step = `${px((x - last[0]) / 10)}${joined(px((y - last[1]) / 10))}`;
      path += alone ? `l${step}` : joined(step);
      alone = false;
    }
    last = [x, y];
  }
  return alone ? `${path}h0` : path;
}

/** Without the space that a minus makes needless. */
function joined(number: string): string {
  return number.startsWith('-') ? number : ` ${number}`;
}

function tenths(value: number): number {
  return Math.round(value * 10);
}

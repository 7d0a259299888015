import { equalEarth } from './equal-earth.js';
import { LAND_BOX } from './land-path.js';
import { linePath } from './line-path.js';

export type Spot = readonly [x: number, y: number];
type Degrees = readonly [latitude: number, longitude: number];

const WAY_POINTS = 32;
const ROUNDS = 240;

/** Pixels on a map of this width. The poles and the midst of the Pacific lie beyond its edges. */
export function spotOf([latitude, longitude]: Degrees, width: number): Spot {
  const [x, y] = equalEarth(Math.min(90, Math.max(-90, latitude)), longitude);
  const zoom = width / LAND_BOX.width;
  return [(LAND_BOX.x + x * LAND_BOX.scale) * zoom, (LAND_BOX.y + y * LAND_BOX.scale) * zoom];
}

/** The shortest way over the earth, in two pieces where it leaves the map and comes back. */
export function wayPath(from: Degrees, to: Degrees, width: number): string {
  const [a, b] = [vector(from), vector(to)];
  const angle = Math.acos(Math.min(1, Math.max(-1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2])));
  // The same place, or opposite ones, between which no way is the shortest.
  if (Math.sin(angle) < 1e-6) return '';
  const points: (Spot | null)[] = [];
  for (let i = 0; i <= WAY_POINTS; i++) {
    const near = Math.sin((1 - i / WAY_POINTS) * angle) / Math.sin(angle);
    const far = Math.sin((i / WAY_POINTS) * angle) / Math.sin(angle);
    const [x, y, z] = [0, 1, 2].map((k) => near * a[k]! + far * b[k]!) as [number, number, number];
    const spot = spotOf(
      [degrees(Math.asin(Math.min(1, Math.max(-1, z)))), degrees(Math.atan2(y, x))],
      width,
    );
    const last = points.at(-1);
    if (last && Math.abs(last[0] - spot[0]) > width / 3) points.push(null);
    points.push(spot);
  }
  return linePath(points);
}

/** Dots moved apart until none lies on another, each still near where it belongs. */
export function apart(
  homes: readonly Spot[],
  radii: readonly number[],
  [width, height]: readonly [number, number],
): Spot[] {
  const spots = homes.map(([x, y]) => [x, y] as [number, number]);
  for (let round = 0; round < ROUNDS; round++) {
    // Home is called ever more softly, so that in the end room wins.
    const pull = 0.08 * (1 - round / ROUNDS) ** 2;
    for (const [i, spot] of spots.entries()) {
      spot[0] += (homes[i]![0] - spot[0]) * pull;
      spot[1] += (homes[i]![1] - spot[1]) * pull;
    }
    for (let i = 0; i < spots.length; i++) {
      for (let j = 0; j < i; j++) push(spots[i]!, spots[j]!, radii[i]! + radii[j]! + 1.5, i);
    }
    for (const [i, spot] of spots.entries()) {
      const edge = radii[i]! + 1;
      spot[0] = Math.min(width - edge, Math.max(edge, spot[0]));
      spot[1] = Math.min(height - edge, Math.max(edge, spot[1]));
    }
  }
  return spots;
}

function push(a: [number, number], b: [number, number], distance: number, seed: number): void {
  let [x, y] = [a[0] - b[0], a[1] - b[1]];
  let length = Math.hypot(x, y);
  if (length >= distance) return;
  if (length < 1e-6) {
    // In the same place: each leaves by an angle of its own.
    [x, y, length] = [Math.cos(seed * 2.4), Math.sin(seed * 2.4), 1];
    const half = distance / 2;
    [a[0], a[1], b[0], b[1]] = [a[0] + x * half, a[1] + y * half, b[0] - x * half, b[1] - y * half];
    return;
  }
  const half = (distance - length) / 2 / length;
  [a[0], a[1], b[0], b[1]] = [a[0] + x * half, a[1] + y * half, b[0] - x * half, b[1] - y * half];
}

function vector([latitude, longitude]: Degrees): readonly [number, number, number] {
  const [phi, lambda] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}

import { readFileSync } from 'node:fs';
import { geoEqualEarth } from 'd3-geo';
import { expect, test } from 'vitest';
import { CENTRAL_MERIDIAN, equalEarth } from '../../lib/charts/equal-earth.js';
import { LAND_BOX, LAND_PATH } from '../../lib/charts/land-path.js';
import { apart, spotOf, wayPath } from '../../lib/charts/map-places.js';
import { draws } from './sample-charts.js';

const root = new URL('../../', import.meta.url);

test('the projection is that of d3, all over the earth', () => {
  const theirs = geoEqualEarth().rotate([-CENTRAL_MERIDIAN, 0]).scale(1).translate([0, 0]);
  const draw = draws(1);
  for (let i = 0; i < 1000; i++) {
    const [latitude, longitude] = [draw() * 180 - 90, draw() * 360 - 180];
    const [x, y] = theirs([longitude, latitude])!;
    const [ourX, ourY] = equalEarth(latitude, longitude);
    expect(ourX).toBeCloseTo(x, 9);
    expect(ourY).toBeCloseTo(y, 9);
  }
});

test('the land is what the script makes of Natural Earth, with the projection of the dots', async () => {
  const script = await import(new URL('scripts/land-map.mjs', root).href);
  expect(script.CENTRAL_MERIDIAN).toBe(CENTRAL_MERIDIAN);
  expect(script.landModule()).toBe(readFileSync(new URL('lib/charts/land-path.ts', root), 'utf8'));
});

test.each([
  ['Madrid', [40.4, -3.7], true],
  ['Nairobi', [-1.3, 36.8], true],
  ['Denver', [39.7, -105], true],
  ['Alice Springs', [-23.7, 133.9], true],
  ['the midst of the Atlantic', [30, -40], false],
  ['the midst of the Indian Ocean', [-30, 80], false],
  ['the South Pole', [-89, 0], false],
] as const)('%s lies on land: %#', (_, place, onLand) => {
  expect(inLand(spotOf(place, LAND_BOX.width))).toBe(onLand);
});

test('a way that leaves the map at one edge comes back at the other', () => {
  const tokyoToOregon = wayPath([35.7, 139.7], [45.8, -119.7], 1000);
  expect(tokyoToOregon.match(/M/g)).toHaveLength(2);
  expect(wayPath([51.5, -0.1], [48.9, 2.3], 1000).match(/M/g)).toHaveLength(1);
});

test('there is no way from a place to itself, and none that is the shortest to its antipode', () => {
  expect(wayPath([10, 20], [10, 20], 1000)).toBe('');
  expect(wayPath([10, 20], [-10, -160], 1000)).toBe('');
});

test('dots in one place part, and those that have room stay', () => {
  const homes = [...Array.from({ length: 9 }, () => [200, 100] as const), [400, 50] as const];
  const spots = apart(
    homes,
    homes.map(() => 7),
    [600, 300],
  );
  expect(spots[9]).toEqual([400, 50]);
  for (const [i, [x, y]] of spots.entries()) {
    for (const [otherX, otherY] of spots.slice(0, i)) {
      expect(Math.hypot(x - otherX, y - otherY)).toBeGreaterThan(14);
    }
  }
});

/** Whether a point lies within the outlines, by counting those to the right of it. */
function inLand([x, y]: readonly [number, number]): boolean {
  let inside = false;
  for (const ring of LAND_PATH.split('z').filter(Boolean)) {
    const numbers = ring.match(/-?\d+/g)!.map(Number);
    const points: [number, number][] = [];
    for (let i = 0; i < numbers.length; i += 2) {
      const [lastX, lastY] = points.at(-1) ?? [0, 0];
      points.push([lastX + numbers[i]!, lastY + numbers[i + 1]!]);
    }
    for (const [i, [ax, ay]] of points.entries()) {
      const [bx, by] = points[(i + 1) % points.length]!;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}

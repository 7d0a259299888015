import { describe, expect, it, test } from 'vitest';
import { Random } from '../../bench/random.js';
import { regionName } from '../../lib/plan/written-values.js';
import { AWS_REGIONS } from '../../lib/regions/aws-regions.js';
import { CITIES, type Coordinates } from '../../lib/regions/cities.js';
import { fibreRoundTripUs } from '../../lib/regions/fibre.js';
import { greatCircleKm } from '../../lib/regions/great-circle.js';
import { coordinatesOf, PLACES } from '../../lib/regions/place.js';

const between = (a: string, b: string) => greatCircleKm(coordinatesOf(a)!, coordinatesOf(b)!);

describe('places', () => {
  it.each(PLACES)('%s has coordinates on earth, and is a name that a plan can hold', (place) => {
    const [latitude, longitude] = coordinatesOf(place)!;
    expect(Math.abs(latitude)).toBeLessThanOrEqual(90);
    expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
    expect(regionName.safeParse(place).success).toBe(true);
  });

  it('are told apart: no two cities are one, no two regions stand in one city', () => {
    const cities = Object.values(CITIES).map(String);
    expect(new Set(cities).size).toBe(cities.length);
    expect(new Set(Object.values(AWS_REGIONS)).size).toBe(Object.keys(AWS_REGIONS).length);
  });

  it.each(['atlantis', '', 'constructor', 'toString'])('%j is none', (name) => {
    expect(coordinatesOf(name)).toBeNull();
  });
});

describe('the great circle', () => {
  // Published city distances, which differ by where in a city one begins.
  test.each([
    ['london', 'new-york', 5_570],
    ['paris', 'tokyo', 9_710],
    ['sydney', 'los-angeles', 12_060],
    ['frankfurt', 'singapore', 10_270],
    ['sao-paulo', 'lisbon', 7_940],
  ])('from %s to %s is about %i km', (from, to, km) => {
    expect(Math.abs(between(from, to) - km)).toBeLessThan(0.01 * km);
  });

  it('crosses the date line and the poles the short way', () => {
    expect(greatCircleKm([0, 179.5], [0, -179.5])).toBeCloseTo(111.19, 1);
    expect(greatCircleKm([89, 0], [89, 180])).toBeCloseTo(222.39, 1);
    expect(greatCircleKm([0, 0], [0, 180])).toBeCloseTo(Math.PI * 6371, 6);
  });

  it('is a distance: symmetric, nothing to oneself, and no way round is shorter', () => {
    const random = new Random(11);
    const point = (): Coordinates => [random.below(181) - 90, random.below(361) - 180];
    for (let i = 0; i < 2_000; i++) {
      const [a, b, c] = [point(), point(), point()];
      expect(greatCircleKm(a, a)).toBe(0);
      expect(greatCircleKm(a, b)).toBe(greatCircleKm(b, a));
      expect(greatCircleKm(a, c)).toBeLessThanOrEqual(
        greatCircleKm(a, b) + greatCircleKm(b, c) + 1e-6,
      );
    }
  });
});

describe('the round trip over fibre', () => {
  it('is whole microseconds, grows with distance, and is longer than light takes', () => {
    let last = 0;
    for (let km = 0; km <= 20_100; km += 50) {
      const us = fibreRoundTripUs(km);
      expect(Number.isInteger(us)).toBe(true);
      expect(us).toBeGreaterThan(last);
      expect(us).toBeGreaterThan((2 * km * 1e6) / 299_792);
      last = us;
    }
  });

  it('is 2 ms to a neighbour, and 15 ms more for every 1,000 km', () => {
    expect(fibreRoundTripUs(0)).toBe(2_000);
    expect(fibreRoundTripUs(1_000)).toBe(17_000);
    expect(fibreRoundTripUs(10_000)).toBe(152_000);
  });
});

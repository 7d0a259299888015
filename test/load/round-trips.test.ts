import { describe, expect, it } from 'vitest';
import { Random } from '../../bench/random.js';
import { RoundTrips } from '../../lib/load/round-trips.js';

const SECOND_US = 1_000_000;

describe('the round trip to an address', () => {
  it('is unknown until a connect was seen there', () => {
    const trips = new RoundTrips();
    trips.saw('10.0.0.1', 900, 0);
    expect(trips.of('10.0.0.1', 0)).toBe(900);
    expect(trips.of('10.0.0.2', 0)).toBe(-1);
  });

  it('is the least of the last minute: a disturbed connect does not raise it', () => {
    const trips = new RoundTrips();
    trips.saw('a', 1_000, 0);
    trips.saw('a', 20_000, 1 * SECOND_US);
    expect(trips.of('a', 1 * SECOND_US)).toBe(1_000);
    trips.saw('a', 800, 2 * SECOND_US);
    expect(trips.of('a', 2 * SECOND_US)).toBe(800);
  });

  it('forgets a shorter one after a minute: the path has become longer', () => {
    const trips = new RoundTrips();
    trips.saw('a', 1_000, 0);
    trips.saw('a', 5_000, 30 * SECOND_US);
    trips.saw('a', 7_000, 60 * SECOND_US);
    expect(trips.of('a', 60 * SECOND_US)).toBe(1_000);
    expect(trips.of('a', 60 * SECOND_US + 1)).toBe(5_000);
    trips.saw('a', 9_000, 95 * SECOND_US);
    expect(trips.of('a', 95 * SECOND_US)).toBe(7_000);
  });

  it('stays the last one known while nobody connects', () => {
    const trips = new RoundTrips();
    trips.saw('a', 1_000, 0);
    trips.saw('a', 3_000, 1 * SECOND_US);
    expect(trips.of('a', 600 * SECOND_US)).toBe(3_000);
  });

  it.each([1, 2, 3])('is the minimum over [t - 60 s, t] at any time (seed %i)', (seed) => {
    const random = new Random(seed);
    const trips = new RoundTrips();
    const seen = new Map<string, { atUs: number; us: number }[]>();
    let atUs = 0;
    for (let step = 0; step < 2_000; step++) {
      atUs += random.below(4 * SECOND_US);
      const address = `host ${random.below(3)}`;
      const us = 1 + random.below(500);
      const all = seen.get(address) ?? [];
      seen.set(address, all);
      all.push({ atUs, us });
      trips.saw(address, us, atUs);
      const recent = all.filter((one) => one.atUs >= atUs - 60 * SECOND_US);
      expect(trips.of(address, atUs)).toBe(Math.min(...recent.map((one) => one.us)));
    }
  });
});

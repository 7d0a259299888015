import { describe, expect, it } from 'vitest';
import { Profile } from '../../lib/plan/profile.js';
import { ExactSchedule } from '../support/exact-schedule.js';
import { chance, rateStages, SECOND_US } from '../support/schedule-plans.js';

function instants(profile: Profile): number[] {
  return Array.from({ length: profile.count }, (_, k) => profile.instantOf(k));
}

describe('even arrivals', () => {
  it('come at the middle of their interval', () => {
    const profile = new Profile(rateStages([4, 4, 1]));
    expect(instants(profile)).toEqual([125_000, 375_000, 625_000, 875_000]);
  });

  it('are floored to whole microseconds', () => {
    const profile = new Profile(rateStages([600, 600, 1]));
    expect(instants(profile).slice(0, 4)).toEqual([833, 2_500, 4_166, 5_833]);
  });

  it('follow a ramp from nothing: Λ = 5t²', () => {
    const profile = new Profile(rateStages([0, 100, 10]));
    expect(profile.count).toBe(500);
    expect(profile.instantOf(0)).toBe(Math.floor(Math.sqrt(0.1) * SECOND_US));
    expect(profile.instantOf(499)).toBe(Math.floor(Math.sqrt(99.9) * SECOND_US));
  });

  it('follow a ramp to nothing, the mirror image of one from nothing', () => {
    const up = new Profile(rateStages([0, 100, 10]));
    const down = new Profile(rateStages([100, 0, 10]));
    expect(down.count).toBe(500);
    for (let k = 0; k < 500; k++) {
      const mirrored = 10 * SECOND_US - up.instantOf(499 - k);
      expect(Math.abs(down.instantOf(k) - mirrored)).toBeLessThanOrEqual(1);
    }
  });

  it('carry what is left of an arrival over a stage at 0/s', () => {
    // 1.25 after the first second: the next arrival, at 1.5, needs a quarter more.
    const profile = new Profile(rateStages([1.25, 1.25, 1], [0, 0, 7], [1, 1, 2]));
    expect(instants(profile)).toEqual([400_000, 8_250_000, 9_250_000]);
  });

  it('come at the last instant at which a flat Λ is k + ½', () => {
    const profile = new Profile(rateStages([1.5, 1.5, 1], [0, 0, 7], [0, 0, 1], [1, 1, 2]));
    expect(instants(profile)).toEqual([333_333, 9_000_000, 10_000_000]);
  });

  it('do not come at the end itself', () => {
    expect(new Profile(rateStages([1.5, 1.5, 1])).count).toBe(1);
    expect(new Profile(rateStages([1.5, 1.5, 1], [0, 0, 5])).count).toBe(1);
    expect(new Profile(rateStages([1.501, 1.501, 1])).count).toBe(2);
  });

  it('are exact for fractions that doubles cannot hold', () => {
    expect(instants(new Profile(rateStages([0.3, 0.3, 10])))).toEqual([
      1_666_666, 5_000_000, 8_333_333,
    ]);
    // 1.5 in all, and in doubles a little more.
    expect(new Profile(rateStages([0.1, 0.2, 10])).count).toBe(1);
    expect(new Profile(rateStages([1.1, 1.1, 20])).instantOf(16)).toBe(15_000_000);
  });

  it('are those of exact arithmetic, to a tenth of a microsecond', () => {
    const next = chance(11);
    const rate = () => (next() < 0.15 ? 0 : Math.round(next() ** 3 * 200_000) / 1_000);
    for (let round = 0; round < 40; round++) {
      const stages = rateStages(
        ...Array.from({ length: 1 + Math.floor(next() * 5) }, () => {
          const from = rate();
          const seconds = Math.round(next() * 9_999 + 1) / 1_000;
          return [from, next() < 0.4 ? from : rate(), seconds] as const;
        }),
      );
      const profile = new Profile(stages);
      const exact = new ExactSchedule(stages, 10);
      expect(profile.count).toBe(exact.count);
      for (let k = 0; k < profile.count; k += 1 + Math.floor(next() * 8)) {
        const tenths = exact.instantOf(k);
        expect(profile.instantOf(k)).toBeGreaterThanOrEqual(Math.floor((tenths - 1) / 10));
        expect(profile.instantOf(k)).toBeLessThanOrEqual(Math.floor((tenths + 1) / 10));
      }
    }
  });

  it('are exact at constant rates after ten hours', () => {
    const stages = rateStages([0, 700, 60], [700, 700, 35_000], [0.7, 0.7, 900], [300, 300, 40]);
    const profile = new Profile(stages);
    const exact = new ExactSchedule(stages);
    for (let k = profile.count - 12_500; k < profile.count; k += 97) {
      expect(profile.instantOf(k)).toBe(exact.instantOf(k));
    }
  });

  it('stay within a tenth of a microsecond at the end of a descent of ten hours', () => {
    const stages = rateStages([3_333, 0, 36_000]);
    const profile = new Profile(stages);
    const exact = new ExactSchedule(stages, 10);
    for (let k = profile.count - 200; k < profile.count; k++) {
      const tenths = exact.instantOf(k);
      expect(profile.instantOf(k)).toBeGreaterThanOrEqual(Math.floor((tenths - 1) / 10));
      expect(profile.instantOf(k)).toBeLessThanOrEqual(Math.floor((tenths + 1) / 10));
    }
  });
});

describe('the inverse of Λ', () => {
  const ALMOST = 1 - 2 ** -53;

  it('stays within its stage, however close to its end', () => {
    const constant = new Profile(rateStages([1_000_000, 1_000_000, 10], [1, 1, 10]));
    expect(constant.inverse(9_999_999, ALMOST)).toBe(9_999_999);
  });

  it('is a number where rounding puts the root of a descent below 0', () => {
    const descent = new Profile(rateStages([15, 0, 36_000]));
    expect(descent.inverse(269_999, ALMOST)).toBe(36_000 * SECOND_US - 1);
  });
});

describe('countBefore', () => {
  it('counts exactly the arrivals whose floored instant is below', () => {
    const next = chance(5);
    const stages = rateStages([0, 3_000, 1], [3_000, 0, 0.5], [0, 0, 0.2], [0.3, 700, 2]);
    const profile = new Profile(stages);
    const all = instants(profile);
    for (let round = 0; round < 3_000; round++) {
      const near = all[Math.floor(next() * all.length)]! + Math.floor(next() * 3) - 1;
      const expected = all.filter((tUs) => tUs < near).length;
      expect(profile.countBefore(near)).toBe(expected);
    }
  });

  it('is nothing at the start and everything at the end', () => {
    const profile = new Profile(rateStages([1_000_000, 1_000_000, 0.01]));
    expect(profile.countBefore(0)).toBe(0);
    expect(profile.countBefore(1)).toBe(1);
    expect(profile.countBefore(10_000)).toBe(10_000);
    expect(profile.countBefore(Number.POSITIVE_INFINITY)).toBe(10_000);
  });
});

describe('peakRate', () => {
  it('is the highest rate within a stretch', () => {
    const profile = new Profile(rateStages([0, 100, 10], [100, 50, 10]));
    expect(profile.peakRate(0, 5 * SECOND_US)).toBe(50);
    expect(profile.peakRate(5 * SECOND_US, 20 * SECOND_US)).toBe(100);
    expect(profile.peakRate(15 * SECOND_US, 20 * SECOND_US)).toBe(75);
  });
});

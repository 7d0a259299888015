import { describe, expect, it } from 'vitest';
import { drawArrivals, PoissonArrivals } from '../../lib/plan/poisson.js';
import { Profile } from '../../lib/plan/profile.js';
import { hash, STREAM } from '../../lib/plan/random.js';
import { chance, rateStages, SECOND_US } from '../support/schedule-plans.js';

describe('the drawn counts', () => {
  it.each([0.3, 4, 9.9, 10, 47, 1_000, 25_000])(
    'of a mean of %d have that mean and that variance',
    (rate) => {
      const seconds = 20_000;
      const counts = drawArrivals(new Profile(rateStages([rate, rate, seconds])), 3);
      const mean = counts.reduce((sum, count) => sum + count, 0) / seconds;
      const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / seconds;
      // Five standard errors; that of the variance is √(1/mean + 2) times the variance / √n.
      expect(Math.abs(mean - rate)).toBeLessThan(5 * Math.sqrt(rate / seconds));
      expect(Math.abs(variance / rate - 1)).toBeLessThan(5 * Math.sqrt((1 / rate + 2) / seconds));
    },
  );

  it('of a mean of 12 are distributed as Poisson says', () => {
    const seconds = 50_000;
    const counts = drawArrivals(new Profile(rateStages([12, 12, seconds])), 3);
    let probability = Math.exp(-12);
    for (let k = 0; k <= 30; k++) {
      const seen = counts.filter((count) => count === k).length / seconds;
      const error = Math.sqrt((probability * (1 - probability)) / seconds);
      expect(Math.abs(seen - probability)).toBeLessThan(5 * error + 1 / seconds);
      probability *= 12 / (k + 1);
    }
  });

  it('are zero where nothing is asked for', () => {
    const counts = drawArrivals(new Profile(rateStages([0, 0, 3], [50, 50, 2.5])), 1);
    expect(counts).toHaveLength(6);
    expect(counts.slice(0, 3)).toEqual([0, 0, 0]);
  });
});

describe('Poisson arrivals', () => {
  const stages = rateStages([0, 90, 2.5], [0, 0, 1.2], [400, 0, 1.5]);
  const profile = new Profile(stages);
  const perSecond = drawArrivals(profile, 9);
  const arrivals = new PoissonArrivals(profile, 9, perSecond);
  const all = Array.from({ length: arrivals.count }, (_, k) => arrivals.instantOf(k));

  it('number in every second what was drawn for it', () => {
    perSecond.forEach((count, second) => {
      const within = all.filter((tUs) => Math.floor(tUs / SECOND_US) === second);
      expect(within).toHaveLength(count);
    });
  });

  it('are in order, and none where nothing is asked for', () => {
    expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(all.some((tUs) => tUs >= 2_500_000 && tUs < 3_700_000)).toBe(false);
  });

  it('are the sorted uniforms of their second through the inverse of Λ', () => {
    const naive = perSecond.flatMap((count, second) => {
      const fromUs = second * SECOND_US;
      const toUs = Math.min(fromUs + SECOND_US, profile.durationUs);
      const from = profile.lambda(fromUs);
      const growth = profile.lambda(toUs) - from;
      return Array.from({ length: count }, (_, j) => {
        const wanted = from + (hash(9, STREAM.arrivalInstant, second, j) / 2 ** 32) * growth;
        let low = fromUs;
        let high = toUs;
        for (let step = 0; step < 60; step++) {
          const middle = (low + high) / 2;
          if (profile.lambda(middle) <= wanted) low = middle;
          else high = middle;
        }
        return low;
      }).sort((a, b) => a - b);
    });
    naive.forEach((tUs, k) => {
      expect(Math.abs(all[k]! - Math.floor(tUs))).toBeLessThanOrEqual(1);
    });
    const apart = naive.filter((tUs, k) => all[k] !== Math.floor(tUs)).length;
    expect(apart).toBeLessThan(naive.length / 100);
  });

  it('are counted to the unit before any instant', () => {
    const next = chance(2);
    for (let round = 0; round < 2_000; round++) {
      const tUs = all[Math.floor(next() * all.length)]! + Math.floor(next() * 3) - 1;
      expect(arrivals.countBefore(tUs)).toBe(all.filter((at) => at < tUs).length);
    }
    expect(arrivals.countBefore(2 * SECOND_US)).toBe(perSecond[0]! + perSecond[1]!);
    expect(arrivals.countBefore(Number.POSITIVE_INFINITY)).toBe(arrivals.count);
  });

  it('stay in their second, even where Λ is too large to tell its end from a pause after it', () => {
    const long = new Profile(rateStages([1e6, 1e6, 36_000], [0.01, 0.01, 1], [0, 0, 100]));
    const counts = [
      ...new Array<number>(36_000).fill(0),
      10_000,
      ...new Array<number>(100).fill(0),
    ];
    const crowd = new PoissonArrivals(long, 9, counts);
    expect(crowd.instantOf(0)).toBeGreaterThanOrEqual(36_000 * SECOND_US);
    expect(crowd.instantOf(9_999)).toBe(36_001 * SECOND_US - 1);
  });
});

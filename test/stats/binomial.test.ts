import { describe, expect, it } from 'vitest';
import { atLeast, atMost, decide, leastSamples, samplesToShow } from '../../lib/stats/binomial.js';
import { logGamma } from '../../lib/stats/log-gamma.js';

/** Relative distance. */
function off(value: number, truth: number): number {
  return Math.abs(value - truth) / Math.abs(truth);
}

describe('ln Γ', () => {
  // Abramowitz & Stegun, tables 6.1 and 6.4; factorials.
  it.each([
    [0.5, 0.5723649429247001],
    [1.5, -0.12078223763524522],
    [3, Math.log(2)],
    [11, Math.log(3_628_800)],
    [21, Math.log(2_432_902_008_176_640_000)],
    [101, 363.73937555556347],
    [1001, 5912.128178488163],
  ])('of %d is the published value', (x, truth) => {
    expect(off(logGamma(x), truth)).toBeLessThan(1e-13);
  });

  it('is zero at 1 and 2', () => {
    expect(Math.abs(logGamma(1))).toBeLessThan(1e-14);
    expect(Math.abs(logGamma(2))).toBeLessThan(1e-14);
  });
});

describe('binomial tails', () => {
  // Computed in exact fractions.
  it.each([
    [2, 10, 0.5, 0.0546875],
    [5, 10, 0.5, 0.623046875],
    [0, 20, 0.05, 0.3584859224085422],
    [3, 20, 0.05, 0.9840984739802364],
    [1, 25, 0.1, 0.27120590646136655],
    [12, 15, 0.9, 0.184061069106391],
    [5, 1000, 0.01, 0.06613951160725197],
  ])('P(X <= %i) of %i tries at %d is %d', (k, n, p, truth) => {
    expect(off(atMost(k, n, p), truth)).toBeLessThan(1e-12);
  });

  it('add up to one, and agree with the sum taken term by term', () => {
    for (const [n, p] of [
      [30, 0.01],
      [200, 0.05],
      [500, 0.5],
    ] as const) {
      let sum = 0;
      let term = (1 - p) ** n;
      for (let k = 0; k < n; k++) {
        sum += term;
        term *= ((n - k) / (k + 1)) * (p / (1 - p));
        expect(Math.abs(atMost(k, n, p) - sum)).toBeLessThan(1e-10);
        expect(Math.abs(atMost(k, n, p) + atLeast(k + 1, n, p) - 1)).toBeLessThan(1e-10);
      }
    }
  });

  it('are certain at their ends', () => {
    expect([atMost(-1, 5, 0.3), atMost(5, 5, 0.3), atLeast(0, 5, 0.3)]).toEqual([0, 1, 1]);
  });
});

describe('an objective on a percentile that is not shown', () => {
  it.each([
    // None of 90 decides p95, none of 459 decides p99; one fewer does not.
    [9500, 90, 0, 'pass'],
    [9500, 89, 0, 'undecided'],
    [9900, 459, 0, 'pass'],
    [9900, 458, 0, 'undecided'],
    [9000, 44, 0, 'pass'],
    [9000, 43, 0, 'undecided'],
    // 0.05³ < 1 %, 3 · 0.05² · 0.95 + 0.05³ = 0.73 %.
    [9500, 3, 2, 'fail'],
    [9500, 1, 1, 'undecided'],
    [9500, 20, 1, 'undecided'],
    [9500, 20, 5, 'fail'],
    [9500, 20, 4, 'undecided'],
    [9990, 1, 1, 'fail'],
    [9900, 300, 0, 'undecided'],
    [9900, 999, 30, 'fail'],
    [5000, 19, 3, 'pass'],
    [5000, 19, 16, 'fail'],
    [5000, 19, 9, 'undecided'],
    [9900, 0, 0, 'undecided'],
  ] as const)('at %i hundredths: %i samples, %i above: %s', (hundredths, n, exceeding, verdict) => {
    expect(decide({ n, exceeding, hundredths })).toBe(verdict);
  });

  it('turns from passed over undecided to failed as more samples exceed, never back', () => {
    const order = ['pass', 'undecided', 'fail'];
    for (const hundredths of [5000, 9500, 9900]) {
      let last = 0;
      for (let exceeding = 0; exceeding <= 900; exceeding++) {
        const verdict = order.indexOf(decide({ n: 900, exceeding, hundredths }));
        expect(verdict).toBeGreaterThanOrEqual(last);
        last = verdict;
      }
      expect(last).toBe(2);
    }
  });

  it('does not need few samples: a million are judged alike', () => {
    expect(decide({ n: 1_000_000, exceeding: 9_000, hundredths: 9900 })).toBe('pass');
    expect(decide({ n: 1_000_000, exceeding: 10_050, hundredths: 9900 })).toBe('undecided');
    expect(decide({ n: 1_000_000, exceeding: 11_000, hundredths: 9900 })).toBe('fail');
  });

  it('is refused where more exceed than there are', () => {
    expect(() => decide({ n: 3, exceeding: 4, hundredths: 9500 })).toThrow(RangeError);
    expect(() => decide({ n: 3, exceeding: 1, hundredths: 10_000 })).toThrow(RangeError);
  });
});

describe('the samples that a percentile needs', () => {
  it.each([
    [5000, 7, 20],
    [9000, 44, 100],
    [9500, 90, 200],
    [9900, 459, 1000],
    [9990, 4603, 10_000],
    [9999, 46_050, 100_000],
    [1000, 2, 100],
  ])('for %i hundredths are %i at the least and %i to be shown', (hundredths, least, shown) => {
    expect(leastSamples(hundredths)).toBe(least);
    expect(samplesToShow(hundredths)).toBe(shown);
  });

  it('are the first with which none above the limit decides', () => {
    for (const hundredths of [5000, 7500, 9000, 9500, 9900, 9990, 9999]) {
      const n = leastSamples(hundredths);
      expect(decide({ n, exceeding: 0, hundredths })).toBe('pass');
      expect(decide({ n: n - 1, exceeding: 0, hundredths })).toBe('undecided');
    }
  });
});

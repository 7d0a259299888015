import { describe, expect, it } from 'vitest';
import { UsageError } from '../../lib/errors.js';
import { Stripe } from '../../lib/plan/stripe.js';
import { chance } from '../support/schedule-plans.js';

describe('Stripe', () => {
  it('deals by weight, as evenly as can be', () => {
    const stripe = new Stripe([50, 30, 20]);
    const owners = Array.from({ length: 10 }, (_, n) => stripe.ownerOf(n));
    expect(owners.filter((owner) => owner === 0)).toHaveLength(5);
    expect(owners.filter((owner) => owner === 1)).toHaveLength(3);
    expect(owners.filter((owner) => owner === 2)).toHaveLength(2);
  });

  it('is never one off in any prefix, whatever the weights', () => {
    const next = chance(1);
    for (let round = 0; round < 150; round++) {
      const most = next() < 0.5 ? 5 : 60;
      const weights = Array.from({ length: 1 + Math.floor(next() * 30) }, () =>
        Math.ceil(next() * most),
      );
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const stripe = new Stripe(weights);
      const given = weights.map(() => 0);
      let worst = 0;
      for (let n = 0; n < total; n++) {
        given[stripe.ownerOf(n)]!++;
        // |given − (n + 1)·w|, times the total so that it is whole.
        weights.forEach((weight, owner) => {
          worst = Math.max(worst, Math.abs(given[owner]! * total - (n + 1) * weight));
        });
      }
      expect(worst).toBeLessThan(total);
    }
  });

  it('answers countBefore and nth like a walk from the start', () => {
    const weights = [7, 1, 12, 3];
    const stripe = new Stripe(weights);
    const given = weights.map(() => 0);
    for (let n = 0; n < 100; n++) {
      weights.forEach((_, owner) => {
        expect(stripe.countBefore(n, owner)).toBe(given[owner]);
      });
      const owner = stripe.ownerOf(n);
      expect(stripe.nth(owner, given[owner]!)).toBe(n);
      given[owner]!++;
    }
  });

  it('counts beyond 32 bits', () => {
    const stripe = new Stripe([2, 1]);
    const n = stripe.nth(1, 4_000_000_000);
    expect(Math.floor(n / 3)).toBe(4_000_000_000);
    expect(stripe.countBefore(n, 1)).toBe(4_000_000_000);
    expect(stripe.ownerOf(n)).toBe(1);
  });

  it('holds a period of a million', () => {
    const stripe = new Stripe([333_333, 333_333, 333_334]);
    expect(stripe.countBefore(1_000_000, 2)).toBe(333_334);
    expect(stripe.countBefore(500_000, 0)).toBeGreaterThan(166_665);
  });

  it('refuses shares that have no sensible unit, or none at all', () => {
    expect(() => new Stripe([1, 1_000_000])).toThrow(UsageError);
    expect(() => new Stripe([0.5, 0.5])).toThrow(UsageError);
    expect(() => new Stripe([1, 0])).toThrow(UsageError);
  });
});

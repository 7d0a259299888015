import type { FrozenPlan, ShardRef } from './frozen-plan.js';
import { Stripe } from './stripe.js';

const stripes = new WeakMap<FrozenPlan, Stripe>();

/**
 * Which of the run's arrivals (or users, or requests of an amount) are one shard's: they go to
 * the regions by the weighted stripe, and within a region to its shards in turn.
 */
export class Deal {
  readonly #stripe: Stripe;
  readonly #region: number;
  readonly #n: number;
  readonly #workers: number;

  constructor(stripe: Stripe, region: number, n: number, workers: number) {
    this.#stripe = stripe;
    this.#region = region;
    this.#n = n;
    this.#workers = workers;
  }

  /** How many of the first `index` are this shard's. */
  countBefore(index: number): number {
    const ofRegion = this.#stripe.countBefore(index, this.#region);
    return Math.max(0, Math.floor((ofRegion - this.#n - 1) / this.#workers) + 1);
  }

  /** Index in the run of the shard's i-th, from 0. */
  nth(i: number): number {
    return this.#stripe.nth(this.#region, i * this.#workers + this.#n);
  }
}

/** Legs do not matter: what is dealt is counted through the whole run. */
export function dealOf(frozen: FrozenPlan, ref: ShardRef): Deal {
  const region = frozen.regions.findIndex(({ name }) => name === ref.region);
  const workers = frozen.regions[region]?.workers;
  if (workers === undefined || ref.n >= workers) {
    throw new Error(`run ${frozen.run} has no shard ${ref.region}/${ref.leg}/${ref.n}`);
  }
  return new Deal(stripeOf(frozen), region, ref.n, workers);
}

/** Shares of the regions, in the frozen plan's order. */
export function stripeOf(frozen: FrozenPlan): Stripe {
  let stripe = stripes.get(frozen);
  if (!stripe) {
    stripe = new Stripe(frozen.regions.map(({ share }) => share));
    stripes.set(frozen, stripe);
  }
  return stripe;
}

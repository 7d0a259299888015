import { profileOf } from './arrivals.js';
import { Deal, dealOf, stripeOf } from './deal.js';
import type { FrozenPlan, ShardRef } from './frozen-plan.js';
import { peakUsers, userSessions } from './sessions.js';

/** The shards of a leg, region by region, each in its first attempt. */
export function shardRefs(frozen: FrozenPlan, leg: number): ShardRef[] {
  return frozen.regions.flatMap(({ name, workers }) =>
    Array.from({ length: workers }, (_, n) => ({
      run: frozen.run,
      region: name,
      leg,
      n,
      attempt: 1,
    })),
  );
}

/** How many of a fixed amount of requests are this shard's; null: no amount is fixed. */
export function requestShare(frozen: FrozenPlan, ref: ShardRef): number | null {
  const { load } = frozen.plan;
  return load.kind === 'amount' ? dealOf(frozen, ref).countBefore(load.requests) : null;
}

/** How many of the users at the plan's peak are this shard's; null: the model is open. */
export function userShare(frozen: FrozenPlan, ref: ShardRef): number | null {
  const { load } = frozen.plan;
  return load.kind === 'open' ? null : dealOf(frozen, ref).countBefore(peakUsers(load));
}

/** How many users are there at the first instant of the shard's leg. */
export function sessionsAtStart(frozen: FrozenPlan, ref: ShardRef): number {
  const { startUs } = frozen.legs[ref.leg]!;
  return userSessions(frozen, ref).filter(({ comesUs }) => comesUs === startUs).length;
}

/**
 * The shard's part of the plan's number of connections, null where they are `auto`. Every shard
 * has one; those beyond go by the regions' shares, like what will be sent over them.
 */
export function connectionShare(frozen: FrozenPlan, ref: ShardRef): number | null {
  const { connections } = frozen.plan.http;
  if (connections === 'auto') return null;
  return 1 + dealOf(frozen, ref).countBefore(connections - shardCount(frozen));
}

/** The highest rate that an open plan expects of this shard, starts/s. */
export function shardPeakRate(frozen: FrozenPlan, ref: ShardRef): number {
  const { startUs, endUs } = frozen.legs[ref.leg]!;
  const { share, workers } = frozen.regions.find(({ name }) => name === ref.region)!;
  const shares = frozen.regions.reduce((sum, region) => sum + region.share, 0);
  return (profileOf(frozen).peakRate(startUs, endUs) * share) / (shares * workers);
}

/** Shards of one leg. */
export function shardCount({ regions }: Pick<FrozenPlan, 'regions'>): number {
  return regions.reduce((sum, { workers }) => sum + workers, 0);
}

/** The fewest of anything dealt with which no shard of a leg goes without. */
export function fewestForAll(frozen: FrozenPlan): number {
  const stripe = stripeOf(frozen);
  const lasts = frozen.regions.map(({ workers }, region) =>
    new Deal(stripe, region, workers - 1, workers).nth(0),
  );
  return Math.max(...lasts) + 1;
}

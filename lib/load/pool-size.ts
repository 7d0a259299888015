import type { EmulatedDistance, FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import { connectionShare, sessionsAtStart, shardPeakRate } from '../plan/split.js';

/** What one shard may open at most where the plan leaves it to us: Lambda gives 1,024 descriptors. */
const AUTO_CEILING = 900;
const AUTO_LEAST = 4;
const AUTO_MOST_AHEAD = 64;
const EXPECTED_US = 100_000;

/**
 * Where each request or iteration opens its own, eight connects at a time would hold the load back:
 * over 200 ms of connecting, forty requests a second.
 */
const VISITORS_AT_ONCE = 256;

/** How many connections a shard keeps open, and how many it may open. */
interface PoolSize {
  readonly floor: number;
  readonly ceiling: number;
  /** Each connection is one request's, or one visitor's: nothing can be opened ahead for it. */
  readonly apart: boolean;
  /** Connects under way; null: as few as disturb each other the least. */
  readonly atOnce: number | null;
}

export function poolSize(frozen: FrozenPlan, ref: ShardRef): PoolSize {
  const { floor, ceiling } = sharedSize(frozen, ref);
  const apart = frozen.plan.http.reuse !== undefined;
  return { floor: apart ? 0 : floor, ceiling, apart, atOnce: apart ? VISITORS_AT_ONCE : null };
}

function sharedSize(frozen: FrozenPlan, ref: ShardRef): Pick<PoolSize, 'floor' | 'ceiling'> {
  const { http, load } = frozen.plan;
  const share = connectionShare(frozen, ref);
  if (share !== null) return { floor: share, ceiling: share };
  if (load.kind !== 'open') {
    const users = sessionsAtStart(frozen, ref);
    return { floor: users, ceiling: users };
  }
  const perSecond = shardPeakRate(frozen, ref);
  const { roundTripUs = 0 } = distanceOf(frozen, ref) ?? {};
  const wanted = Math.ceil((1.5 * perSecond * (http.expectUs ?? EXPECTED_US + roundTripUs)) / 1e6);
  return {
    floor: Math.min(AUTO_MOST_AHEAD, Math.max(AUTO_LEAST, wanted)),
    ceiling: AUTO_CEILING,
  };
}

/** null: it measures from where it is. */
export function distanceOf({ regions }: FrozenPlan, { region }: ShardRef): EmulatedDistance | null {
  return regions.find(({ name }) => name === region)?.emulated ?? null;
}

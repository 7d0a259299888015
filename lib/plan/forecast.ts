import { arrivalsOf } from './arrivals.js';
import { dealOf } from './deal.js';
import type { FrozenPlan, ShardRef } from './frozen-plan.js';
import { startsBefore, userSessions } from './sessions.js';
import { shuffleOf } from './shuffle.js';
import { connectionShare, requestShare, shardPeakRate, shardRefs } from './split.js';

/** What a plan schedules, before anything is sent. */
export interface Forecast {
  /** Starts [region][stage][request]; null in a closed model whose pace is set by the answers. */
  readonly starts: readonly (readonly (readonly number[])[])[] | null;
  /** Leg by leg, region by region. */
  readonly shards: readonly ShardForecast[];
}

export interface ShardForecast {
  readonly region: string;
  readonly leg: number;
  readonly n: number;
  /** Requests that it begins; null: answers decide. */
  readonly starts: number | null;
  /** Starts per second; null without a rate. */
  readonly peakRate: number | null;
  /** Users that it plays in this leg; null in the open model. */
  readonly users: number | null;
  /** Its part of the plan's number; null where they are `auto`. */
  readonly connections: number | null;
}

export function forecast(frozen: FrozenPlan): Forecast {
  const starts = frozen.regions.map(() => noneOf(frozen));
  const shards: ShardForecast[] = [];
  let known = true;
  for (const leg of frozen.legs) {
    for (const ref of shardRefs(frozen, leg.index)) {
      const planned = plannedCounts(frozen, ref);
      if (planned) {
        const region = frozen.regions.findIndex(({ name }) => name === ref.region);
        planned.forEach((requests, stage) => {
          requests.forEach((count, request) => {
            starts[region]![stage]![request]! += count;
          });
        });
      } else known = false;
      shards.push(shardForecast(frozen, ref, planned));
    }
  }
  return { starts: known ? starts : null, shards };
}

/**
 * What a shard's schedule holds before an instant, [stage][request]; null in a closed model whose
 * pace is set by the answers. Counted, not walked: hours at a thousand a second cost nothing.
 */
export function plannedCounts(
  frozen: FrozenPlan,
  ref: ShardRef,
  untilUs = Number.POSITIVE_INFINITY,
): number[][] | null {
  const shuffle = shuffleOf(frozen, ref);
  const amount = requestShare(frozen, ref);
  if (amount !== null) return [shuffle.countsBefore(amount)];
  const ordinalAt = ordinals(frozen, ref);
  if (!ordinalAt) return null;
  const leg = frozen.legs[ref.leg]!;
  const counts = noneOf(frozen);
  frozen.stages.forEach((stage, index) => {
    const fromUs = Math.max(stage.startUs, leg.startUs);
    const toUs = Math.min(stage.endUs, leg.endUs, untilUs);
    if (fromUs >= toUs) return;
    const before = shuffle.countsBefore(ordinalAt(fromUs));
    const after = shuffle.countsBefore(ordinalAt(toUs));
    counts[index] = after.map((count, request) => count - before[request]!);
  });
  return counts;
}

/** How many of the shard's iterations are due before an instant, through all legs. */
function ordinals(frozen: FrozenPlan, ref: ShardRef): ((tUs: number) => number) | null {
  const { load } = frozen.plan;
  if (load.kind === 'open') {
    const arrivals = arrivalsOf(frozen);
    const deal = dealOf(frozen, ref);
    return (tUs) => deal.countBefore(arrivals.countBefore(tUs));
  }
  return load.pace.kind === 'every' ? (tUs) => startsBefore(frozen, ref, tUs) : null;
}

function shardForecast(
  frozen: FrozenPlan,
  ref: ShardRef,
  planned: readonly (readonly number[])[] | null,
): ShardForecast {
  const { kind } = frozen.plan.load;
  const users = new Set<number>();
  if (kind !== 'open') for (const { user } of userSessions(frozen, ref)) users.add(user);
  return {
    region: ref.region,
    leg: ref.leg,
    n: ref.n,
    starts: planned ? planned.flat().reduce((sum, count) => sum + count, 0) : null,
    peakRate: kind === 'open' ? shardPeakRate(frozen, ref) : null,
    users: kind === 'open' ? null : users.size,
    connections: connectionShare(frozen, ref),
  };
}

/** A zero for every stage and request. */
function noneOf({ stages, plan }: FrozenPlan): number[][] {
  return stages.map(() => plan.requests.map(() => 0));
}

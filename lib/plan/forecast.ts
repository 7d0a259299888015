import { arrivalsOf } from './arrivals.js';
import { dealOf } from './deal.js';
import type { FrozenPlan, ShardRef } from './frozen-plan.js';
import { startsBefore, userSessions } from './sessions.js';
import { shuffleOf } from './shuffle.js';
import { connectionShare, requestShare, shardPeakRate, shardRefs } from './split.js';
import { requestCountsOf, startsOf, subjectsOf } from './starts.js';

/** What a plan schedules, before anything is sent. */
export interface Forecast {
  /**
   * Iterations [region][stage][subject], where a subject is a plain request or a flow; null in a
   * closed model whose pace is set by the answers.
   */
  readonly starts: readonly (readonly (readonly number[])[])[] | null;
  /** Leg by leg, region by region. */
  readonly shards: readonly ShardForecast[];
}

export interface ShardForecast {
  readonly region: string;
  readonly leg: number;
  readonly n: number;
  /** Iterations that it begins; null: answers decide. */
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
        planned.forEach((subjects, stage) => {
          subjects.forEach((count, subject) => {
            starts[region]![stage]![subject]! += count;
          });
        });
      } else known = false;
      shards.push(shardForecast(frozen, ref, planned));
    }
  }
  return { starts: known ? starts : null, shards };
}

/**
 * What a shard's schedule holds before an instant, iterations [stage][subject]; null in a closed model whose
 * pace is set by the answers. Counted, not walked: hours at a thousand a second cost nothing.
 */
export function plannedCounts(
  frozen: FrozenPlan,
  ref: ShardRef,
  untilUs = Number.POSITIVE_INFINITY,
): number[][] | null {
  const shuffle = shuffleOf(frozen, ref);
  const amount = requestShare(frozen, ref);
  if (amount !== null) return [bySubject(frozen, shuffle.countsBefore(amount))];
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
    counts[index] = bySubject(
      frozen,
      after.map((count, start) => count - before[start]!),
    );
  });
  return counts;
}

/**
 * How many requests of each subject so many iterations send, if all their steps are reached; null
 * where the code of a flow decides.
 */
export function requestsOf({ plan }: FrozenPlan, iterations: readonly number[]): (number | null)[] {
  const requests: (number | null)[] = iterations.map(() => 0);
  iterations.forEach((count, subject) => {
    if (count === 0) return;
    const flow = plan.flows?.[subject - plan.requests.length];
    if (flow?.kind === 'code') {
      for (const request of flow.requests) requests[request] = null;
      return;
    }
    for (const [request, each] of requestCountsOf(plan, subject)) {
      requests[request]! += count * each;
    }
  });
  return requests;
}

function bySubject({ plan }: FrozenPlan, byStart: readonly number[]): number[] {
  const counts = subjectsOf(plan).map(() => 0);
  startsOf(plan).forEach(({ subject }, start) => {
    counts[subject] = byStart[start]!;
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

/** A zero for every stage and subject. */
function noneOf({ stages, plan }: FrozenPlan): number[][] {
  return stages.map(() => subjectsOf(plan).map(() => 0));
}

import { arrivalsOf } from './arrivals.js';
import { dealOf } from './deal.js';
import type { FrozenPlan, ShardRef } from './frozen-plan.js';
import type { Body, DataSet, Plan, PlanRequest } from './plan.js';
import { HASHES, hash, STREAM } from './random.js';
import { peakUsers } from './sessions.js';
import { shuffleOf } from './shuffle.js';
import { shardRefs } from './split.js';
import { requestCountsOf, startsOf } from './starts.js';
import { hasTemplate, namesIn } from './template-text.js';

/**
 * Which row of a table an iteration works with. Iterations that use the table are counted through
 * the whole run, and the count is the row: leg after leg, within a leg shard after shard, within a
 * shard as they are due. A user keeps the row of its own number, in every iteration and each time
 * it comes.
 */
export function rowOf(frozen: FrozenPlan, set: number, rank: number): number {
  const { pick, count } = tableOf(frozen.plan, set);
  if (pick === 'unique') {
    if (rank < count) return rank;
    throw new Error(`the rows of '${tableOf(frozen.plan, set).name}' are used up`);
  }
  if (pick === 'sequential') return rank % count;
  const drawn = hash(hash(frozen.seed, STREAM.rows, set, 0), STREAM.rows, rank, 0);
  return Math.floor((drawn / HASHES) * count);
}

/** By start: whether its iterations use this table. A flow in code may use any. */
export function usesOf(plan: Plan, set: number): readonly boolean[] {
  const { name } = tableOf(plan, set);
  return startsOf(plan).map(({ subject, flow }) => {
    if (flow?.kind === 'code') return true;
    const requests = [...requestCountsOf(plan, subject).keys()];
    return requests.some((request) => namesOf(plan.requests[request]!).includes(name));
  });
}

/** The rank of the first use of a table in this shard's leg, where iterations get rows. */
export function firstUse(frozen: FrozenPlan, ref: ShardRef, set: number): number {
  const uses = usesOf(frozen.plan, set);
  let rank = 0;
  let mine = false;
  for (const shard of shardRefs(frozen, ref.leg)) {
    mine ||= shard.region === ref.region && shard.n === ref.n;
    rank += usesBefore(frozen, shard, uses, mine ? 'start' : 'end');
  }
  return rank;
}

/** How many ranks of a table the run counts: uses in iterations, or users at the peak. */
export function usesInAll(frozen: FrozenPlan, set: number): number {
  const uses = usesOf(frozen.plan, set);
  const { load } = frozen.plan;
  if (load.kind === 'closed') return uses.includes(true) ? peakUsers(load) : 0;
  return shardRefs(frozen, frozen.legs.length - 1).reduce(
    (sum, shard) => sum + usesBefore(frozen, shard, uses, 'end'),
    0,
  );
}

/** How often a shard, in all legs, has used a table when its leg begins, or ends. */
function usesBefore(
  frozen: FrozenPlan,
  shard: ShardRef,
  uses: readonly boolean[],
  when: 'start' | 'end',
): number {
  const { load } = frozen.plan;
  if (load.kind === 'closed') throw new Error('with users, each has a row of its own');
  const deal = dealOf(frozen, shard);
  const leg = frozen.legs[shard.leg]!;
  const inRun =
    load.kind === 'open'
      ? arrivalsOf(frozen).countBefore(when === 'start' ? leg.startUs : leg.endUs)
      : when === 'start'
        ? 0
        : load.requests;
  const counts = shuffleOf(frozen, shard).countsBefore(deal.countBefore(inRun));
  return counts.reduce((sum, count, start) => sum + (uses[start] ? count : 0), 0);
}

function tableOf({ data = [] }: Plan, set: number): DataSet {
  const table = data[set];
  if (!table) throw new Error(`the plan has no table ${set}`);
  return table;
}

/** Names that the templates of a request use. */
function namesOf({ path, headers, body, basicAuth }: PlanRequest): string[] {
  const texts = [
    path,
    ...headers.map(([, value]) => value),
    ...(body ? textsOf(body) : []),
    ...(basicAuth ? [basicAuth.user, basicAuth.password] : []),
  ];
  return texts.filter(hasTemplate).flatMap(namesIn);
}

function textsOf(body: Body): string[] {
  const { data, encoding, parts = [] } = body;
  const own = encoding === 'utf8' && hasTemplate(data) ? [data] : [];
  // A template within JSON is escaped like the text around it.
  const texts = body.escape === 'json' ? own.flatMap((one) => stringsOf(JSON.parse(one))) : own;
  return [...texts, ...parts.flatMap((part) => textsOf(part.body))];
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [key, ...stringsOf(one)]);
}

import type { Deployment } from '../cloud/deployment.js';
import { profileOf } from '../plan/arrivals.js';
import { type FrozenPlan, PROTOCOL, type ShardRef } from '../plan/frozen-plan.js';
import { frozenPlanMistake } from '../plan/frozen-shape.js';
import { connectionShare, userShare } from '../plan/split.js';
import { deploymentProblems } from './guard-deployment.js';
import type { WorkerOrder } from './worker-order.js';

/** Why a worker must not take up what it is asked to; null: it may. */
export function refusalOf(
  { protocol, ref, notAfterMs }: WorkerOrder,
  {
    region,
    nowMs,
    maxWorkers,
  }: { readonly region: string; readonly nowMs: number; readonly maxWorkers: number },
): string | null {
  if (protocol !== PROTOCOL) {
    return `the event speaks protocol ${protocol}, this worker ${PROTOCOL}: deploy the version that you run`;
  }
  if (ref.region !== region) return `it was meant for ${ref.region}, and this is ${region}`;
  if (ref.n >= maxWorkers) {
    return `it would be worker ${ref.n + 1} of ${region}, and this deployment allows ${maxWorkers} there: use fewer workers, or deploy with -c maxWorkers=${ref.n + 1}`;
  }
  if (nowMs > notAfterMs) {
    return `it was delivered ${Math.round((nowMs - notAfterMs) / 1000)} s after it should have begun at the latest`;
  }
  return null;
}

/** A function has 1,024 file descriptors; some are its own. */
const MOST_CONNECTIONS = 1_000;

/**
 * Why a worker must not take up its share of a plan, which may be forged: everything that holds
 * load back is judged again by whoever makes it.
 */
export function planRefusalOf(
  frozen: FrozenPlan,
  ref: ShardRef,
  deployment: Deployment,
): string | null {
  const mistake = frozenPlanMistake(frozen);
  if (mistake !== null) return `the plan is damaged at ${mistake}`;
  return (
    shardProblem(frozen, ref) ??
    (deploymentProblems(frozen, deployment).join('\n') || null) ??
    connectionProblem(frozen, ref) ??
    drawnProblem(frozen)
  );
}

function shardProblem(frozen: FrozenPlan, ref: ShardRef): string | null {
  const { run, legs, regions, durationUs } = frozen;
  if (run !== ref.run) return `the plan is that of run ${run}`;
  if (new Set(regions.map(({ name }) => name)).size < regions.length) {
    return 'the plan names a region twice';
  }
  const workers = regions.find(({ name }) => name === ref.region)?.workers ?? 0;
  if (ref.n >= workers) return `the plan has ${workers} workers in ${ref.region}`;
  if (!legs[ref.leg]) return `the plan has ${legs.length} legs`;
  const sound = legs.every(
    ({ index, startUs, endUs }, at) =>
      index === at && startUs === (legs[at - 1]?.endUs ?? 0) && endUs > startUs,
  );
  return sound && legs.at(-1)?.endUs === durationUs ? null : 'the legs of the plan do not join';
}

function connectionProblem(frozen: FrozenPlan, ref: ShardRef): string | null {
  const most = Math.max(connectionShare(frozen, ref) ?? 0, userShare(frozen, ref) ?? 0);
  if (most <= MOST_CONNECTIONS) return null;
  return `this worker would need ${most} connections, and a function can hold ${MOST_CONNECTIONS}: use more workers`;
}

/** Drawn arrivals must come of the plan's rates, by which it was judged: ten deviations are never. */
function drawnProblem(frozen: FrozenPlan): string | null {
  const { arrivalsPerSecond } = frozen;
  if (arrivalsPerSecond === null) return null;
  const profile = profileOf(frozen);
  const wrong = arrivalsPerSecond.findIndex((count, second) => {
    const mean = profile.lambda((second + 1) * 1e6) - profile.lambda(second * 1e6);
    return count > mean + 10 * Math.sqrt(mean) + 20;
  });
  return wrong < 0 ? null : `second ${wrong} of the plan has more arrivals than its rate can give`;
}

import { createHash } from 'node:crypto';
import { UsageError } from '../errors.js';
import { freezePlan, newRunId } from '../plan/freeze.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Plan } from '../plan/plan.js';
import { longestLegUs } from './cloud-timing.js';

/** What a run is to be, before it is drawn and frozen: what a command line hands to an orchestrator. */
export interface RunOrder {
  readonly schema: 'isochrone.order/1';
  readonly plan: Plan;
  readonly label: string | null;
  readonly createdAtMs: number;
  readonly seed: number;
  /** For every region that the plan gives no number; null: the fewest. */
  readonly workers: number | null;
  readonly allowUndecided: boolean;
  readonly accepted: readonly string[];
}

/** The event that starts an orchestrator: the order itself, or where it lies among the run's inputs. */
export interface OrchestratorEvent {
  readonly run: string;
  readonly plan: RunOrder | { readonly sha256: string };
}

export function readOrchestratorEvent(event: unknown): OrchestratorEvent {
  if (typeof event === 'object' && event !== null && 'plan' in event) {
    const { run, at, plan } = event as { run?: unknown; at?: unknown; plan: unknown };
    if (typeof run === 'string' && /^[a-z0-9][a-z0-9-]{0,59}$/.test(run) && plan) {
      return { run, plan: plan as OrchestratorEvent['plan'] };
    }
    if (typeof at === 'string' && plan) return scheduledRun(at, readRunOrder(plan));
  }
  throw new UsageError(
    'the event must be { run, plan }, or { at, plan } from a schedule: `isochrone plan --on aws --json` prints one',
  );
}

/**
 * A schedule sends the same event again and again: instead of a run it names the instant that it is
 * sent for, which makes the run. Delivered twice, it is one run.
 */
function scheduledRun(at: string, order: RunOrder): OrchestratorEvent {
  const createdAtMs = Date.parse(at);
  if (Number.isNaN(createdAtMs)) {
    throw new UsageError(
      `'at' of the event is no instant: ${at}; a schedule puts one in for <aws.scheduler.scheduled-time>`,
    );
  }
  const { name } = order.plan;
  const digest = createHash('sha256').update(`${at} ${name}`).digest('hex').slice(0, 4);
  return { run: newRunId(name, createdAtMs, digest), plan: { ...order, createdAtMs } };
}

export function readRunOrder(value: unknown): RunOrder {
  const order = value as Partial<RunOrder> | null;
  if (order?.schema !== 'isochrone.order/1' || !order.plan) {
    throw new UsageError(
      'the plan of the event is no isochrone.order/1: `isochrone plan --on aws --json` prints one',
    );
  }
  return order as RunOrder;
}

/** The same from the same order, wherever and however often it is done. */
export function freezeOrder(
  run: string,
  order: RunOrder,
  { legUs = null, workerRate }: { legUs?: number | null; workerRate?: number } = {},
): FrozenPlan {
  const { plan, label, createdAtMs, seed, workers, allowUndecided, accepted } = order;
  const options = {
    run,
    label,
    createdAtMs,
    seed,
    where: 'aws',
    workers,
    allowUndecided,
    accepted,
    ...(workerRate && { workerRate }),
  } as const;
  // How long a leg may be depends on the grace, which only the frozen plan knows.
  const { graceUs } = freezePlan(plan, { ...options, legUs: null });
  return freezePlan(plan, { ...options, legUs: legUs ?? longestLegUs(graceUs) });
}

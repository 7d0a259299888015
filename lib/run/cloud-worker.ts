import { randomUUID } from 'node:crypto';
import type { Deployment } from '../cloud/deployment.js';
import { ControlWatch } from '../load/control-watch.js';
import { LoadGuard } from '../load/load-guard.js';
import { Pacer } from '../load/pacer.js';
import { RunClock } from '../load/run-clock.js';
import type { Secrets } from '../load/secret-text.js';
import { ThreadHealth } from '../load/thread-health.js';
import { warmUp } from '../load/warm-up.js';
import { type WorkerTerms, work } from '../load/worker.js';
import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import { referredIn } from '../plan/references.js';
import { runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { LifeTime } from './life-time.js';
import type { Meter } from './meter.js';
import { CONTROL_READ_MS, DISTANT_CONTROL_MS, LEASE_MS } from './timing.js';
import { VERSION } from './version.js';
import { readWorkerOrder } from './worker-order.js';
import { planRefusalOf, refusalOf } from './worker-refusal.js';

/** One vCPU: a thread that has a core of its own may spin. */
const WHOLE_CORE_MB = 1769;

export interface CloudWorkerSetting {
  readonly store: Store;
  readonly deployment: Deployment;
  readonly region: string;
  readonly memoryMb: number;
  readonly remainingMs: () => number;
  readonly meter: Meter;
  readonly readSecrets: (names: readonly string[]) => Promise<Secrets>;
  /** Whether code of plans may be carried out on this thread. */
  readonly runsCode: boolean;
}

/** Has a shard carried out whose plan holds code: these flows. */
export type CodeWorker = (ref: ShardRef, flows: readonly string[]) => Promise<void>;

/**
 * The life of one worker function: checks what it is asked before anything else, and leaves a
 * reason in the store for whatever it refuses. Keeps nothing for the next one in its sandbox.
 */
export async function workInCloud(
  event: unknown,
  setting: CloudWorkerSetting,
  workWithCode: CodeWorker,
): Promise<void> {
  const { store, deployment, region } = setting;
  const order = readWorkerOrder(event);
  if (typeof order === 'string') throw new Error(order);
  const files = runFiles(store, order.ref.run);
  const { maxWorkers } = deployment.limits;
  const early = refusalOf(order, { region, nowMs: Date.now(), maxWorkers });
  if (early !== null) {
    const used = setting.meter.read();
    const refusal = { nonce: randomUUID(), atMs: Date.now(), reason: early, used };
    await files.refused.create({ ...order.ref, region }, refusal);
    return;
  }
  const flows = deployment.allowCode ? codeFlowsIn(await files.plan.read()) : [];
  if (flows.length > 0) await workWithCode(order.ref, flows);
  else await workHere(order.ref, setting);
}

/** One attempt of a shard, on this thread. */
export async function workHere(ref: ShardRef, setting: CloudWorkerSetting): Promise<void> {
  const { store, deployment, memoryMb } = setting;
  const files = runFiles(store, ref.run);
  const life = new LifeTime(setting.remainingMs);
  const clock = new RunClock();
  const pacer = new Pacer(memoryMb >= WHOLE_CORE_MB ? 'spin' : 'timer', clock);
  const health = new ThreadHealth(clock, pacer);
  const control = new ControlWatch({
    read: () => files.control.read({ withinMs: CONTROL_READ_MS }),
    everyMs: DISTANT_CONTROL_MS,
    leaseMs: LEASE_MS,
  });
  const contact = deployment.contact === null ? '' : ` (${deployment.contact})`;
  // Not of Lambda's own environment: what stands there opens an account.
  await work(ref, {
    store,
    clock,
    pacer,
    health,
    control,
    env: {},
    userAgent: `isochrone/${VERSION}${contact}`,
    facts: {
      node: process.version,
      arch: process.arch,
      cores: memoryMb / WHOLE_CORE_MB,
      threads: 1,
      thread: 0,
      engine: `HTTP/1.1 of isochrone ${VERSION}`,
    },
    terms: termsOf(ref, setting, life),
    used: () => setting.meter.read(),
  });
}

/** Names of the plan's flows in code; the plan may be forged. */
function codeFlowsIn(frozen: FrozenPlan | null): readonly string[] {
  const flows: unknown = frozen?.plan?.flows;
  if (!Array.isArray(flows)) return [];
  return flows.flatMap((flow) => (flow?.kind === 'code' ? [String(flow.name)] : []));
}

function termsOf(ref: ShardRef, setting: CloudWorkerSetting, life: LifeTime): WorkerTerms {
  const { deployment, runsCode } = setting;
  const { allowedHosts, allowedNetworks, limits } = deployment;
  return {
    guard: new LoadGuard({ allowedHosts, allowedNetworks, run: ref.run }),
    maxRate: limits.maxWorkerRate,
    planProblem: (frozen) =>
      planRefusalOf(frozen, ref, deployment) ?? life.legProblem(frozen, ref.leg),
    endProblem: (endsAtMs) => life.endProblem(endsAtMs, Date.now()),
    readSecrets: ({ plan }: FrozenPlan) => setting.readSecrets(referredIn(plan.requests).secrets),
    warmUp,
    runsCode,
  };
}

import { randomUUID } from 'node:crypto';
import type { Deployment } from '../cloud/deployment.js';
import { ControlWatch } from '../load/control-watch.js';
import { LoadGuard } from '../load/load-guard.js';
import { Pacer } from '../load/pacer.js';
import { RunClock } from '../load/run-clock.js';
import { ThreadHealth } from '../load/thread-health.js';
import { warmUp } from '../load/warm-up.js';
import { type WorkerTerms, work } from '../load/worker.js';
import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import { referredIn } from '../plan/references.js';
import { runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { LifeTime } from './life-time.js';
import type { Meter } from './meter.js';
import { readSecrets } from './secrets.js';
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
}

/**
 * The life of one worker function: checks what it is asked before anything else, and leaves a
 * reason in the store for whatever it refuses. Keeps nothing for the next one in its sandbox.
 */
export async function workInCloud(event: unknown, setting: CloudWorkerSetting): Promise<void> {
  const { store, deployment, region, memoryMb } = setting;
  const order = readWorkerOrder(event);
  if (typeof order === 'string') throw new Error(order);
  const files = runFiles(store, order.ref.run);
  const life = new LifeTime(setting.remainingMs);
  const { maxWorkers } = deployment.limits;
  const early = refusalOf(order, { region, nowMs: Date.now(), maxWorkers });
  if (early !== null) {
    const used = setting.meter.read();
    const refusal = { nonce: randomUUID(), atMs: Date.now(), reason: early, used };
    await files.refused.create({ ...order.ref, region }, refusal);
    return;
  }
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
  await work(order.ref, {
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
    terms: termsOf(order.ref, deployment, life),
    used: () => setting.meter.read(),
  });
}

function termsOf(ref: ShardRef, deployment: Deployment, life: LifeTime): WorkerTerms {
  const { allowedHosts, allowedNetworks, limits, home } = deployment;
  return {
    guard: new LoadGuard({ allowedHosts, allowedNetworks, run: ref.run }),
    maxRate: limits.maxWorkerRate,
    planProblem: (frozen) =>
      planRefusalOf(frozen, ref, deployment) ?? life.legProblem(frozen, ref.leg),
    endProblem: (endsAtMs) => life.endProblem(endsAtMs, Date.now()),
    readSecrets: ({ plan }: FrozenPlan) => readSecrets(referredIn(plan.requests).secrets, home),
    warmUp,
  };
}

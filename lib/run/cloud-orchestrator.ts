import type { Deployment } from '../cloud/deployment.js';
import { UnavailableError, UsageError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { admissionObject } from '../store/admission-object.js';
import { runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { admit, admittedFor } from './admission.js';
import { estimateOf, guardCost, siteOf } from './cost-estimate.js';
import { guardDeployment } from './guard-deployment.js';
import type { FreezeOutcome } from './orchestrate.js';
import type { Clock } from './ports.js';
import { freezeOrder, type OrchestratorEvent, readRunOrder } from './run-order.js';

/** Reads, checks, draws and admits what a run is to be. Done again, it comes to the same. */
export function freezeInCloud(
  { run, plan }: OrchestratorEvent,
  store: Store,
  deployment: Deployment,
  {
    clock,
    legUs,
    execution,
    memoryMb,
  }: {
    readonly clock: Clock;
    readonly legUs: number | null;
    /** ARN of the durable execution that asks. */
    readonly execution: string;
    /** Of the function that asks. */
    readonly memoryMb?: number;
  },
): () => Promise<FreezeOutcome | null> {
  return async () => {
    const kept = await runFiles(store, run).plan.read();
    if (kept && kept.execution !== execution) return null;
    const order = readRunOrder('sha256' in plan ? await inputOf(store, run, plan.sha256) : plan);
    const { limits } = deployment;
    const site = siteOf(deployment, memoryMb);
    const frozen: FrozenPlan = {
      ...freezeOrder(run, order, { legUs, workerRate: limits.maxWorkerRate }),
      execution,
      site,
    };
    try {
      guardDeployment(frozen, deployment);
      guardCost(frozen, estimateOf(frozen, site));
      const nowMs = clock.nowMs();
      const wanted = admittedFor(frozen, limits, nowMs);
      await admit(admissionObject(store), wanted, limits, nowMs);
      // It may come to what it was admitted with, and to no more: others count on the rest.
      return {
        frozen: { ...frozen, site: { ...site, mostUsd: wanted.usd ?? null } },
        refusal: null,
      };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { frozen, refusal: error.message };
    }
  };
}

async function inputOf(store: Store, run: string, sha256: string): Promise<unknown> {
  const bytes = await runFiles(store, run).inputs.read(sha256);
  if (!bytes) throw new UnavailableError(`the plan ${sha256} is not among the inputs of ${run}`);
  return JSON.parse(Buffer.from(bytes).toString());
}

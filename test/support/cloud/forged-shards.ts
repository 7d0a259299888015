import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Deployment, environmentOf } from '../../../lib/cloud/deployment.js';
import { decodeCounters } from '../../../lib/measure/fragment.js';
import type { FrozenPlan } from '../../../lib/plan/frozen-plan.js';
import type { Plan, PlanRequest } from '../../../lib/plan/plan.js';
import { runFiles } from '../../../lib/store/run-files.js';
import type { Store } from '../../../lib/store/store.js';
import { freeze, makePlan, makeRequest, rates } from '../schedule-plans.js';
import { type HandlerCall, HandlerProcess } from './handler-process.js';
import { node24 } from './node24.js';
import type { S3Facts } from './s3-server.js';

const BUNDLE = fileURLToPath(new URL('../../../dist/functions/worker/index.mjs', import.meta.url));

export const REGION = 'eu-west-1';

/** A shard that nobody planned: its plan is put into the bucket, its event sent straight away. */
export interface ForgedShard extends Partial<Omit<HandlerCall, 'event'>> {
  readonly plan?: Partial<Plan>;
  /** What differs in the frozen plan. */
  readonly frozen?: Partial<FrozenPlan> | Record<string, unknown>;
  /** Files that it names. */
  readonly inputs?: readonly Uint8Array[];
  /** What differs in the event, and in the shard that it names. */
  readonly event?: Readonly<Record<string, unknown>>;
  readonly ref?: Readonly<Record<string, unknown>>;
}

/** What became of it. */
export interface Outcome {
  /** Why it was refused, each time. */
  readonly refusals: readonly string[];
  /** What the handler threw. */
  readonly error: string | null;
  readonly totals: Readonly<Record<string, number>> | null;
  readonly failures: readonly { readonly code: number; readonly message: string }[];
}

export function headed(...headers: (readonly [string, string])[]): PlanRequest {
  return { ...makeRequest('GET /', 1), headers };
}

/** Calls a worker's handler with forged shards; control says `go` before it asks. */
export class Forger {
  readonly #store: Store;
  readonly #deployment: Deployment;
  readonly #worker: HandlerProcess;
  #runs = 0;

  static async start(
    facts: S3Facts,
    store: Store,
    deployment: Deployment,
    setting: { readonly logFolder: string; readonly environment?: Record<string, string> },
  ): Promise<Forger> {
    const worker = await HandlerProcess.start({
      node: await node24(),
      bundle: BUNDLE,
      logFile: join(setting.logFolder, `forged-${deployment.prefix}.log`),
      environment: {
        ...environmentOf(deployment),
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: facts.owner.accessKeyId,
        AWS_SECRET_ACCESS_KEY: facts.owner.secretAccessKey,
        AWS_ENDPOINT_URL_S3: facts.endpoint,
        ...setting.environment,
      },
    });
    return new Forger(store, deployment, worker);
  }

  private constructor(store: Store, deployment: Deployment, worker: HandlerProcess) {
    this.#store = store;
    this.#deployment = deployment;
    this.#worker = worker;
  }

  close(): void {
    this.#worker.close();
  }

  /** Puts the plan and the go into the bucket, and says what event would start its worker. */
  async forge(shard: ForgedShard): Promise<{ readonly run: string; readonly event: unknown }> {
    const run = `forged-${this.#deployment.prefix}-${++this.#runs}`;
    const files = runFiles(this.#store, run);
    const plan = makePlan({
      regions: [{ name: REGION, share: 1, workers: 1 }],
      load: rates([20, 20, 1]),
      ...shard.plan,
    });
    const frozen = { ...freeze(plan, { run, where: 'aws' }), ...shard.frozen } as FrozenPlan;
    await Promise.all([
      ...(shard.inputs ?? []).map((bytes) => files.inputs.put(bytes)),
      files.plan.create(frozen),
      files.control.create({
        schema: 'isochrone.control/1',
        startAtMs: Date.now() + 1_500,
        legs: frozen.legs.map(() => ({ state: 'go', void: [] })),
        stop: null,
      }),
    ]);
    const ref = { run, region: REGION, leg: 0, n: 0, attempt: 1, ...shard.ref };
    return { run, event: { protocol: 1, notAfterMs: Date.now() + 55_000, ...shard.event, ref } };
  }

  /** Forges a shard and calls the worker with it. */
  async send(shard: ForgedShard): Promise<Outcome & { readonly run: string }> {
    const { run, event } = await this.forge(shard);
    const { lifeMs, lookups } = shard;
    const error = await this.#worker.call({
      event,
      ...(lifeMs !== undefined && { lifeMs }),
      ...(lookups !== undefined && { lookups }),
    });
    return { run, ...(await this.outcome(run)), error };
  }

  async outcome(run: string): Promise<Omit<Outcome, 'error'>> {
    const files = runFiles(this.#store, run);
    const [refused, [shard], fragments] = await Promise.all([
      files.refused.list(),
      files.manifests.list(),
      files.fragments.list(),
    ]);
    const manifest = shard ? await files.manifests.read(shard) : null;
    const contents = await Promise.all(fragments.map((ref) => files.fragments.read(ref)));
    return {
      refusals: refused.map(({ refusal }) => refusal.reason),
      totals: manifest?.totals ?? null,
      failures: contents.flatMap((bytes) => (bytes ? decodeCounters(bytes).errors : [])),
    };
  }
}

/** Does all of it, a few at a time, in turn. */
export async function fewAtATime<T, R>(
  all: readonly T[],
  few: number,
  work: (one: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < all.length; i = next++) results[i] = await work(all[i]!);
  };
  await Promise.all(Array.from({ length: few }, worker));
  return results;
}

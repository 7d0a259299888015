import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  ALIAS,
  bucketName,
  type DeployedLimits,
  type Deployment,
  environmentOf,
  MERGE_MEMORY_MB,
  mergeName,
  ORCHESTRATOR_MEMORY_MB,
  orchestratorName,
  workerName,
} from '../../../lib/cloud/deployment.js';
import { newRunId } from '../../../lib/plan/freeze.js';
import type { FrozenPlan } from '../../../lib/plan/frozen-plan.js';
import { readPlan } from '../../../lib/plan/read-plan.js';
import type { Report } from '../../../lib/report/report-schema.js';
import { loadReport } from '../../../lib/run/conclude.js';
import { Lambda } from '../../../lib/run/lambda.js';
import type { OrchestratorEvent, RunOrder } from '../../../lib/run/run-order.js';
import { type RunFiles, runFiles } from '../../../lib/store/run-files.js';
import { S3Store } from '../../../lib/store/s3-store.js';
import type { S3Front } from '../s3-front.js';
import type { FaultTarget } from './lambda-faults.js';
import { type LambdaDouble, startLambda } from './lambda-server.js';
import { node24 } from './node24.js';
import { startS3Proxy } from './s3-proxy.js';
import { createBucket, type S3Facts } from './s3-server.js';

const ACCOUNT = '111122223333';
/** A part of a vCPU: workers here share two noisy cores, and none may spin. */
const WORKER_MB = 512;
const BUNDLES = fileURLToPath(new URL('../../../dist/functions', import.meta.url));

export interface DeploymentSetting {
  /** Begins every name, the bucket's too: each test file has its own. */
  readonly prefix: string;
  readonly regions: readonly string[];
  readonly home?: string;
  readonly limits?: Partial<DeployedLimits>;
  readonly allowedHosts?: readonly string[];
  readonly secrets?: readonly string[];
  readonly allowCode?: boolean;
  /** Loopback, as a deployer could open it by hand. */
  readonly allowedNetworks?: readonly string[];
  readonly workerTimeoutMs?: number;
  readonly orchestratorTimeoutMs?: number;
  readonly mergeTimeoutMs?: number;
  /** Scaled, for functions that live shorter than they could. */
  readonly sliceSeconds?: number;
  readonly legSeconds?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** After an invocation of the orchestrator that died. */
  readonly reinvoke?: { readonly delayMs: number; readonly attempts: number };
}

/** All three functions in the double of Lambda, and a bucket behind a proxy that can do harm. */
export class CloudDeployment {
  readonly lambda: LambdaDouble;
  readonly s3: S3Front;
  readonly deployment: Deployment;
  /** Sees the bucket itself: no fault is in its way. */
  readonly store: S3Store;
  readonly logFolder: string;
  readonly #facts: S3Facts;

  static async start(facts: S3Facts, setting: DeploymentSetting): Promise<CloudDeployment> {
    const home = setting.home ?? 'eu-west-1';
    const bucket = bucketName(setting.prefix, ACCOUNT, home);
    await createBucket(facts, bucket);
    const s3 = await startS3Proxy(facts.endpoint);
    const logFolder = await mkdtemp(join(tmpdir(), 'isochrone-cloud-'));
    const lambda = await startLambda({
      logFolder,
      node: await node24(),
      account: ACCOUNT,
      reinvoke: setting.reinvoke ?? { delayMs: 500, attempts: 8 },
      environment: {
        AWS_ACCESS_KEY_ID: facts.owner.accessKeyId,
        AWS_SECRET_ACCESS_KEY: facts.owner.secretAccessKey,
        AWS_ENDPOINT_URL_S3: s3.endpoint,
      },
    });
    const deployment: Deployment = {
      prefix: setting.prefix,
      home,
      bucket,
      regions: setting.regions,
      limits: {
        maxRate: 10_000,
        maxWorkerRate: 1_000,
        maxWorkers: 50,
        maxMinutes: 60,
        maxCost: null,
        ...setting.limits,
      },
      allowedHosts: setting.allowedHosts ?? ['127.0.0.1', 'localhost'],
      allowedNetworks: setting.allowedNetworks ?? ['127.0.0.0/8'],
      secrets: setting.secrets ?? [],
      contact: 'load@example.com',
      memoryMb: WORKER_MB,
      nat: false,
      allowCode: setting.allowCode ?? false,
    };
    const store = S3Store.open({
      bucket,
      region: home,
      endpoint: facts.endpoint,
      credentials: facts.owner,
      patience: { attemptMs: 30_000, withinMs: 60_000 },
    });
    // Its first objects take the server seconds.
    await store.probe();
    return new CloudDeployment(facts, setting, { lambda, s3, deployment, store, logFolder });
  }

  private constructor(
    facts: S3Facts,
    setting: DeploymentSetting,
    parts: Pick<CloudDeployment, 'lambda' | 's3' | 'deployment' | 'store' | 'logFolder'>,
  ) {
    this.#facts = facts;
    this.lambda = parts.lambda;
    this.s3 = parts.s3;
    this.deployment = parts.deployment;
    this.store = parts.store;
    this.logFolder = parts.logFolder;
    this.#register(setting);
  }

  /** What a client on this machine needs in its environment. */
  get environment(): Record<string, string> {
    const { owner } = this.#facts;
    return {
      AWS_ACCESS_KEY_ID: owner.accessKeyId,
      AWS_SECRET_ACCESS_KEY: owner.secretAccessKey,
      AWS_REGION: this.deployment.home,
      AWS_ENDPOINT_URL_S3: this.s3.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: this.lambda.url,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    };
  }

  files(run: string): RunFiles {
    return runFiles(this.store, run);
  }

  /** What a run of a plan's text is asked for with. */
  order(text: string, change: Partial<RunOrder> = {}): RunOrder {
    const plan = readPlan(
      { text, file: 'plan.yaml' },
      { env: {}, where: 'aws', readFile: () => Promise.reject(new Error('no files')) as never },
    );
    return {
      schema: 'isochrone.order/1',
      plan,
      label: null,
      createdAtMs: Date.now(),
      seed: 7,
      workers: null,
      allowUndecided: true,
      // Many processes share two noisy cores here, and what they measure is not the question.
      accepted: ['lag', 'event-loop', 'busy', 'start'],
      ...change,
    };
  }

  /** Has the orchestrator begin a run, as a command line does; returns its id. */
  async start(text: string, change: Partial<RunOrder> = {}): Promise<string> {
    return this.startOrder(this.order(text, change));
  }

  async startOrder(order: RunOrder): Promise<string> {
    const run = newRunId(order.plan.name, order.createdAtMs, randomSuffix());
    await this.lead(run, order, run);
    return run;
  }

  /** Begins an execution of any name that is to lead a run. */
  async lead(run: string, order: RunOrder, execution: string): Promise<void> {
    const sha256 = await this.files(run).inputs.put(Buffer.from(JSON.stringify(order)));
    const event: OrchestratorEvent = { run, plan: { sha256 } };
    Object.assign(process.env, this.environment);
    const { prefix, home } = this.deployment;
    const lambda = new Lambda(home);
    await lambda.send(orchestratorName(prefix), event, execution);
    lambda.close();
  }

  /** Waits for the end; what is wrong is looked for in the functions' logs. */
  async ended(run: string, withinMs = 90_000): Promise<Report> {
    const files = this.files(run);
    await until(`the end of ${run}`, withinMs, async () => {
      return (await files.state.read())?.phase === 'ended';
    });
    return loadReport(this.store, run);
  }

  async running(
    run: string,
    withinMs = 60_000,
  ): Promise<{ frozen: FrozenPlan; startAtMs: number }> {
    const files = this.files(run);
    let startAtMs: number | null = null;
    await until(`the start of ${run}`, withinMs, async () => {
      startAtMs = (await files.control.read().catch(() => null))?.startAtMs ?? null;
      return startAtMs !== null;
    });
    return { frozen: (await files.plan.read())!, startAtMs: startAtMs! };
  }

  async close(): Promise<void> {
    await this.lambda.close();
    await this.s3.close();
    this.store.close();
    // For whoever looks for why a function failed.
    if (process.env.ISOCHRONE_KEEP_LOGS) process.stderr.write(`logs: ${this.logFolder}\n`);
    else await rm(this.logFolder, { recursive: true, force: true });
  }

  #register(setting: DeploymentSetting): void {
    const { prefix, home, regions } = this.deployment;
    const environment = {
      ...environmentOf(this.deployment),
      ...(setting.sliceSeconds && { ISOCHRONE_SLICE_SECONDS: String(setting.sliceSeconds) }),
      ...(setting.legSeconds && { ISOCHRONE_LEG_SECONDS: String(setting.legSeconds) }),
      ...setting.environment,
    };
    // No retries and the shortest age, on the alias that is invoked.
    const asyncConfig = { [ALIAS]: { maximumRetryAttempts: 0, maximumEventAgeS: 60 } };
    const common = { environment, asyncConfig, aliases: [ALIAS] };
    for (const region of regions) {
      this.lambda.registerFunction({
        ...common,
        name: workerName(prefix),
        region,
        bundle: join(BUNDLES, 'worker/index.mjs'),
        timeoutMs: setting.workerTimeoutMs ?? 840_000,
        memory: WORKER_MB,
      });
    }
    this.lambda.registerFunction({
      ...common,
      name: orchestratorName(prefix),
      region: home,
      bundle: join(BUNDLES, 'orchestrator/index.mjs'),
      timeoutMs: setting.orchestratorTimeoutMs ?? 900_000,
      memory: ORCHESTRATOR_MEMORY_MB,
      durable: { executionTimeoutS: 86_400 * 2, retentionDays: 1 },
    });
    this.lambda.registerFunction({
      ...common,
      name: mergeName(prefix),
      region: home,
      bundle: join(BUNDLES, 'merge/index.mjs'),
      timeoutMs: setting.mergeTimeoutMs ?? 300_000,
      memory: MERGE_MEMORY_MB,
    });
    this.lambda.addRule({
      region: home,
      statuses: ['FAILED', 'TIMED_OUT', 'STOPPED'],
      function: mergeName(prefix),
      qualifier: ALIAS,
    });
  }
}

/** Whether an event is for such an attempt, of runs of that plan: to aim a fault at it. */
export function isAttempt(
  { payload }: Pick<FaultTarget, 'payload'>,
  { plan, ...want }: { plan?: string; region?: string; leg?: number; n?: number; attempt?: number },
): boolean {
  const ref = (payload as { ref?: Record<string, unknown> } | null)?.ref;
  if (ref === undefined) return false;
  if (plan !== undefined && !String(ref.run).includes(`-${plan}-`)) return false;
  return Object.entries(want).every(([name, value]) => ref[name] === value);
}

export async function until(
  what: string,
  withinMs: number,
  holds: () => Promise<boolean> | boolean,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > untilMs) throw new Error(`waited ${withinMs} ms for ${what}`);
    await sleep(100);
  }
}

/** A target that knows what it heard, and when. */
export interface CountingTarget {
  readonly url: string;
  /** Of each request, ms since the epoch, in order. */
  readonly heardAtMs: readonly number[];
  close(): void;
}

export async function countingTarget(answersAfterMs = 5): Promise<CountingTarget> {
  const heardAtMs: number[] = [];
  const server: Server = createServer((request, response) => {
    heardAtMs.push(Date.now());
    request.resume();
    setTimeout(() => response.end('hello'), answersAfterMs);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heardAtMs,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function randomSuffix(): string {
  return Math.floor(Math.random() * 65_536)
    .toString(16)
    .padStart(4, '0');
}

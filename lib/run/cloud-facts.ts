import {
  bucketName,
  deploymentFrom,
  mergeName,
  orchestratorName,
  workerName,
} from '../cloud/deployment.js';
import { type Admitted, admissionObject } from '../store/admission-object.js';
import { S3Store } from '../store/s3-store.js';
import { bootstrapVersion } from './bootstrap.js';
import { type Egress, egressOf } from './egress.js';
import { type RegionState, regionStates } from './enabled-regions.js';
import { type Concurrency, type FunctionSettings, Lambda } from './lambda.js';

/** What was found out, or why it was not. */
export type Told<T> = { readonly value: T } | { readonly trouble: string };

/** An account as a deployment finds it, or is found in it. Nothing here is judged. */
export interface CloudFacts {
  readonly prefix: string;
  readonly account: string;
  readonly home: string;
  readonly states: Told<ReadonlyMap<string, RegionState>>;
  /** Whether `home` has durable functions. */
  readonly durable: Told<boolean>;
  readonly orchestrator: Told<FunctionSettings | null>;
  readonly merge: Told<FunctionSettings | null>;
  /** What runs in progress hold; null where there is no bucket. */
  readonly admitted: Told<readonly Admitted[] | null>;
  /** Home first, then where workers are or are wanted. */
  readonly wanted: readonly string[];
  /** The same, without those that are turned off: nothing there answers. */
  readonly regions: readonly RegionFacts[];
}

export interface RegionFacts {
  readonly region: string;
  /** Whether load is to come from there. */
  readonly loads: boolean;
  readonly bootstrap: Told<number | null>;
  readonly worker: Told<FunctionSettings | null>;
  readonly concurrency: Told<Concurrency>;
  readonly egress: Told<readonly Egress[]>;
}

interface Sought {
  readonly prefix: string;
  readonly account: string;
  readonly home: string;
  /** Where load is to come from, besides where the deployment says that it has workers. */
  readonly regions: readonly string[];
  /** Subnets that workers are to be put into, by region, before any are. */
  readonly subnets?: Readonly<Record<string, readonly string[]>>;
}

/** What AWS lets run at a time in a region, unless an account is new or has asked for more. */
export const USUAL_CONCURRENCY = 1_000;

/** Asks everything at once, and goes on where something is not told. */
export async function cloudFacts(sought: Sought): Promise<CloudFacts> {
  const { prefix, account, home } = sought;
  const lambda = new Lambda(home);
  try {
    const [states, orchestrator, merge, admitted] = await Promise.all([
      told(() => regionStates(home)),
      told(() => lambda.settings(orchestratorName(prefix))),
      told(() => lambda.settings(mergeName(prefix))),
      told(() => admittedIn(bucketName(prefix, account, home), account, home)),
    ]);
    const durable = known(orchestrator)?.durable
      ? { value: true }
      : await told(() => lambda.knowsDurable());
    const loads = new Set([...sought.regions, ...deployedRegions(orchestrator)]);
    const off = new Set(
      [...(known(states) ?? [])].filter(([, state]) => state !== 'enabled').map(([name]) => name),
    );
    const wanted = [...new Set([home, ...loads])];
    const regions = await Promise.all(
      wanted
        .filter((region) => !off.has(region))
        .map((region) => regionFacts(region, loads.has(region), sought)),
    );
    const functions = { orchestrator, merge };
    return { prefix, account, home, states, durable, ...functions, admitted, wanted, regions };
  } finally {
    lambda.close();
  }
}

/** What is known for certain, if it is. */
export function known<T>(told: Told<T>): T | null {
  return 'value' in told ? told.value : null;
}

/** Where a deployment says that it has workers; nowhere if there is none, or it is not told. */
export function deployedRegions(orchestrator: CloudFacts['orchestrator']): readonly string[] {
  const settings = known(orchestrator);
  return settings === null ? [] : deploymentFrom(settings.environment).regions;
}

async function regionFacts(
  region: string,
  loads: boolean,
  { prefix, subnets = {} }: Sought,
): Promise<RegionFacts> {
  const lambda = new Lambda(region);
  try {
    const [bootstrap, worker, concurrency] = await Promise.all([
      told(() => bootstrapVersion(region)),
      told(() => lambda.settings(workerName(prefix))),
      told(() => lambda.concurrency()),
    ]);
    const within = known(worker)?.subnets ?? subnets[region] ?? [];
    const egress = await told(() => egressOf(region, within));
    return { region, loads, bootstrap, worker, concurrency, egress };
  } finally {
    lambda.close();
  }
}

async function admittedIn(
  bucket: string,
  accountId: string,
  region: string,
): Promise<readonly Admitted[] | null> {
  const store = S3Store.open({ bucket, region, accountId });
  try {
    return await admissionObject(store).read();
  } catch (error) {
    const { cause } = error as { cause?: { name?: string } };
    if (cause?.name === 'NoSuchBucket') return null;
    throw error;
  } finally {
    store.close();
  }
}

async function told<T>(ask: () => Promise<T>): Promise<Told<T>> {
  try {
    return { value: await ask() };
  } catch (error) {
    const { name, message } = error as Error;
    const named = /^(Error|UnavailableError)$/.test(name) ? '' : `${name}: `;
    return { trouble: `${named}${message.split('\n')[0]}` };
  }
}

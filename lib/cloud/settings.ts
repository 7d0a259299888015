import { ContextValues } from './context-values.js';
import {
  bucketName,
  DEFAULT_PREFIX,
  type Deployment,
  environmentOf,
  WORKER_MEMORY_MB,
} from './deployment.js';
import { hostProblem } from './host-setting.js';
import { networkProblem } from './network-setting.js';
import { isRegionName, lacksDurableFunctions, partitionOf } from './partition.js';
import { readSubnets, type WorkerNetwork } from './subnet-setting.js';

/** All that is decided when a deployment is made; the bucket's name waits for the account. */
export interface CloudSettings {
  readonly deployment: Omit<Deployment, 'bucket'>;
  /** How long raw measurements and logs are kept. */
  readonly retentionDays: number;
  /** By region; where there is none, workers reach the world through Lambda's own network. */
  readonly networks: Readonly<Record<string, WorkerNetwork>>;
  /** ARN of the key that encrypts the bucket; null: S3's own. */
  readonly kmsKey: string | null;
  /** Bucket that S3 writes access logs to. */
  readonly accessLogs: string | null;
  /** Where Lambda keeps concurrency free for workers, and gives them no more. */
  readonly reserve: readonly string[];
}

/** Every setting of CDK's context, as `-c NAME=VALUE` or in cdk.json. */
export const SETTINGS = [
  'regions',
  'home',
  'allowedHosts',
  'allowedNetworks',
  'maxRate',
  'maxWorkerRate',
  'maxWorkers',
  'maxMinutes',
  'maxCost',
  'memory',
  'prefix',
  'retentionDays',
  'secrets',
  'allowCode',
  'contact',
  'subnets',
  'kmsKey',
  'accessLogs',
  'reserve',
] as const;

export const DEFAULT_LIMITS = {
  maxRate: 1_000,
  maxWorkerRate: 1_000,
  maxWorkers: 10,
  maxMinutes: 60,
  maxCost: 10,
} as const;
export const DEFAULT_RETENTION_DAYS = 30;

/** About the longest run that an orchestrator can lead. */
const LONGEST_RUN_MINUTES = 34 * 60;
const DAY_MINUTES = 24 * 60;
/** With account and region it must fit into the 63 characters of a bucket's name. */
const PREFIX = /^(?!xn--|sthree-|amzn-s3-demo-|aws)[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?$/;
const SECRET = /^[\w/+=.@-]{1,512}$/;
/** Bytes that Lambda gives a function for all its variables; some are left for what may come. */
const ENVIRONMENT_BYTES = 4_096 - 256;

/** What deployed workers of a region may be at once: two legs while one relieves the other, and two spare. */
export function reservedConcurrency(maxWorkers: number): number {
  return 2 * maxWorkers + 2;
}

export function deploymentIn({ deployment }: CloudSettings, account: string): Deployment {
  const { prefix, home } = deployment;
  return { ...deployment, bucket: bucketName(prefix, account, home) };
}

/**
 * Reads the settings of a deployment; throws a UsageError that names all mistakes. `region`: the
 * home, where none is said.
 */
export function readSettings(
  context: Readonly<Record<string, unknown>>,
  region: string,
): CloudSettings {
  const values = new ContextValues(context);
  values.expect(SETTINGS);
  const home = values.text('home') ?? region;
  const places = values.list('regions');
  const regions = places.length > 0 ? places : [home];
  const maxMinutes = values.number('maxMinutes', DEFAULT_LIMITS.maxMinutes, {
    least: 1,
    most: LONGEST_RUN_MINUTES,
  });
  const networks = readSubnets(values, regions);
  const settings: CloudSettings = {
    deployment: {
      prefix: readPrefix(values),
      home,
      regions,
      limits: {
        maxRate: values.number('maxRate', DEFAULT_LIMITS.maxRate, { least: 1, most: 10_000_000 }),
        maxWorkerRate: values.number('maxWorkerRate', DEFAULT_LIMITS.maxWorkerRate, {
          least: 1,
          most: 100_000,
        }),
        maxWorkers: values.number('maxWorkers', DEFAULT_LIMITS.maxWorkers, {
          least: 1,
          most: 2_500,
          whole: true,
        }),
        maxMinutes,
        maxCost: readMaxCost(values),
      },
      allowedHosts: checked(values, 'allowedHosts', hostProblem),
      allowedNetworks: checked(values, 'allowedNetworks', networkProblem),
      secrets: checked(values, 'secrets', secretProblem),
      contact: readContact(values),
      memoryMb: values.number('memory', WORKER_MEMORY_MB, {
        least: 128,
        most: 10_240,
        whole: true,
        unit: ' MB',
      }),
      nat: Object.keys(networks).length > 0,
      allowCode: values.flag('allowCode'),
    },
    retentionDays: readRetention(values, maxMinutes),
    networks,
    kmsKey: readKey(values, home),
    accessLogs: readAccessLogs(values),
    reserve: values.list('reserve'),
  };
  checkPlaces(values, settings);
  checkSize(values, settings);
  values.settle();
  return settings;
}

function checked(
  values: ContextValues,
  name: (typeof SETTINGS)[number],
  problemOf: (text: string) => string | null,
): readonly string[] {
  const list = values.list(name);
  for (const text of list) {
    const problem = problemOf(text);
    if (problem !== null) values.problem(name, problem);
  }
  return list;
}

function secretProblem(text: string): string | null {
  if (SECRET.test(text)) return null;
  return `'${text}' names no secret: write its name in Secrets Manager, letters, digits and /_+=.@-`;
}

function readPrefix(values: ContextValues): string {
  const prefix = values.text('prefix') ?? DEFAULT_PREFIX;
  if (!PREFIX.test(prefix)) {
    values.problem(
      'prefix',
      `'${prefix}' begins the names of functions, roles and the bucket: at most 20 small letters, digits and dashes, first a letter, and not aws`,
    );
  }
  return prefix;
}

function readMaxCost(values: ContextValues): number | null {
  if (values.text('maxCost') === 'none') return null;
  return values.number('maxCost', DEFAULT_LIMITS.maxCost, {
    least: 0.01,
    most: 1_000_000,
    unit: ' US dollars, or none',
  });
}

/** It stands in parentheses behind the user agent of every request. */
function readContact(values: ContextValues): string | null {
  const contact = values.text('contact');
  if (contact === null || /^[\x20-\x7e]{1,200}$/.test(contact.replace(/[()\\]/g, '\n'))) {
    return contact;
  }
  values.problem(
    'contact',
    `'${contact}' goes into a header of every request: an address of at most 200 ASCII characters, without parentheses and backslashes`,
  );
  return contact;
}

function readRetention(values: ContextValues, maxMinutes: number): number {
  const days = values.number('retentionDays', DEFAULT_RETENTION_DAYS, {
    least: 1,
    most: 3_650,
    whole: true,
    unit: ' days',
  });
  // S3 counts from midnight to midnight: what a run needs must not expire before its end.
  const least = Math.ceil(maxMinutes / DAY_MINUTES) + 1;
  if (days < least) {
    values.problem(
      'retentionDays',
      `${days} is too short: a run of ${maxMinutes} minutes (maxMinutes) needs its measurements for ${least} days`,
    );
  }
  return days;
}

function readKey(values: ContextValues, home: string): string | null {
  const arn = values.text('kmsKey');
  if (arn === null) return null;
  const [, partition, region] =
    /^arn:([\w-]+):kms:([\w-]+):\d{12}:key\/(?:mrk-)?[0-9a-f-]{32,36}$/.exec(arn) ?? [];
  if (region === undefined) {
    values.problem(
      'kmsKey',
      `'${arn}' is no key's ARN: arn:${partitionOf(home)}:kms:${home}:ACCOUNT:key/ID`,
    );
  } else if (region !== home || partition !== partitionOf(home)) {
    values.problem('kmsKey', `the key is in ${region}, and the bucket will be in ${home}`);
  }
  return arn;
}

function readAccessLogs(values: ContextValues): string | null {
  const bucket = values.text('accessLogs');
  if (bucket !== null && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    values.problem('accessLogs', `'${bucket}' is no bucket: name one in the home region`);
  }
  return bucket;
}

function checkPlaces(values: ContextValues, { deployment, reserve }: CloudSettings): void {
  const { home, regions } = deployment;
  if (!isRegionName(home)) {
    values.problem('home', `'${home}' is no region: write one as AWS calls it, eu-west-1`);
  } else if (lacksDurableFunctions(home)) {
    values.problem(
      'home',
      `Lambda has no durable functions in ${home}, and the orchestrator is one: deploy elsewhere`,
    );
  }
  for (const region of regions) {
    if (!isRegionName(region)) {
      values.problem('regions', `'${region}' is no region: write one as AWS calls it, eu-west-1`);
    } else if (isRegionName(home) && partitionOf(region) !== partitionOf(home)) {
      values.problem(
        'regions',
        `${region} is in ${partitionOf(region)} and home, ${home}, in ${partitionOf(home)}: those know nothing of each other; make a deployment in each`,
      );
    }
  }
  for (const region of reserve.filter((one) => !regions.includes(one))) {
    values.problem('reserve', `there will be no workers in ${region}: ${regions.join(', ')}`);
  }
}

function checkSize(values: ContextValues, settings: CloudSettings): void {
  const environment = environmentOf(deploymentIn(settings, '000000000000'));
  const bytes = Object.entries(environment).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(`${name}${value}`),
    0,
  );
  if (bytes <= ENVIRONMENT_BYTES) return;
  values.problem(
    'allowedHosts',
    `all settings together are ${bytes} bytes, and Lambda gives a function ${ENVIRONMENT_BYTES}: allow fewer hosts, networks or secrets, or make several deployments`,
  );
}

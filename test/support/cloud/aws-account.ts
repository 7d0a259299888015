import {
  ALIAS,
  bucketName,
  type Deployment,
  environmentOf,
  mergeName,
  orchestratorName,
  VERSION_VARIABLE,
  WORKER_MEMORY_MB,
  workerName,
} from '../../../lib/cloud/deployment.js';
import type { Admitted } from '../../../lib/store/admission-object.js';
import { S3Store } from '../../../lib/store/s3-store.js';
import { startFakeS3 } from '../fake-s3.js';
import { startAccount } from './account-server.js';
import { type NetworkSpec, startEc2 } from './ec2-server.js';
import type { FunctionSpec } from './lambda-function.js';
import { startLambda } from './lambda-server.js';
import { startSsm } from './ssm-server.js';
import { startSts } from './sts-server.js';

export const ACCOUNT = '111122223333';
export const HOME = 'eu-west-1';
const KEYS = { accessKeyId: 'AKIAGOOD', secretAccessKey: 'secret' };

/** An account in which all is well, save what is said here. */
export interface AccountSetting {
  readonly prefix?: string;
  /** Where there are workers; null: nothing is deployed at all. */
  readonly regions?: readonly string[] | null;
  /** Where the deployment believes that there are, if elsewhere. */
  readonly believed?: readonly string[];
  readonly version: string;
  readonly deployment?: Partial<Deployment>;
  readonly worker?: Partial<Deployment>;
  readonly reservedConcurrency?: number;
  readonly subnets?: readonly string[];
  readonly network?: NetworkSpec;
  readonly durable?: boolean;
  readonly durableRegions?: readonly string[];
  readonly accountLimits?: Readonly<Record<string, number>>;
  /** Versions of the CDK's bootstrap by region. */
  readonly bootstrap?: Readonly<Record<string, number>>;
  /** Regions whose parameters nobody may read. */
  readonly denied?: readonly string[];
  /** By region; null: nobody may ask. */
  readonly states?: Readonly<Record<string, string>> | null;
  readonly admitted?: readonly Admitted[];
  /** Regions that are turned off so that not even its owner is known there. */
  readonly off?: readonly string[];
}

export interface AwsAccount {
  /** What the command line needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const USUAL = { 'eu-west-1': 21, 'us-east-1': 21, 'ap-east-1': 21 };
const STATES = {
  'eu-west-1': 'ENABLED_BY_DEFAULT',
  'us-east-1': 'ENABLED_BY_DEFAULT',
  'ap-east-1': 'ENABLED',
  'ap-south-2': 'DISABLED',
};

/** Doubles of all services that are asked about an account, on loopback. */
export async function startAwsAccount(setting: AccountSetting): Promise<AwsAccount> {
  const { prefix = 'isochrone', regions = [HOME, 'us-east-1'] } = setting;
  const { states = STATES, bootstrap = USUAL, denied = [] } = setting;
  const bucket = bucketName(prefix, ACCOUNT, HOME);
  const [s3, sts, ssm, account, ec2, lambda] = await Promise.all([
    startFakeS3(),
    startSts({
      account: ACCOUNT,
      accessKeys: [KEYS.accessKeyId],
      expired: ['AKIAOLD'],
      off: setting.off ?? [],
    }),
    startSsm(bootstrap, denied),
    startAccount(() => states),
    startEc2(setting.network ?? { subnets: {}, tables: [] }),
    startLambda({
      logFolder: '/nowhere',
      account: ACCOUNT,
      ...(setting.accountLimits && { accountLimits: setting.accountLimits }),
      ...(setting.durableRegions && { durableRegions: setting.durableRegions }),
    }),
  ]);
  const harm = { do: 'refuse', status: 404, code: 'NoSuchBucket' } as const;
  s3.fault({ when: (request) => regions === null || request.bucket !== bucket, harm });
  if (regions !== null) {
    for (const spec of functionsOf(setting, prefix, regions)) lambda.registerFunction(spec);
    const store = S3Store.open({ bucket, region: HOME, endpoint: s3.endpoint, credentials: KEYS });
    const admission = { schema: 'isochrone.admission/1', entries: setting.admitted ?? [] };
    await store.write('admission.json', Buffer.from(JSON.stringify(admission)));
    store.close();
  }
  return {
    env: {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_REGION: HOME,
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_ENDPOINT_URL_STS: sts.url,
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_ENDPOINT_URL_ACCOUNT: account.url,
      AWS_ENDPOINT_URL_EC2: ec2.url,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    },
    close: async () => {
      await Promise.all([s3, sts, ssm, account, ec2, lambda].map((one) => one.close()));
    },
  };
}

function functionsOf(
  setting: AccountSetting,
  prefix: string,
  regions: readonly string[],
): FunctionSpec[] {
  const { reservedConcurrency, subnets, durable = true, version } = setting;
  const deployment: Deployment = {
    prefix,
    home: HOME,
    bucket: bucketName(prefix, ACCOUNT, HOME),
    regions: setting.believed ?? regions,
    limits: {
      maxRate: 1_000,
      maxWorkerRate: 1_000,
      maxWorkers: 10,
      maxMinutes: 60,
      maxCost: 10,
    },
    allowedHosts: ['shop.example.com'],
    allowedNetworks: [],
    secrets: [],
    contact: null,
    memoryMb: WORKER_MEMORY_MB,
    nat: false,
    allowCode: false,
    ...setting.deployment,
  };
  const common = (one: Deployment) => ({
    bundle: '/nowhere/index.mjs',
    timeoutMs: 900_000,
    memory: 1_024,
    aliases: [ALIAS],
    environment: { ...environmentOf(one), [VERSION_VARIABLE]: version },
  });
  const leading = { ...common(deployment), region: HOME };
  return [
    {
      ...leading,
      name: orchestratorName(prefix),
      ...(durable && { durable: { executionTimeoutS: 172_800, retentionDays: 30 } }),
    },
    { ...leading, name: mergeName(prefix) },
    ...regions.map((region) => ({
      ...common({ ...deployment, ...setting.worker }),
      region,
      name: workerName(prefix),
      ...(reservedConcurrency !== undefined && { reservedConcurrency }),
      ...(subnets && { subnets }),
    })),
  ];
}

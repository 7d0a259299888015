import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Answer, S3Backend } from '../s3-front.js';
import { startAccount } from './account-server.js';
import { type AwsCall, type AwsFront, startFront } from './aws-front.js';
import { DeployedFunctions } from './deployed-functions.js';
import type { FunctionSpec } from './lambda-function.js';
import { type LambdaDouble, startLambda } from './lambda-server.js';
import { type Moto, startMoto } from './moto-server.js';
import { node24 } from './node24.js';
import { onwardTo } from './s3-proxy.js';
import type { S3Facts } from './s3-server.js';
import type { SignedServer } from './signed-server.js';

/** Workers share two noisy cores, and none may spin: they are given a part of a vCPU. */
const WORKER_MB = 512;
/** Which regions there are, for this account. */
const STATES = { 'eu-west-1': 'ENABLED_BY_DEFAULT', 'us-east-1': 'ENABLED_BY_DEFAULT' };
/** Calls after which other functions and buckets may be deployed than before. */
const CHANGING = /Action=(ExecuteChangeSet|CreateStack|UpdateStack|DeleteStack)\b/;

/** Answers in place of AWS, or gives the call on. */
export type Interference = (call: AwsCall) => S3Answer | null;

/**
 * One account at one address. An emulator of AWS deploys and knows what was deployed, but neither
 * runs nor stores as AWS does: the functions that it has are run by the double of Lambda, from the
 * code that was published, and the buckets that it has are kept by a real S3 server. Those of the
 * CDK's bootstrap stay with the emulator, which reads templates from them.
 */
export class EmulatedAws {
  readonly moto: Moto;
  readonly lambda: LambdaDouble;
  interference: Interference = () => null;
  readonly #facts: S3Facts;
  readonly #folder: string;
  readonly #deployed: DeployedFunctions;
  readonly #s3: S3Client;
  readonly #regions = new Set<string>();
  readonly #account: SignedServer;
  readonly #onward: Readonly<Record<'moto' | 'account' | 'lambda' | 's3', S3Backend>>;
  #front: AwsFront | null = null;
  /** Settled: what is run and kept is what is deployed. */
  #mirrored: Promise<void> = Promise.resolve();

  static async start(account: string, facts: S3Facts): Promise<EmulatedAws> {
    const folder = await mkdtemp(join(tmpdir(), 'isochrone-aws-'));
    const [moto, states, lambda] = await Promise.all([
      startMoto(account),
      startAccount(() => STATES),
      startLambda({
        ...{ account, node: await node24(), logFolder: join(folder, 'logs') },
        reinvoke: { delayMs: 500, attempts: 8 },
        environment: {
          AWS_ACCESS_KEY_ID: facts.owner.accessKeyId,
          AWS_SECRET_ACCESS_KEY: facts.owner.secretAccessKey,
          AWS_ENDPOINT_URL_S3: facts.endpoint,
        },
      }),
    ]);
    const aws = new EmulatedAws({ moto, account: states, lambda, facts, folder });
    aws.#front = await startFront((call) => aws.#answer(call));
    return aws;
  }

  private constructor(parts: {
    readonly moto: Moto;
    readonly account: SignedServer;
    readonly lambda: LambdaDouble;
    readonly facts: S3Facts;
    readonly folder: string;
  }) {
    this.moto = parts.moto;
    this.lambda = parts.lambda;
    this.#account = parts.account;
    this.#facts = parts.facts;
    this.#folder = parts.folder;
    this.#onward = {
      moto: onwardTo(parts.moto.url),
      account: onwardTo(parts.account.url),
      lambda: onwardTo(parts.lambda.url),
      s3: onwardTo(parts.facts.endpoint),
    };
    this.#deployed = new DeployedFunctions(parts.moto, join(parts.folder, 'code'));
    this.#s3 = new S3Client({
      ...{ endpoint: parts.facts.endpoint, credentials: parts.facts.owner, region: 'us-east-1' },
      forcePathStyle: true,
    });
  }

  /** What programs need in their environment to take this for AWS. */
  get environment(): Record<string, string> {
    const { owner } = this.#facts;
    return {
      AWS_ENDPOINT_URL: this.#front?.url ?? '',
      AWS_ACCESS_KEY_ID: owner.accessKeyId,
      AWS_SECRET_ACCESS_KEY: owner.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      // It keeps in there which account a key belongs to, and takes no notice of HOME.
      CDK_HOME: join(this.#folder, 'cdk'),
    };
  }

  async close(): Promise<void> {
    await this.#front?.close();
    await Promise.all([this.lambda.close(), this.#account.close(), this.moto.close()]);
    this.#deployed.close();
    this.#s3.destroy();
    if (process.env.ISOCHRONE_KEEP_LOGS) process.stderr.write(`logs: ${this.#folder}/logs\n`);
    else await rm(this.#folder, { recursive: true, force: true });
  }

  async #answer(call: AwsCall): Promise<S3Answer> {
    const interfered = this.interference(call);
    if (interfered !== null) return interfered;
    await this.#mirrored;
    const { service, region, method, url } = call;
    const { moto, account, lambda, s3 } = this.#onward;
    if (service === 'account') return account(call);
    if (service === 'lambda') return lambda(call);
    if (service === 's3' && !url.startsWith('/cdk-')) {
      // A bucket that is deleted is deleted for the emulator, too.
      if (method === 'DELETE' && /^\/[^/?]+\/?(\?|$)/.test(url)) await moto(call);
      return s3(call);
    }
    const answer = await moto(call);
    if (service === 'cloudformation' && CHANGING.test(call.body.toString())) {
      this.#regions.add(region);
      this.#mirrored = this.#mirrored.then(() => this.#mirror());
    }
    return answer;
  }

  async #mirror(): Promise<void> {
    for (const region of this.#regions) {
      const specs = await this.#deployed.in(region);
      this.lambda.removeFunctions(region);
      for (const spec of specs) this.lambda.registerFunction(runnable(spec));
    }
    for (const Bucket of await this.#deployed.buckets()) {
      if (Bucket.startsWith('cdk-')) continue;
      const there = await this.#s3.send(new HeadBucketCommand({ Bucket })).catch(() => null);
      if (there === null) await this.#s3.send(new CreateBucketCommand({ Bucket }));
    }
  }
}

/** As it is deployed, but that it may load this machine, as a deployer could allow it by hand. */
function runnable(spec: FunctionSpec): FunctionSpec {
  return {
    ...spec,
    environment: { ...spec.environment, ISOCHRONE_ALLOWED_NETWORKS: '127.0.0.0/8' },
    ...(spec.name.endsWith('-worker') && { memory: WORKER_MB }),
  };
}

import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type FunctionConfiguration,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  LambdaClient,
  ListAliasesCommand,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import type { FunctionSpec } from './lambda-function.js';
import type { Moto } from './moto-server.js';

const run = promisify(execFile);
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Reads out of an emulator what has been deployed into it, so that it can be run. */
export class DeployedFunctions {
  readonly #moto: Moto;
  readonly #folder: string;
  readonly #s3: S3Client;

  /** `folder` is for the code of the functions. */
  constructor(moto: Moto, folder: string) {
    this.#moto = moto;
    this.#folder = folder;
    this.#s3 = new S3Client({
      ...{ endpoint: moto.url, region: 'us-east-1', credentials: CREDENTIALS },
      forcePathStyle: true,
    });
  }

  /** Names of all buckets, those of the CDK's bootstrap among them. */
  async buckets(): Promise<string[]> {
    const { Buckets = [] } = await this.#s3.send(new ListBucketsCommand({}));
    return Buckets.map(({ Name = '' }) => Name);
  }

  /** All that have an alias, as it is told, with the code that was put into the CDK's bucket. */
  async in(region: string): Promise<FunctionSpec[]> {
    const client = new LambdaClient({
      endpoint: this.#moto.url,
      region,
      credentials: CREDENTIALS,
    });
    try {
      const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
      return await Promise.all(
        Functions.map(({ FunctionName = '' }) => this.#spec(client, region, FunctionName)),
      );
    } finally {
      client.destroy();
    }
  }

  close(): void {
    this.#s3.destroy();
  }

  async #spec(client: LambdaClient, region: string, name: string): Promise<FunctionSpec> {
    const FunctionName = name;
    const { Aliases = [] } = await client.send(new ListAliasesCommand({ FunctionName }));
    const aliases = Aliases.map((alias) => alias.Name ?? '');
    const [Qualifier = '$LATEST'] = aliases;
    const asked = { FunctionName, Qualifier };
    const { Code, Concurrency } = await client.send(new GetFunctionCommand({ FunctionName }));
    const told = await client.send(new GetFunctionConfigurationCommand(asked));
    const async = await client.send(new GetFunctionEventInvokeConfigCommand(asked));
    const reserved = Concurrency?.ReservedConcurrentExecutions;
    return {
      ...{ name, region, aliases },
      bundle: join(await this.#code(region, Code?.Location ?? ''), 'index.mjs'),
      handler: told.Handler ?? '',
      timeoutMs: (told.Timeout ?? 0) * 1_000,
      memory: told.MemorySize ?? 0,
      environment: told.Environment?.Variables ?? {},
      asyncConfig: {
        [Qualifier]: {
          ...(async.MaximumRetryAttempts !== undefined && {
            maximumRetryAttempts: async.MaximumRetryAttempts,
          }),
          ...(async.MaximumEventAgeInSeconds !== undefined && {
            maximumEventAgeS: async.MaximumEventAgeInSeconds,
          }),
        },
      },
      ...(reserved !== undefined && { reservedConcurrency: reserved }),
      ...durableOf(told),
    };
  }

  /** The folder of a function's code, as it was published. */
  async #code(region: string, location: string): Promise<string> {
    const key = location.split('/').at(-1) ?? '';
    const folder = join(this.#folder, region, key.replace(/\.zip$/, ''));
    await mkdir(folder, { recursive: true });
    const bucket = (await this.buckets()).find(
      (name) => name.startsWith('cdk-') && name.endsWith(`-${region}`),
    );
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const file = join(folder, key);
    await writeFile(file, await Body!.transformToByteArray());
    await run(join(this.#moto.bin, 'python'), ['-m', 'zipfile', '-e', file, folder]);
    return folder;
  }
}

function durableOf({ DurableConfig }: FunctionConfiguration): Pick<FunctionSpec, 'durable'> {
  if (DurableConfig === undefined) return {};
  const { ExecutionTimeout = 0, RetentionPeriodInDays = 0 } = DurableConfig;
  return { durable: { executionTimeoutS: ExecutionTimeout, retentionDays: RetentionPeriodInDays } };
}

import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetAccountSettingsCommand,
  GetDurableExecutionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  StopDurableExecutionCommand,
} from '@aws-sdk/client-lambda';
import { ALIAS, mergeName, orchestratorName, workerName } from '../cloud/deployment.js';
import { UnavailableError } from '../errors.js';
import { PROTOCOL, type ShardRef } from '../plan/frozen-plan.js';
import type { RunEnd } from '../store/control.js';
import { silenceNodeWarning } from '../store/node-warning.js';
import type { Place } from '../store/run-files.js';
import { NOT_AFTER_MS } from './cloud-timing.js';
import type { MergeOrder } from './merge-order.js';
import type { Invoker, Merger } from './ports.js';
import type { OrchestratorEvent } from './run-order.js';
import type { WorkerOrder } from './worker-order.js';

const CONNECT_MS = 5_000;
const ANSWER_MS = 20_000;
/** What Lambda cannot take at the moment is asked for again, this often. */
const ATTEMPTS = 4;
const PAUSE_MS = 250;
const PASSING = new Set([
  'TooManyRequestsException',
  'ServiceException',
  'EC2ThrottledException',
  'TimeoutError',
  'InternalFailure',
]);

/** A function as it is deployed. */
export interface FunctionSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly durable: boolean;
  /** Invocations at a time that are kept for it; null: it has none of its own. */
  readonly reserved: number | null;
  /** Of a network of its owner's; none where it is in Lambda's own. */
  readonly subnets: readonly string[];
}

/** Invocations at a time in a region, of all functions of the account. */
export interface Concurrency {
  readonly limit: number;
  /** What no function has reserved for itself. */
  readonly unreserved: number;
}

/** Lambda in one region, with a deadline for each call. The client's own retries are off. */
export class Lambda {
  readonly #client: LambdaClient;
  readonly #region: string;

  constructor(region: string) {
    silenceNodeWarning();
    this.#region = region;
    this.#client = new LambdaClient({
      region,
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        requestTimeout: ANSWER_MS,
        throwOnRequestTimeout: true,
      },
    });
  }

  close(): void {
    this.#client.destroy();
  }

  /**
   * Hands an event to a function; that it was accepted says nothing about whether it runs. Of a
   * durable function it gives the ARN of the execution.
   */
  async send(name: string, event: unknown, durableName?: string): Promise<string | null> {
    const command = new InvokeCommand({
      FunctionName: name,
      Qualifier: ALIAS,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(event)),
      ...(durableName !== undefined && { DurableExecutionName: durableName }),
    });
    for (let attempt = 1; ; attempt++) {
      try {
        const abortSignal = AbortSignal.timeout(ANSWER_MS);
        const { DurableExecutionArn } = await this.#client.send(command, { abortSignal });
        return DurableExecutionArn ?? null;
      } catch (error) {
        const { name: kind } = error as Error;
        // Of a durable execution it is the name that makes it one: asked twice, it runs once.
        if (attempt < ATTEMPTS && (PASSING.has(kind) || kind === 'AbortError')) {
          await sleep(Math.random() * PAUSE_MS * 2 ** attempt);
          continue;
        }
        throw this.#trouble(name, error as Error);
      }
    }
  }

  /** Ends a durable execution at once, whatever it does. */
  async stop(executionArn: string, cause: string): Promise<void> {
    const command = new StopDurableExecutionCommand({
      DurableExecutionArn: executionArn,
      Error: { ErrorType: 'Stopped', ErrorMessage: cause },
    });
    await this.#ask('stop the orchestrator', (within) => this.#client.send(command, within));
  }

  /** How a durable execution stands: RUNNING, SUCCEEDED, FAILED, …, and why. */
  async execution(executionArn: string): Promise<{ status: string; cause: string | null }> {
    const command = new GetDurableExecutionCommand({ DurableExecutionArn: executionArn });
    const found = await this.#ask('look at the orchestrator', (within) =>
      this.#client.send(command, within),
    );
    return { status: found.Status ?? 'UNKNOWN', cause: found.Error?.ErrorMessage ?? null };
  }

  /** What the alias of a function points to; null where there is no such function. */
  async settings(name: string): Promise<FunctionSettings | null> {
    try {
      return await this.#ask(`look at ${name}`, async (within) => {
        const { Environment, DurableConfig, VpcConfig } = await this.#client.send(
          new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier: ALIAS }),
          within,
        );
        const { ReservedConcurrentExecutions } = await this.#client.send(
          new GetFunctionConcurrencyCommand({ FunctionName: name }),
          within,
        );
        return {
          environment: Environment?.Variables ?? {},
          durable: DurableConfig !== undefined,
          reserved: ReservedConcurrentExecutions ?? null,
          subnets: VpcConfig?.SubnetIds ?? [],
        };
      });
    } catch (error) {
      const { cause } = error as { cause?: Error };
      if (cause?.name === 'ResourceNotFoundException') return null;
      throw error;
    }
  }

  async concurrency(): Promise<Concurrency> {
    const { AccountLimit } = await this.#ask('look at the limits of the account', (within) =>
      this.#client.send(new GetAccountSettingsCommand({}), within),
    );
    const limit = AccountLimit?.ConcurrentExecutions ?? 0;
    return { limit, unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? limit };
  }

  /** Whether the region has durable functions, which only asking for some tells. */
  async knowsDurable(): Promise<boolean> {
    const command = new ListDurableExecutionsByFunctionCommand({
      FunctionName: 'isochrone-durable-probe',
      MaxItems: 1,
    });
    try {
      await this.#ask('ask for durable functions', (within) => this.#client.send(command, within));
      return true;
    } catch (error) {
      const { name, message } = (error as { cause: Error }).cause;
      if (name === 'ResourceNotFoundException') return true;
      // The second is what Lambda says of a call that it does not have.
      if (/UnknownOperation/.test(name) || /determine service\/operation/.test(message))
        return false;
      throw error;
    }
  }

  async #ask<T>(
    what: string,
    call: (within: { readonly abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    try {
      return await call({ abortSignal: AbortSignal.timeout(ANSWER_MS) });
    } catch (error) {
      const { name, message } = error as Error;
      throw new UnavailableError(`cannot ${what} in ${this.#region}: ${name}: ${message}`, {
        cause: error,
      });
    }
  }

  #trouble(name: string, error: Error): UnavailableError {
    const what = `cannot invoke ${name}:${ALIAS} in ${this.#region}`;
    const message =
      error.name === 'ResourceNotFoundException'
        ? `${what}: there is no such function: deploy it, as with npx cdk deploy --all`
        : /AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken/.test(error.name)
          ? `${what}: ${error.message}; these credentials lack lambda:InvokeFunction on it`
          : /Credentials/.test(error.name)
            ? `${what}: no credentials were found; log in (aws sso login) or set AWS_PROFILE`
            : error.name === 'TooManyRequestsException'
              ? `${what}: the region's concurrency is used up; wait, or ask for a higher quota`
              : `${what}: ${error.name}: ${error.message}`;
    return new UnavailableError(message, { cause: error });
  }
}

/** Starts workers as functions of their regions. */
export class LambdaInvoker implements Invoker {
  readonly #prefix: string;
  readonly #regions = new Map<string, Lambda>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  async start(ref: ShardRef): Promise<void> {
    const lambda = this.#regions.get(ref.region) ?? new Lambda(ref.region);
    this.#regions.set(ref.region, lambda);
    const order: WorkerOrder = {
      protocol: PROTOCOL,
      ref,
      notAfterMs: Date.now() + NOT_AFTER_MS,
    };
    await lambda.send(workerName(this.#prefix), order);
  }

  /** A function that dies says nothing: only its silence is heard. */
  gone(): string | null {
    return null;
  }

  close(): void {
    for (const lambda of this.#regions.values()) lambda.close();
  }
}

/** Merges in a function of its own, which has the memory for it. */
export class LambdaMerger implements Merger {
  readonly #lambda: Lambda;
  readonly #name: string;
  readonly #run: string;

  constructor(prefix: string, home: string, run: string) {
    this.#lambda = new Lambda(home);
    this.#name = mergeName(prefix);
    this.#run = run;
  }

  place(place: Place): Promise<void> {
    return this.#send({ kind: 'place', run: this.#run, place });
  }

  run(end: RunEnd): Promise<void> {
    return this.#send({ kind: 'run', run: this.#run, end });
  }

  close(): void {
    this.#lambda.close();
  }

  async #send(order: MergeOrder): Promise<void> {
    await this.#lambda.send(this.#name, order);
  }
}

/** Asks the orchestrator of a deployment to lead a run; the ARN of the execution that will. */
export async function startOrchestrator(
  { prefix, home }: { readonly prefix: string; readonly home: string },
  event: OrchestratorEvent,
): Promise<string> {
  const name = orchestratorName(prefix);
  const arn = await at(home, (lambda) => lambda.send(name, event, event.run));
  if (arn !== null) return arn;
  throw new UnavailableError(`${name} in ${home} is no durable function: deploy it anew`);
}

/** How the execution that leads a run stands. */
export function orchestratorState(
  executionArn: string,
): Promise<{ status: string; cause: string | null }> {
  return at(regionOf(executionArn), (lambda) => lambda.execution(executionArn));
}

/** Ends the execution that leads a run. What that leaves undone is its deployment's to see to. */
export function stopOrchestrator(executionArn: string, cause: string): Promise<void> {
  return at(regionOf(executionArn), (lambda) => lambda.stop(executionArn, cause));
}

async function at<T>(region: string, call: (lambda: Lambda) => Promise<T>): Promise<T> {
  const lambda = new Lambda(region);
  try {
    return await call(lambda);
  } finally {
    lambda.close();
  }
}

function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionStatus } from '@aws-sdk/client-lambda';
import { answerDurable } from './durable-api.js';
import { AWS_LIMITS, type DurableExecution, type DurableLimits } from './durable-execution.js';
import { DurableExecutions } from './durable-executions.js';
import { answerConfiguration } from './lambda-configuration.js';
import { type EventDelivery, EventQueue } from './lambda-events.js';
import { Faults } from './lambda-faults.js';
import { FunctionRegistry, type FunctionSpec, type RegisteredFunction } from './lambda-function.js';
import { answerInvoke, type InvokeParts } from './lambda-invoke.js';
import { AwsRefusal, readRequest, sendAnswer, sendRefusal } from './lambda-request.js';
import { type Invocation, Sandboxes } from './lambda-sandboxes.js';
import { type StatusChange, StatusChanges, type StatusListener } from './status-changes.js';
import { Timers } from './timers.js';

export interface LambdaSetting {
  /** One file for each process is written below it. */
  readonly logFolder: string;
  /** The binary that functions run under; the Node at hand if left out. */
  readonly node?: string;
  readonly account?: string;
  /** What every function is given besides Lambda's own, such as AWS_ENDPOINT_URL_S3 and keys. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Processes at a time in each region, 1000 if left out. */
  readonly concurrency?: number;
  /** What the account is told that it may run at a time, by region; `concurrency` if left out. */
  readonly accountLimits?: Readonly<Record<string, number>>;
  /** Regions that have durable functions; all if left out. */
  readonly durableRegions?: readonly string[];
  /** Before the retries of a failed event; Lambda's one and two minutes if left out. */
  readonly retryDelaysMs?: readonly number[];
  /** After a durable invocation that died; 1 s doubled each time, five in a row, if left out. */
  readonly reinvoke?: { readonly delayMs: number; readonly attempts: number };
  readonly limits?: Partial<DurableLimits>;
}

/**
 * A double of AWS Lambda on loopback, for the real SDK clients. One address serves all regions and
 * tells them apart by what a request is signed for.
 *
 * @example
 * const lambda = await startLambda({ logFolder, node: await node24() });
 * lambda.registerFunction({ name: 'f', region: 'eu-west-1', bundle, timeoutMs: 3000, memory: 128 });
 * const client = new LambdaClient({ region: 'eu-west-1', endpoint: lambda.url, credentials });
 */
export class LambdaDouble {
  readonly faults = new Faults();
  readonly #changes = new StatusChanges();
  readonly #timers = new Timers();
  readonly #parts: InvokeParts;
  readonly #setting: LambdaSetting;
  readonly #server: Server;

  constructor(setting: LambdaSetting) {
    const { faults } = this;
    const timers = this.#timers;
    this.#setting = setting;
    const sandboxes = new Sandboxes(
      {
        node: setting.node ?? process.execPath,
        logFolder: setting.logFolder,
        concurrency: setting.concurrency ?? 1000,
        environment: () => ({
          AWS_ACCESS_KEY_ID: 'double',
          AWS_SECRET_ACCESS_KEY: 'double',
          AWS_ENDPOINT_URL_LAMBDA: this.url,
          ...setting.environment,
        }),
      },
      faults,
      timers,
    );
    const events = new EventQueue(sandboxes, faults, timers, setting.retryDelaysMs);
    const executions = new DurableExecutions(
      {
        limits: { ...AWS_LIMITS, ...setting.limits },
        reinvoke: setting.reinvoke ?? { delayMs: 1000, attempts: 5 },
      },
      { sandboxes, events, faults, timers, changes: this.#changes },
    );
    const functions = new FunctionRegistry(setting.account ?? '123456789012');
    this.#parts = { functions, sandboxes, events, executions, faults, timers };
    this.#server = createServer((message, response) => void this.#serve(message, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every process that has run or runs. */
  get invocations(): readonly Invocation[] {
    return this.#parts.sandboxes.invocations;
  }

  /** Every event that was answered with 202, once for each delivery. */
  get deliveries(): readonly EventDelivery[] {
    return this.#parts.events.deliveries;
  }

  get executions(): readonly DurableExecution[] {
    return this.#parts.executions.all;
  }

  /** All status changes of durable executions so far. */
  get statusChanges(): readonly StatusChange[] {
    return this.#changes.told;
  }

  registerFunction(spec: FunctionSpec): RegisteredFunction {
    return this.#parts.functions.add(spec);
  }

  /** All of a region. */
  removeFunctions(region: string): void {
    this.#parts.functions.removeAll(region);
  }

  execution(name: string): DurableExecution | undefined {
    return this.executions.find((one) => one.name === name);
  }

  onStatusChange(listener: StatusListener): () => void {
    return this.#changes.listen(listener);
  }

  /** An EventBridge rule: these status changes of one region are sent to a function as events. */
  addRule(rule: {
    readonly region: string;
    readonly statuses: readonly ExecutionStatus[];
    readonly function: string;
    readonly qualifier: string;
  }): () => void {
    const { functions, events } = this.#parts;
    const to = functions.find(rule.region, rule.function, rule.qualifier);
    return this.onStatusChange((change) => {
      if (change.region !== rule.region || !rule.statuses.includes(change.detail.status)) return;
      events.accept({ ...to, requestId: randomUUID(), payload: JSON.stringify(change) });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  /** Ends everything: no timer, no process and no connection is left. */
  async close(): Promise<void> {
    this.#timers.close();
    this.#server.closeAllConnections();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#parts.sandboxes.close();
    await closed;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    try {
      const request = await readRequest(message);
      const { functions, executions } = this.#parts;
      const { accountLimits = {}, concurrency = 1000, durableRegions } = this.#setting;
      if (request.path[0] === '2025-12-01' && durableRegions?.includes(request.region) === false) {
        const text = 'Unable to determine service/operation name to be authorized';
        throw new AwsRefusal('AccessDeniedException', text);
      }
      const answer =
        (await answerInvoke(request, requestId, this.#parts)) ??
        answerDurable(request, executions, functions) ??
        answerConfiguration(request, functions, accountLimits[request.region] ?? concurrency);
      if (!answer) {
        const call = `${message.method} ${message.url}`;
        throw new AwsRefusal('UnknownOperationException', `The double does not speak ${call}.`);
      }
      sendAnswer(response, answer, requestId);
    } catch (error) {
      sendRefusal(response, error, requestId);
    }
  }
}

export async function startLambda(setting: LambdaSetting): Promise<LambdaDouble> {
  const lambda = new LambdaDouble(setting);
  await lambda.listen();
  return lambda;
}

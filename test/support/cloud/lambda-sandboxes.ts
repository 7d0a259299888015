import { join } from 'node:path';
import { type Faults, type FaultTarget, killAfterMs } from './lambda-faults.js';
import type { RegisteredFunction } from './lambda-function.js';
import { type FunctionFault, FunctionProcess, type Outcome } from './lambda-process.js';
import type { Timers } from './timers.js';

/** One process that ran, or runs; for tests to read. Instants are ms since the epoch. */
export interface Invocation {
  readonly requestId: string;
  readonly function: string;
  readonly region: string;
  readonly qualifier: string | null;
  readonly payload: string;
  readonly executionArn: string | null;
  /** 1 for the first process of its event or execution. */
  readonly process: number;
  readonly pid: number;
  readonly logFile: string;
  readonly clockShiftMs: number;
  readonly startedAtMs: number;
  /** When the bundle was loaded and the handler called. */
  calledAtMs: number | null;
  endedAtMs: number | null;
  /** Time spent in the handler: what the function's time limit is about. */
  activeMs: number;
  outcome: Outcome['kind'] | null;
  fault: FunctionFault | null;
  resourcesLeft: readonly string[];
}

export interface SandboxSetting {
  readonly node: string;
  readonly logFolder: string;
  /** Processes at a time in a region. */
  readonly concurrency: number;
  /** What every function is given before its own. */
  readonly environment: () => Readonly<Record<string, string>>;
}

export interface RunOrder {
  readonly callee: RegisteredFunction;
  readonly qualifier: string | null;
  readonly requestId: string;
  readonly payload: string;
  readonly executionArn: string | null;
  readonly target: FaultTarget;
}

export interface Running {
  readonly invocation: Invocation;
  readonly outcome: Promise<Outcome>;
  kill(): void;
}

/** Runs invocations, each in a process of its own, and remembers them. */
export class Sandboxes {
  readonly invocations: Invocation[] = [];
  readonly #setting: SandboxSetting;
  readonly #faults: Faults;
  readonly #timers: Timers;
  readonly #live = new Map<FunctionProcess, RegisteredFunction>();

  constructor(setting: SandboxSetting, faults: Faults, timers: Timers) {
    this.#setting = setting;
    this.#faults = faults;
    this.#timers = timers;
  }

  /** Why no further process of this function may start now, in Lambda's word, or null. */
  throttled(callee: RegisteredFunction): string | null {
    const live = [...this.#live.values()];
    const own = live.filter((other) => other === callee).length;
    if (own >= (callee.spec.reservedConcurrency ?? Infinity)) {
      return 'ReservedFunctionConcurrentInvocationLimitExceeded';
    }
    const all = live.filter((other) => other.spec.region === callee.spec.region).length;
    return all >= this.#setting.concurrency ? 'ConcurrentInvocationLimitExceeded' : null;
  }

  run(order: RunOrder): Running {
    const { callee, target } = order;
    const faults = this.#faults;
    const clockShiftMs = sum(faults.strike('clock', target).map((fault) => fault.shiftMs));
    const own = Object.assign({}, ...faults.strike('environment', target).map(({ set }) => set));
    const file = `${order.requestId}-${target.process}.log`;
    const logFile = join(this.#setting.logFolder, target.region, target.function, file);
    const process = new FunctionProcess({
      node: this.#setting.node,
      bundle: callee.spec.bundle,
      entry: callee.entry,
      payload: order.payload,
      context: contextOf(order),
      environment: {
        ...environmentOf(callee, order.qualifier),
        ...this.#setting.environment(),
        ...callee.spec.environment,
        ...own,
      },
      timeoutMs: callee.spec.timeoutMs,
      memoryMb: callee.spec.memory,
      clockShiftMs,
      logFile,
      onReady: () => {
        invocation.calledAtMs = Date.now();
        this.#armKills(target, process);
      },
    });
    const invocation: Invocation = {
      requestId: order.requestId,
      function: target.function,
      region: target.region,
      qualifier: order.qualifier,
      payload: order.payload,
      executionArn: order.executionArn,
      process: target.process,
      pid: process.pid,
      logFile,
      clockShiftMs,
      startedAtMs: Date.now(),
      calledAtMs: null,
      endedAtMs: null,
      activeMs: 0,
      outcome: null,
      fault: null,
      resourcesLeft: [],
    };
    this.invocations.push(invocation);
    this.#live.set(process, callee);
    void process.gone.then(() => this.#live.delete(process));
    const outcome = process.outcome.then((end) => closed(invocation, end));
    return { invocation, outcome, kill: () => process.kill() };
  }

  async close(): Promise<void> {
    const live = [...this.#live.keys()];
    for (const process of live) process.kill();
    await Promise.all(live.map((process) => process.gone));
  }

  #armKills(target: FaultTarget, process: FunctionProcess): void {
    for (const armed of this.#faults.aimedAt('kill', target)) {
      const afterMs = killAfterMs(armed.fault.at, armed.hits);
      if (afterMs === null) continue;
      const takeBack = this.#timers.after(afterMs, () => {
        if (!armed.matches(target)) return;
        armed.hits++;
        process.kill();
      });
      void process.outcome.then(takeBack);
    }
  }
}

function closed(invocation: Invocation, end: Outcome): Outcome {
  invocation.endedAtMs = Date.now();
  invocation.activeMs = invocation.endedAtMs - (invocation.calledAtMs ?? invocation.endedAtMs);
  invocation.outcome = end.kind;
  if (end.kind === 'answered') invocation.resourcesLeft = end.resourcesLeft;
  else invocation.fault = end.fault;
  return end;
}

function contextOf({ callee, qualifier, requestId }: RunOrder): Record<string, string> {
  const version = callee.versionOf(qualifier) ?? '$LATEST';
  return {
    functionName: callee.spec.name,
    functionVersion: version,
    invokedFunctionArn: callee.arnOf(qualifier),
    memoryLimitInMB: String(callee.spec.memory),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${callee.spec.name}`,
    logStreamName: `[${version}]${requestId}`,
  };
}

/** What Lambda sets in every function's environment. */
function environmentOf(callee: RegisteredFunction, qualifier: string | null) {
  return {
    AWS_REGION: callee.spec.region,
    AWS_DEFAULT_REGION: callee.spec.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: callee.spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: callee.versionOf(qualifier) ?? '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(callee.spec.memory),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${callee.spec.name}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    // The functions may run under an older Node here, and their logs are read by tests.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

import { randomUUID } from 'node:crypto';
import type { ErrorObject, OperationUpdate } from '@aws-sdk/client-lambda';
import {
  type CheckpointAnswer,
  DurableExecution,
  type DurableLimits,
  type ExecutionEnd,
  INVALID_TOKEN,
} from './durable-execution.js';
import type { AcceptedEvent, EventQueue } from './lambda-events.js';
import type { ArmedFault, Faults, FaultTarget, StepMoment } from './lambda-faults.js';
import type { FunctionFault, Outcome } from './lambda-process.js';
import { AwsRefusal } from './lambda-request.js';
import type { Running, Sandboxes } from './lambda-sandboxes.js';
import type { StatusChange, StatusChanges } from './status-changes.js';
import type { Timers } from './timers.js';

export interface DurableSetting {
  readonly limits: DurableLimits;
  /**
   * What follows an invocation that died without an answer: the first delay, doubled each time, and
   * how many such invocations in a row fail the execution. AWS does not document its numbers.
   */
  readonly reinvoke: { readonly delayMs: number; readonly attempts: number };
}

/** A handler that says PENDING with nothing to wait for is asked so often. */
const EMPTY_PENDING_ATTEMPTS = 3;
const THROTTLED_MS = 1000;

/** Drives all durable executions: starts, suspends, re-invokes and ends them. */
export class DurableExecutions {
  readonly #byArn = new Map<string, DurableExecution>();
  readonly #setting: DurableSetting;
  readonly #sandboxes: Sandboxes;
  readonly #events: EventQueue;
  readonly #faults: Faults;
  readonly #timers: Timers;
  readonly #changes: StatusChanges;

  constructor(
    setting: DurableSetting,
    parts: {
      sandboxes: Sandboxes;
      events: EventQueue;
      faults: Faults;
      timers: Timers;
      changes: StatusChanges;
    },
  ) {
    this.#setting = setting;
    this.#sandboxes = parts.sandboxes;
    this.#events = parts.events;
    this.#faults = parts.faults;
    this.#timers = parts.timers;
    this.#changes = parts.changes;
  }

  get all(): readonly DurableExecution[] {
    return [...this.#byArn.values()];
  }

  get(arn: string): DurableExecution | undefined {
    return this.#byArn.get(arn);
  }

  /** The same name gives the same execution, running or ended; with another input it is refused. */
  start(event: AcceptedEvent, name: string | null, type: 'Event' | 'RequestResponse') {
    const { callee, payload: input } = event;
    const qualifier = event.qualifier ?? '$LATEST';
    const functionArn = callee.arnOf(callee.versionOf(qualifier));
    const known = this.all.find((one) => one.callee === callee && one.name === name);
    if (known) {
      if (known.input === input && known.functionArn === functionArn) return known;
      const text = `Execution already started: ${known.arn}`;
      throw new AwsRefusal('DurableExecutionAlreadyStartedException', text);
    }
    const start = { name: name ?? randomUUID(), id: randomUUID(), input };
    const execution = new DurableExecution(callee, qualifier, start, this.#setting.limits);
    // An event that got lost has started nothing: its name is free again.
    if (type === 'Event' && this.#events.loses(targetOf(execution, 1))) return execution;
    void this.#begin(execution, type);
    return execution;
  }

  checkpoint(
    arn: string,
    token: string,
    client: string,
    updates: readonly OperationUpdate[],
  ): CheckpointAnswer {
    const execution = this.#byArn.get(arn);
    if (!execution) throw new AwsRefusal('InvalidParameterValueException', INVALID_TOKEN);
    const done = updates.filter(({ Action }) => Action === 'SUCCEED' || Action === 'FAIL');
    if (this.#strikeSteps(execution, done, 'unsaved')) {
      throw new AwsRefusal('ServiceException', 'The process was killed before this was stored.');
    }
    const answer = execution.checkpoint(token, client, updates);
    const begun = updates.filter(({ Action }) => Action === 'START');
    this.#strikeSteps(execution, begun, 'started');
    this.#strikeSteps(execution, done, 'saved');
    if (execution.closed) this.#ended(execution);
    else this.#watch(execution);
    return answer;
  }

  /** Ends the execution at once; a process that runs for it goes on until its next checkpoint. */
  stop(execution: DurableExecution, error: ErrorObject | undefined): void {
    this.#close(execution, { status: 'STOPPED', error: error ?? {} });
  }

  async #begin(execution: DurableExecution, type: 'Event' | 'RequestResponse'): Promise<void> {
    const { callee, qualifier } = execution;
    this.#byArn.set(execution.arn, execution);
    this.#tell(execution);
    const limitS = callee.spec.durable?.executionTimeoutS ?? 0;
    const takeBack = this.#timers.after(limitS * 1000, () => {
      const error = { ErrorMessage: `Execution timed out after ${limitS} seconds.` };
      this.#close(execution, { status: 'TIMED_OUT', error });
    });
    void execution.ended.then(takeBack);
    if (type === 'Event') {
      const ageMs = callee.asyncConfigOf(qualifier).maximumEventAgeS * 1000;
      if (!(await this.#events.holds(targetOf(execution, 1), ageMs))) {
        takeBack();
        this.#byArn.delete(execution.arn);
        return;
      }
    }
    this.#invoke(execution);
  }

  #invoke(execution: DurableExecution): void {
    if (execution.closed || execution.running) return;
    const { callee, qualifier, arn: executionArn } = execution;
    if (this.#sandboxes.throttled(callee) !== null) {
      this.#retryAfter(execution, THROTTLED_MS);
      return;
    }
    const running = this.#sandboxes.run({
      callee,
      qualifier,
      requestId: randomUUID(),
      payload: execution.nextEvent(),
      executionArn,
      target: targetOf(execution, execution.invocations.length + 1),
    });
    execution.running = running;
    execution.invocations.push(running.invocation);
    void running.outcome.then((outcome) => this.#answered(execution, running, outcome));
  }

  #answered(execution: DurableExecution, running: Running, outcome: Outcome): void {
    if (execution.running === running) execution.running = null;
    if (execution.closed) return;
    if (outcome.kind !== 'answered') {
      this.#failed(execution, outcome.fault, this.#setting.reinvoke.attempts);
      return;
    }
    const output = outputOf(outcome.payload);
    if (output.Status === 'SUCCEEDED' && output.Error === undefined) {
      this.#close(execution, { status: 'SUCCEEDED', result: output.Result });
    } else if (output.Status === 'FAILED' && output.Result === undefined) {
      this.#close(execution, { status: 'FAILED', error: output.Error });
    } else if (output.Status === 'PENDING' && (execution.hasPending || execution.hasUnseen)) {
      execution.failures = 0;
      if (execution.hasUnseen) this.#invoke(execution);
      else this.#watch(execution);
    } else if (output.Status === 'PENDING') {
      const errorMessage = 'Cannot return PENDING status with no pending operations.';
      const fault = { errorType: 'InvalidParameterValueException', errorMessage };
      this.#failed(execution, fault, EMPTY_PENDING_ATTEMPTS);
    } else {
      const ErrorMessage = 'Invalid Status in invocation output.';
      const error = { ErrorType: 'InvalidParameterValueException', ErrorMessage };
      this.#close(execution, { status: 'FAILED', error });
    }
  }

  #failed(execution: DurableExecution, fault: FunctionFault, attempts: number): void {
    execution.failures++;
    if (execution.failures < attempts) {
      const { delayMs } = this.#setting.reinvoke;
      this.#retryAfter(execution, delayMs * 2 ** (execution.failures - 1));
      return;
    }
    const error = { ErrorType: fault.errorType, ErrorMessage: fault.errorMessage };
    this.#close(execution, { status: 'FAILED', error });
  }

  #retryAfter(execution: DurableExecution, delayMs: number): void {
    execution.retry?.();
    execution.retry = this.#timers.after(delayMs, () => {
      execution.retry = null;
      execution.fallDue();
      this.#invoke(execution);
    });
  }

  /** Wakes the execution when its next wait or retry falls due. */
  #watch(execution: DurableExecution): void {
    execution.wake?.();
    const { dueAtMs } = execution;
    if (dueAtMs === null) return;
    execution.wake = this.#timers.after(Math.max(0, dueAtMs - Date.now()), () => {
      if (execution.closed || execution.retry) return;
      if (execution.fallDue()) this.#invoke(execution);
      else this.#watch(execution);
    });
  }

  #close(execution: DurableExecution, end: ExecutionEnd): void {
    if (execution.closed) return;
    execution.close(end);
    this.#ended(execution);
  }

  #ended(execution: DurableExecution): void {
    execution.retry?.();
    execution.wake?.();
    this.#tell(execution);
  }

  #tell(execution: DurableExecution): void {
    this.#changes.tell(statusChangeOf(execution));
  }

  /** Kills the process of an execution if a fault waits for this moment; true if at once. */
  #strikeSteps(
    execution: DurableExecution,
    updates: readonly OperationUpdate[],
    moment: StepMoment,
  ): boolean {
    const { running } = execution;
    if (!running) return false;
    let atOnce = false;
    for (const update of updates.filter(({ Type }) => Type === 'STEP')) {
      const target = targetOf(execution, running.invocation.process);
      for (const armed of this.#faults.aimedAt('kill', target)) {
        const { at } = armed.fault;
        if (!('step' in at) || at.step !== update.Name || at.moment !== moment) continue;
        const ordinal = execution.ordinalOf(update.Id ?? '', at.step);
        if ((at.nth ?? ordinal) !== ordinal) continue;
        atOnce ||= this.#kill(running, armed, at.afterMs ?? 0);
      }
    }
    return atOnce;
  }

  #kill(running: Running, armed: ArmedFault<'kill'>, afterMs: number): boolean {
    armed.hits++;
    if (afterMs > 0) {
      const takeBack = this.#timers.after(afterMs, () => running.kill());
      void running.outcome.then(takeBack);
      return false;
    }
    running.kill();
    return true;
  }
}

function targetOf(execution: DurableExecution, process: number): FaultTarget {
  const { name, region } = execution.callee.spec;
  const payload: unknown = JSON.parse(execution.input);
  return { function: name, region, payload, execution: execution.name, process };
}

function statusChangeOf(execution: DurableExecution): StatusChange {
  const text = (ms: number) => new Date(ms).toISOString();
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Durable Execution Status Change',
    source: 'aws.lambda',
    account: execution.callee.account,
    time: `${text(Date.now()).slice(0, 19)}Z`,
    region: execution.callee.spec.region,
    resources: [],
    detail: {
      durableExecutionArn: execution.arn,
      durableExecutionName: execution.name,
      functionArn: execution.functionArn,
      status: execution.status,
      startTimestamp: text(execution.startedAtMs),
      ...(execution.endedAtMs !== null && { endTimestamp: text(execution.endedAtMs) }),
    },
  };
}

interface InvocationOutput {
  readonly Status?: string;
  readonly Result?: string;
  readonly Error?: ErrorObject;
}

function outputOf(payload: string): InvocationOutput {
  const output: unknown = JSON.parse(payload);
  return typeof output === 'object' && output !== null ? (output as InvocationOutput) : {};
}

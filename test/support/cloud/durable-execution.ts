import type { ErrorObject, ExecutionStatus, OperationUpdate } from '@aws-sdk/client-lambda';
import {
  type DurableOperation,
  fallenDue,
  pending,
  updated,
  wireOperation,
} from './durable-operation.js';
import type { RegisteredFunction } from './lambda-function.js';
import { AwsRefusal } from './lambda-request.js';
import type { Invocation, Running } from './lambda-sandboxes.js';

/** Lambda's hard limits for one execution and for one operation of it. */
export interface DurableLimits {
  readonly operations: number;
  readonly checkpointBytes: number;
  readonly operationBytes: number;
}

export const AWS_LIMITS: DurableLimits = {
  operations: 3000,
  checkpointBytes: 100 * 1024 * 1024,
  operationBytes: 256 * 1024,
};

export const INVALID_TOKEN = 'Invalid checkpoint token';
/** Operations that go into the event itself; a handler fetches the rest. */
const FIRST_PAGE = 100;

export interface ExecutionEnd {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly result?: string | undefined;
  readonly error?: ErrorObject | undefined;
}

export interface CheckpointAnswer {
  readonly CheckpointToken: string | undefined;
  readonly NewExecutionState: { readonly Operations: readonly unknown[] };
}

/** The record of one durable execution: what was checkpointed, what ran, how it ended. */
export class DurableExecution {
  readonly arn: string;
  readonly name: string;
  readonly callee: RegisteredFunction;
  readonly qualifier: string;
  readonly input: string;
  readonly startedAtMs = Date.now();
  /** Every process that ran for it, with its start, end and time active. */
  readonly invocations: Invocation[] = [];
  readonly ended: Promise<ExecutionEnd>;
  status: ExecutionStatus = 'RUNNING';
  end: ExecutionEnd | null = null;
  endedAtMs: number | null = null;
  /** Operations as AWS counts and bills them: each one, and each retry of a step. */
  operationCount = 0;
  checkpointBytes: number;
  /** Invocations in a row that gave no answer. */
  failures = 0;
  running: Running | null = null;
  /** Takes back the invocation that is to follow a failed one. */
  retry: (() => void) | null = null;
  /** Takes back the alarm for the next wait or retry that falls due. */
  wake: (() => void) | null = null;

  readonly #limits: DurableLimits;
  #operations = new Map<string, DurableOperation>();
  #change = 0;
  #seen = 0;
  #tokens = 0;
  #lastAnswer: { token: string; client: string; answer: CheckpointAnswer } | null = null;
  #announce: (end: ExecutionEnd) => void = () => {};

  constructor(
    callee: RegisteredFunction,
    qualifier: string,
    start: { name: string; id: string; input: string },
    limits: DurableLimits,
  ) {
    this.callee = callee;
    this.qualifier = qualifier;
    this.name = start.name;
    this.input = start.input;
    this.arn = `${this.functionArn}/durable-execution/${start.name}/${start.id}`;
    this.checkpointBytes = Buffer.byteLength(start.input);
    this.#limits = limits;
    this.#operations.set(start.id, {
      id: start.id,
      type: 'EXECUTION',
      subType: undefined,
      name: start.name,
      parentId: undefined,
      status: 'STARTED',
      startedAtMs: this.startedAtMs,
      attempt: 0,
      payload: start.input,
      change: 0,
    });
    this.ended = new Promise((resolve) => {
      this.#announce = resolve;
    });
  }

  /** ARN of the version that all invocations of this execution run. */
  get functionArn(): string {
    return this.callee.arnOf(this.callee.versionOf(this.qualifier));
  }

  get operations(): readonly DurableOperation[] {
    return [...this.#operations.values()].filter(({ type }) => type !== 'EXECUTION');
  }

  get closed(): boolean {
    return this.end !== null;
  }

  close(end: ExecutionEnd): void {
    this.end = end;
    this.status = end.status;
    this.endedAtMs = Date.now();
    this.#announce(end);
  }

  /** The event of the next invocation; from now on only its tokens count. */
  nextEvent(): string {
    this.#tokens++;
    this.#lastAnswer = null;
    const all = [...this.#operations.values()];
    const updatedIds = all.filter(({ change }) => change > this.#seen).map(({ id }) => id);
    this.#seen = this.#change;
    return JSON.stringify({
      DurableExecutionArn: this.arn,
      CheckpointToken: this.#token(),
      InitialExecutionState: {
        Operations: all.slice(0, FIRST_PAGE).map((operation) => wireOperation(operation, 'text')),
        NextMarker: all.length > FIRST_PAGE ? String(FIRST_PAGE) : '',
      },
      UpdatedOperationIds: updatedIds,
    });
  }

  /** The rest of the operations, page by page. */
  state(token: string | null, marker: string | null, maxItems: number): unknown {
    this.#mustBeCurrent(token);
    const from = Number(marker ?? 0);
    if (!Number.isSafeInteger(from) || from < 0) {
      throw new AwsRefusal('InvalidParameterValueException', 'Invalid Marker');
    }
    const to = from + Math.min(Math.max(maxItems, 1), 1000);
    const all = [...this.#operations.values()];
    return {
      Operations: all.slice(from, to).map((operation) => wireOperation(operation, 'seconds')),
      NextMarker: to < all.length ? String(to) : '',
    };
  }

  /** All or nothing: the updates in their order, then what has fallen due meanwhile. */
  checkpoint(token: string, client: string, updates: readonly OperationUpdate[]): CheckpointAnswer {
    const last = this.#lastAnswer;
    // A client that lost an answer sends the same again and gets the same.
    if (last && client !== '' && last.token === token && last.client === client) return last.answer;
    this.#mustBeCurrent(token);
    this.#apply(updates);
    this.fallDue();
    this.#tokens++;
    const unseen = [...this.#operations.values()].filter(({ change }) => change > this.#seen);
    this.#seen = this.#change;
    const answer = {
      CheckpointToken: this.closed ? undefined : this.#token(),
      NewExecutionState: {
        Operations: unseen.map((operation) => wireOperation(operation, 'seconds')),
      },
    };
    this.#lastAnswer = { token, client, answer };
    return answer;
  }

  /** When the next wait ends or the next retry may begin. */
  get dueAtMs(): number | null {
    const instants = this.operations.filter(pending).map(({ dueAtMs }) => dueAtMs ?? 0);
    return instants.length > 0 ? Math.min(...instants) : null;
  }

  get hasPending(): boolean {
    return this.operations.some(pending);
  }

  /** True when something has changed that no handler has been told of. */
  get hasUnseen(): boolean {
    return this.operations.some(({ change }) => change > this.#seen);
  }

  /** Ends waits and readies retries whose instant has come; true if there was one. */
  fallDue(): boolean {
    const nowMs = Date.now();
    const due = this.operations.filter((one) => pending(one) && (one.dueAtMs ?? 0) <= nowMs);
    for (const one of due) this.#operations.set(one.id, fallenDue(one, nowMs, ++this.#change));
    return due.length > 0;
  }

  /** How many steps of that name have begun, with the one of this id if it is new. */
  ordinalOf(id: string, name: string): number {
    const named = this.operations.filter((one) => one.type === 'STEP' && one.name === name);
    const index = named.findIndex((one) => one.id === id);
    return index < 0 ? named.length + 1 : index + 1;
  }

  #apply(updates: readonly OperationUpdate[]): void {
    const draft = new Map(this.#operations);
    const nowMs = Date.now();
    let change = this.#change;
    let count = this.operationCount;
    let bytes = this.checkpointBytes;
    let end: ExecutionEnd | null = null;
    for (const update of updates) {
      if (end) throw refusal('EXECUTION checkpoint must be the last update.');
      const id = update.Id ?? '';
      bytes += this.#sizeOf(update);
      if (update.Type === 'EXECUTION') {
        end = endOf(update);
        continue;
      }
      if (update.ParentId !== undefined && draft.get(update.ParentId)?.type !== 'CONTEXT') {
        throw refusal('Invalid parent operation id.');
      }
      if (!draft.has(id) || update.Action === 'RETRY') count++;
      draft.set(id, updated(draft.get(id), update, nowMs, ++change));
    }
    if (count > this.#limits.operations) {
      throw refusal(`An execution has at most ${this.#limits.operations} durable operations.`);
    }
    if (bytes > this.#limits.checkpointBytes) {
      throw refusal(`An execution writes at most ${this.#limits.checkpointBytes} bytes.`);
    }
    this.#operations = draft;
    this.#change = change;
    this.operationCount = count;
    this.checkpointBytes = bytes;
    if (end) this.close(end);
  }

  #sizeOf({ Type, Payload, Error: error }: OperationUpdate): number {
    const bytes = Buffer.byteLength(Payload ?? '') + (error ? JSON.stringify(error).length : 0);
    // The result of the whole execution may be as large as an answer of Lambda.
    if (Type !== 'EXECUTION' && bytes > this.#limits.operationBytes) {
      throw refusal(`${Type} payload must be at most ${this.#limits.operationBytes} bytes.`);
    }
    return bytes;
  }

  #token(): string {
    return Buffer.from(`${this.arn} ${this.#tokens}`).toString('base64');
  }

  #mustBeCurrent(token: string | null): void {
    if (this.closed || this.running === null || token !== this.#token()) {
      throw refusal(INVALID_TOKEN);
    }
  }
}

function refusal(text: string): AwsRefusal {
  return new AwsRefusal('InvalidParameterValueException', text);
}

function endOf(update: OperationUpdate): ExecutionEnd {
  if (update.Action === 'SUCCEED') return { status: 'SUCCEEDED', result: update.Payload };
  if (update.Action === 'FAIL') return { status: 'FAILED', error: update.Error };
  throw refusal('Invalid action for the given operation type.');
}

import type {
  ErrorObject,
  OperationStatus,
  OperationType,
  OperationUpdate,
} from '@aws-sdk/client-lambda';
import { AwsRefusal } from './lambda-request.js';

/** One durable operation as the service keeps it. Instants are ms since the epoch. */
export interface DurableOperation {
  readonly id: string;
  readonly type: OperationType;
  readonly subType: string | undefined;
  readonly name: string | undefined;
  readonly parentId: string | undefined;
  readonly status: OperationStatus;
  readonly startedAtMs: number;
  readonly endedAtMs?: number | undefined;
  /** Ended attempts of a step. */
  readonly attempt: number;
  /** When a wait ends, or the next attempt of a step begins. */
  readonly dueAtMs?: number | undefined;
  readonly payload?: string | undefined;
  readonly error?: ErrorObject | undefined;
  readonly replayChildren?: boolean | undefined;
  /** The change of its execution that it was last part of. */
  readonly change: number;
}

const LONGEST_WAIT_S = 31_622_400;
const LARGEST_ERROR_BYTES = 32_768;

function refuse(text: string): never {
  throw new AwsRefusal('InvalidParameterValueException', text);
}

/** The operation after one update, or a refusal as AWS words it. */
export function updated(
  current: DurableOperation | undefined,
  update: OperationUpdate,
  nowMs: number,
  change: number,
): DurableOperation {
  agrees(current, update);
  const base: DurableOperation = current ?? {
    id: update.Id ?? '',
    type: update.Type ?? 'STEP',
    subType: update.SubType,
    name: update.Name,
    parentId: update.ParentId,
    status: 'STARTED',
    startedAtMs: nowMs,
    attempt: 0,
    change,
  };
  const next = { ...base, change };
  switch (update.Type) {
    case 'STEP':
      return step(current, next, update, nowMs);
    case 'WAIT':
      return wait(current, next, update, nowMs);
    case 'CONTEXT':
      return context(current, next, update, nowMs);
    default:
      return refuse(`The double does not speak ${update.Type} operations.`);
  }
}

function agrees(current: DurableOperation | undefined, update: OperationUpdate): void {
  if (update.Error && JSON.stringify(update.Error).length > LARGEST_ERROR_BYTES) {
    refuse(`Error object size must be less than ${LARGEST_ERROR_BYTES} bytes.`);
  }
  if (!current) return;
  if (update.Type !== current.type) refuse('Inconsistent operation type.');
  if ((update.SubType ?? current.subType) !== current.subType) {
    refuse('Inconsistent operation subtype.');
  }
  if ((update.Name ?? current.name) !== current.name) refuse('Inconsistent operation name.');
  if ((update.ParentId ?? current.parentId) !== current.parentId) {
    refuse('Inconsistent parent operation id.');
  }
}

function step(
  current: DurableOperation | undefined,
  next: DurableOperation,
  update: OperationUpdate,
  nowMs: number,
): DurableOperation {
  const attempt = next.attempt + 1;
  switch (update.Action) {
    case 'START':
      if (current && current.status !== 'READY') refuse('Invalid current STEP state to start.');
      return { ...next, status: 'STARTED', dueAtMs: undefined };
    case 'RETRY': {
      if (current && !open(current)) refuse('Invalid current STEP state to re-attempt.');
      const delayS = update.StepOptions?.NextAttemptDelaySeconds;
      if (delayS === undefined) return refuse('Invalid StepOptions for the given action.');
      const { Payload: payload, Error: error } = update;
      return {
        ...next,
        status: 'PENDING',
        attempt,
        dueAtMs: nowMs + delayS * 1000,
        payload,
        error,
      };
    }
    case 'SUCCEED':
    case 'FAIL':
      if (current && !open(current)) refuse('Invalid current STEP state to close.');
      return { ...ended(next, update, nowMs), attempt, dueAtMs: undefined };
    default:
      return refuse('Invalid action for the given operation type.');
  }
}

function wait(
  current: DurableOperation | undefined,
  next: DurableOperation,
  update: OperationUpdate,
  nowMs: number,
): DurableOperation {
  if (update.Action === 'CANCEL') {
    if (current?.status !== 'STARTED') {
      refuse('Cannot cancel a WAIT that does not exist or has already completed.');
    }
    return { ...next, status: 'CANCELLED', endedAtMs: nowMs, dueAtMs: undefined };
  }
  if (update.Action !== 'START') refuse('Invalid action for the given operation type.');
  if (current) refuse('Cannot start a WAIT that already exist.');
  const seconds = update.WaitOptions?.WaitSeconds ?? 0;
  if (!(seconds >= 1 && seconds <= LONGEST_WAIT_S)) {
    refuse(`WaitSeconds must be from 1 to ${LONGEST_WAIT_S}.`);
  }
  return { ...next, dueAtMs: nowMs + seconds * 1000 };
}

function context(
  current: DurableOperation | undefined,
  next: DurableOperation,
  update: OperationUpdate,
  nowMs: number,
): DurableOperation {
  switch (update.Action) {
    case 'START':
      if (current) refuse('Cannot start a CONTEXT that already exist.');
      return next;
    case 'SUCCEED':
    case 'FAIL': {
      if (current && current.status !== 'STARTED') {
        refuse('Invalid current CONTEXT state to close.');
      }
      const replayChildren = update.ContextOptions?.ReplayChildren ?? false;
      return { ...ended(next, update, nowMs), replayChildren };
    }
    default:
      return refuse('Invalid action for the given operation type.');
  }
}

function open({ status }: DurableOperation): boolean {
  return status === 'STARTED' || status === 'READY';
}

function ended(next: DurableOperation, update: OperationUpdate, nowMs: number): DurableOperation {
  const { Payload: payload, Error: error } = update;
  if (update.Action === 'FAIL' && payload !== undefined) {
    refuse('Cannot provide a Payload for FAIL action.');
  }
  if (update.Action === 'SUCCEED' && error !== undefined) {
    refuse('Cannot provide an Error for SUCCEED action.');
  }
  const status = update.Action === 'FAIL' ? 'FAILED' : 'SUCCEEDED';
  return { ...next, status, endedAtMs: nowMs, payload, error };
}

/** True while its execution may suspend and wait for it. */
export function pending({ type, status }: DurableOperation): boolean {
  return (type === 'WAIT' && status === 'STARTED') || (type === 'STEP' && status === 'PENDING');
}

/** A wait that has ended, a retry that may begin. */
export function fallenDue(
  operation: DurableOperation,
  nowMs: number,
  change: number,
): DurableOperation {
  if (operation.type === 'STEP') {
    return { ...operation, status: 'READY', dueAtMs: undefined, change };
  }
  return { ...operation, status: 'SUCCEEDED', endedAtMs: nowMs, change };
}

/**
 * As the wire carries it: instants as ISO text in the event that a handler gets, as seconds in
 * answers of the API.
 */
export function wireOperation(operation: DurableOperation, instants: 'text' | 'seconds'): unknown {
  const at = (ms: number | undefined) => {
    if (ms === undefined) return undefined;
    return instants === 'text' ? new Date(ms).toISOString() : ms / 1000;
  };
  const { type, payload: Result, error } = operation;
  return {
    Id: operation.id,
    ParentId: operation.parentId,
    Name: operation.name,
    Type: type,
    SubType: operation.subType,
    Status: operation.status,
    StartTimestamp: at(operation.startedAtMs),
    EndTimestamp: at(operation.endedAtMs),
    ...(type === 'EXECUTION' && { ExecutionDetails: { InputPayload: Result } }),
    ...(type === 'WAIT' && { WaitDetails: { ScheduledEndTimestamp: at(operation.dueAtMs) } }),
    ...(type === 'CONTEXT' && {
      ContextDetails: { ReplayChildren: operation.replayChildren, Result, Error: error },
    }),
    ...(type === 'STEP' && {
      StepDetails: {
        Attempt: operation.attempt,
        NextAttemptTimestamp: at(operation.dueAtMs),
        Result,
        Error: error,
      },
    }),
  };
}

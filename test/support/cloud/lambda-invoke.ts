import type { DurableExecution, ExecutionEnd } from './durable-execution.js';
import type { DurableExecutions } from './durable-executions.js';
import { type AcceptedEvent, type EventQueue, targetOf } from './lambda-events.js';
import type { Faults } from './lambda-faults.js';
import type { FunctionRegistry } from './lambda-function.js';
import type { FunctionFault } from './lambda-process.js';
import { AwsRefusal, jsonAnswer, type LambdaAnswer, type LambdaRequest } from './lambda-request.js';
import type { Sandboxes } from './lambda-sandboxes.js';
import type { Timers } from './timers.js';

const LARGEST_SYNC_BYTES = 6_291_456;
const LARGEST_EVENT_BYTES = 1_048_576;
const LARGEST_ANSWER_BYTES = LARGEST_SYNC_BYTES + 100;
const LONGEST_SYNC_EXECUTION_S = 900;
const EXECUTION_NAME = /^[a-zA-Z0-9-_]{1,64}$/;

export interface InvokeParts {
  readonly functions: FunctionRegistry;
  readonly sandboxes: Sandboxes;
  readonly events: EventQueue;
  readonly executions: DurableExecutions;
  readonly faults: Faults;
  readonly timers: Timers;
}

/** POST /2015-03-31/functions/{name}/invocations; null for any other call. */
export async function answerInvoke(
  request: LambdaRequest,
  requestId: string,
  parts: InvokeParts,
): Promise<LambdaAnswer | null> {
  const [, room, reference, call] = request.path;
  if (request.method !== 'POST' || room !== 'functions' || call !== 'invocations') return null;
  const type = request.header('x-amz-invocation-type') ?? 'RequestResponse';
  const asked = request.query.get('Qualifier');
  const { callee, qualifier } = parts.functions.find(request.region, reference ?? '', asked);
  const event = { callee, qualifier, requestId, payload: payloadOf(request.body, type) };
  const name = request.header('x-amz-durable-execution-name');
  if (callee.spec.durable) checkDurable(event, type, name);
  else if (name !== null) refuse('A durable execution name was given for a function without one.');
  switch (type) {
    case 'DryRun':
      return { status: 204 };
    case 'Event':
      return acceptEvent(event, name, parts);
    case 'RequestResponse':
      return callNow(event, name, parts);
    default:
      return refuse(`Value '${type}' at 'invocationType' is not known.`);
  }
}

function acceptEvent(
  event: AcceptedEvent,
  name: string | null,
  { executions, events }: InvokeParts,
): LambdaAnswer {
  if (event.callee.spec.durable) {
    const execution = executions.start(event, name, 'Event');
    return { status: 202, headers: arnHeader(execution) };
  }
  events.accept(event);
  return { status: 202 };
}

async function callNow(
  event: AcceptedEvent,
  name: string | null,
  { sandboxes, executions, faults, timers }: InvokeParts,
): Promise<LambdaAnswer> {
  const { callee, qualifier } = event;
  if (callee.spec.durable) {
    const execution = executions.start(event, name, 'RequestResponse');
    const answer = executionAnswer(await execution.ended);
    return { ...answer, headers: { ...answer.headers, ...arnHeader(execution) } };
  }
  const target = targetOf(event, 1);
  const delays = faults.strike('delay', target).map((fault) => fault.forMs);
  if (delays.length > 0) await timers.sleep(Math.max(...delays));
  const injected = faults.strike('throttle', target).length > 0;
  const reason = injected
    ? 'ReservedFunctionConcurrentInvocationLimitExceeded'
    : sandboxes.throttled(callee);
  if (reason !== null) {
    throw new AwsRefusal('TooManyRequestsException', 'Rate Exceeded.', { Reason: reason });
  }
  const running = sandboxes.run({ ...event, executionArn: null, target });
  const outcome = await running.outcome;
  if (outcome.kind !== 'answered') return faultAnswer(outcome.fault);
  if (Buffer.byteLength(outcome.payload) > LARGEST_ANSWER_BYTES) {
    return faultAnswer({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size exceeded maximum allowed payload size (${LARGEST_ANSWER_BYTES} bytes).`,
    });
  }
  const version = callee.versionOf(qualifier) ?? '$LATEST';
  return { status: 200, headers: { 'x-amz-executed-version': version }, body: outcome.payload };
}

function payloadOf(body: Buffer, type: string): string {
  const largest = type === 'Event' ? LARGEST_EVENT_BYTES : LARGEST_SYNC_BYTES;
  if (body.length > largest) {
    const text = `${body.length} byte payload is too large for the ${type} invocation type (limit ${largest} bytes)`;
    throw new AwsRefusal('RequestTooLargeException', text);
  }
  if (body.length === 0) return '{}';
  const payload = body.toString();
  try {
    JSON.parse(payload);
  } catch (error) {
    const text = `Could not parse request body into json: ${error}`;
    throw new AwsRefusal('InvalidRequestContentException', text);
  }
  return payload;
}

function checkDurable(event: AcceptedEvent, type: string, name: string | null): void {
  if (event.qualifier === null) {
    refuse('You cannot invoke a durable function using an unqualified ARN.');
  }
  const limitS = event.callee.spec.durable?.executionTimeoutS ?? 0;
  if (type === 'RequestResponse' && limitS > LONGEST_SYNC_EXECUTION_S) {
    refuse(
      'You cannot synchronously invoke a durable function with an executionTimeout greater than 15 minutes.',
    );
  }
  if (name !== null && !EXECUTION_NAME.test(name)) {
    const text = `1 validation error detected: Value '${name}' at 'durableExecutionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]{1,64}`;
    throw new AwsRefusal('ValidationException', text);
  }
}

function arnHeader(execution: DurableExecution): Record<string, string> {
  return { 'x-amz-durable-execution-arn': execution.arn };
}

function executionAnswer(end: ExecutionEnd): LambdaAnswer {
  if (end.status === 'SUCCEEDED') return { status: 200, body: end.result ?? 'null' };
  const { ErrorType: errorType = end.status, ErrorMessage: errorMessage = '' } = end.error ?? {};
  return faultAnswer({ errorType, errorMessage });
}

function faultAnswer(fault: FunctionFault): LambdaAnswer {
  return { ...jsonAnswer(fault), headers: { 'x-amz-function-error': 'Unhandled' } };
}

function refuse(text: string): never {
  throw new AwsRefusal('InvalidParameterValueException', text);
}

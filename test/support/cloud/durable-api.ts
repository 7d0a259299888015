import type { ErrorObject, OperationUpdate } from '@aws-sdk/client-lambda';
import type { DurableExecution } from './durable-execution.js';
import type { DurableExecutions } from './durable-executions.js';
import type { FunctionRegistry } from './lambda-function.js';
import { AwsRefusal, jsonAnswer, type LambdaAnswer, type LambdaRequest } from './lambda-request.js';

/** Lambda's calls about durable executions, all under /2025-12-01/; null for any other. */
export function answerDurable(
  request: LambdaRequest,
  executions: DurableExecutions,
  functions: FunctionRegistry,
): LambdaAnswer | null {
  const [version, room, reference, call] = request.path;
  if (version !== '2025-12-01' || reference === undefined) return null;
  const route = `${request.method} ${room}/${call ?? ''}`;
  switch (route) {
    case 'POST durable-executions/checkpoint':
      return checkpoint(request, reference, executions);
    case 'GET durable-executions/state':
      return state(request, reference, executions);
    case 'GET durable-executions/':
      return jsonAnswer(described(known(request, reference, executions)));
    case 'POST durable-executions/stop':
      return stop(request, reference, executions);
    case 'GET functions/durable-executions':
      return list(request, reference, executions, functions);
    default:
      return null;
  }
}

function checkpoint(
  request: LambdaRequest,
  arn: string,
  executions: DurableExecutions,
): LambdaAnswer {
  const body = parsed(request.body) as {
    CheckpointToken?: string;
    ClientToken?: string;
    Updates?: OperationUpdate[];
  };
  const { CheckpointToken = '', ClientToken = '', Updates = [] } = body;
  return jsonAnswer(executions.checkpoint(arn, CheckpointToken, ClientToken, Updates));
}

function state(request: LambdaRequest, arn: string, executions: DurableExecutions): LambdaAnswer {
  const { query } = request;
  const maxItems = Number(query.get('MaxItems') ?? 100);
  const execution = known(request, arn, executions);
  return jsonAnswer(execution.state(query.get('CheckpointToken'), query.get('Marker'), maxItems));
}

function stop(request: LambdaRequest, arn: string, executions: DurableExecutions): LambdaAnswer {
  const execution = known(request, arn, executions);
  const error = request.body.length > 0 ? (parsed(request.body) as ErrorObject) : undefined;
  executions.stop(execution, error);
  return jsonAnswer({ StopTimestamp: (execution.endedAtMs ?? Date.now()) / 1000 });
}

function list(
  request: LambdaRequest,
  reference: string,
  executions: DurableExecutions,
  functions: FunctionRegistry,
): LambdaAnswer {
  const { query, region } = request;
  const { callee } = functions.find(region, reference, query.get('Qualifier'));
  const name = query.get('DurableExecutionName');
  const statuses = query.getAll('Statuses');
  const found = executions.all.filter(
    (one) =>
      one.callee === callee &&
      (name === null || one.name === name) &&
      (statuses.length === 0 || statuses.includes(one.status)),
  );
  // The latest first unless the caller asks otherwise.
  if (query.get('ReverseOrder') !== 'true') found.reverse();
  const first = found.slice(0, Number(query.get('MaxItems') ?? 100));
  return jsonAnswer({ DurableExecutions: first.map(summary) });
}

function known(
  request: LambdaRequest,
  arn: string,
  executions: DurableExecutions,
): DurableExecution {
  const execution = executions.get(arn);
  if (!execution || execution.callee.spec.region !== request.region) {
    throw new AwsRefusal('ResourceNotFoundException', 'Durable Execution does not exist');
  }
  return execution;
}

function summary(execution: DurableExecution) {
  return {
    DurableExecutionArn: execution.arn,
    DurableExecutionName: execution.name,
    FunctionArn: execution.functionArn,
    Status: execution.status,
    StartTimestamp: execution.startedAtMs / 1000,
    ...(execution.endedAtMs !== null && { EndTimestamp: execution.endedAtMs / 1000 }),
  };
}

function described(execution: DurableExecution) {
  const { durable } = execution.callee.spec;
  return {
    ...summary(execution),
    InputPayload: execution.input,
    Result: execution.end?.result,
    Error: execution.end?.error,
    Version: execution.callee.versionOf(execution.qualifier),
    DurableConfig: {
      ExecutionTimeout: durable?.executionTimeoutS,
      RetentionPeriodInDays: durable?.retentionDays,
    },
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new AwsRefusal('InvalidParameterValueException', `Invalid JSON: ${error}`);
  }
}

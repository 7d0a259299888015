import type { FunctionRegistry, RegisteredFunction } from './lambda-function.js';
import { AwsRefusal, jsonAnswer, type LambdaAnswer, type LambdaRequest } from './lambda-request.js';

/** Lambda's calls that only read how functions and the account are set up; null for any other. */
export function answerConfiguration(
  request: LambdaRequest,
  functions: FunctionRegistry,
  concurrency: number,
): LambdaAnswer | null {
  if (request.method !== 'GET') return null;
  const [, room, reference, call] = request.path;
  if (room === 'account-settings') {
    return jsonAnswer(accountSettings(concurrency, functions.reservedIn(request.region)));
  }
  if (room !== 'functions' || reference === undefined) return null;
  const asked = request.query.get('Qualifier');
  const { callee, qualifier } = functions.find(request.region, reference, asked);
  const { reservedConcurrency } = callee.spec;
  const reserved = { ReservedConcurrentExecutions: reservedConcurrency };
  switch (call) {
    case undefined:
      return jsonAnswer({
        Configuration: configurationOf(callee, qualifier),
        ...(reservedConcurrency !== undefined && { Concurrency: reserved }),
      });
    case 'configuration':
      return jsonAnswer(configurationOf(callee, qualifier));
    case 'concurrency':
      return jsonAnswer(reserved);
    case 'event-invoke-config':
      return jsonAnswer(eventInvokeConfig(callee, qualifier));
    default:
      return null;
  }
}

function accountSettings(concurrency: number, reserved: number) {
  return {
    AccountLimit: {
      ConcurrentExecutions: concurrency,
      UnreservedConcurrentExecutions: concurrency - reserved,
      TotalCodeSize: 80_530_636_800,
    },
    AccountUsage: { TotalCodeSize: 0, FunctionCount: 1 },
  };
}

function configurationOf(callee: RegisteredFunction, qualifier: string | null) {
  const { spec } = callee;
  return {
    FunctionName: spec.name,
    FunctionArn: callee.arnOf(qualifier),
    Version: callee.versionOf(qualifier),
    Runtime: 'nodejs24.x',
    Handler: spec.handler ?? 'index.handler',
    Timeout: Math.ceil(spec.timeoutMs / 1000),
    MemorySize: spec.memory,
    Architectures: ['arm64'],
    State: 'Active',
    LastUpdateStatus: 'Successful',
    ...(spec.subnets && { VpcConfig: { SubnetIds: spec.subnets, SecurityGroupIds: [] } }),
    Environment: { Variables: spec.environment ?? {} },
    ...(spec.durable && {
      DurableConfig: {
        ExecutionTimeout: spec.durable.executionTimeoutS,
        RetentionPeriodInDays: spec.durable.retentionDays,
      },
    }),
  };
}

function eventInvokeConfig(callee: RegisteredFunction, qualifier: string | null) {
  if (!callee.spec.asyncConfig?.[qualifier ?? '$LATEST']) {
    const text = `The function ${callee.arnOf(qualifier)} doesn't have an EventInvokeConfig`;
    throw new AwsRefusal('ResourceNotFoundException', text);
  }
  const config = callee.asyncConfigOf(qualifier);
  return {
    FunctionArn: callee.arnOf(qualifier),
    MaximumRetryAttempts: config.maximumRetryAttempts,
    MaximumEventAgeInSeconds: config.maximumEventAgeS,
  };
}

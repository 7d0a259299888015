import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetDurableExecutionCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  StopDurableExecutionCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DurableExecution } from '../support/cloud/durable-execution.js';
import type { FunctionSpec } from '../support/cloud/lambda-function.js';
import { type LambdaDouble, startLambda } from '../support/cloud/lambda-server.js';
import { node24 } from '../support/cloud/node24.js';
import { toyBundle } from '../support/cloud/toy-bundle.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Writes what it does to the file `log`, so that a test sees what ran and how often. */
const TOY = `
  import { appendFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { withDurableExecution } from '@aws/durable-execution-sdk-js';
  export const handler = withDurableExecution(async (event, context) => {
    const note = (text) => appendFileSync(event.log, text + '\\n');
    const step = (name, ms = 0, result = name) => context.step(name, async () => {
      note(name + ' begins');
      await sleep(ms);
      note(name + ' ends');
      return result;
    }, { retryStrategy: () => ({ shouldRetry: false }) });
    switch (event.do) {
      case 'walk': {
        const first = await step('first');
        await context.wait('pause', { seconds: 1 });
        const second = await step('second', event.ms);
        await context.wait('pause', { seconds: 1 });
        return [first, second];
      }
      case 'retry': return context.step('shaky', async () => {
        note('try');
        if (event.log && (await import('node:fs')).readFileSync(event.log, 'utf8').split('try').length < 4) throw new Error('not yet');
        return 'at last';
      }, { retryStrategy: (_, attempt) => ({ shouldRetry: attempt < 5, delay: { seconds: 1 } }) });
      case 'fail': await step('first'); throw new RangeError('out of all bounds');
      case 'many': {
        for (let n = 0; n < event.steps; n++) await step('s' + n, 0, 'x'.repeat(event.size ?? 1));
        await context.wait('pause', { seconds: 1 });
        return step('last');
      }
      case 'long': await step('long', event.ms); return 'ended';
    }
  });`;

/** Speaks the wire itself. */
const RAW = `
  import { CheckpointDurableExecutionCommand, LambdaClient } from '@aws-sdk/client-lambda';
  export async function handler(event) {
    const client = new LambdaClient({ maxAttempts: 1 });
    const { DurableExecutionArn } = event;
    const send = (CheckpointToken, ClientToken, Updates) => client.send(
      new CheckpointDurableExecutionCommand({ DurableExecutionArn, CheckpointToken, ClientToken, Updates }));
    const said = (error) => [error.name, error.message];
    const start = [{ Id: 'a', Type: 'STEP', Action: 'START', Name: 'one' }];
    const first = await send(event.CheckpointToken, 'c1', start);
    const again = await send(event.CheckpointToken, 'c1', start);
    const stale = await send(event.CheckpointToken, 'c2', []).catch(said);
    const refused = {};
    const updates = {
      twice: start,
      batch: [{ Id: 'b', Type: 'STEP', Action: 'START' }, { Id: 'a', Type: 'WAIT', Action: 'START' }],
      wait: [{ Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 0 } }],
      orphan: [{ Id: 'o', ParentId: 'a', Type: 'STEP', Action: 'START' }],
    };
    for (const name in updates) refused[name] = await send(first.CheckpointToken, name, updates[name]).catch(said);
    const end = await send(first.CheckpointToken, 'c3', [{ Id: 'a', Type: 'STEP', Action: 'SUCCEED', Payload: '"A"' }]);
    const Result = JSON.stringify({ same: JSON.stringify(first.NewExecutionState) === JSON.stringify(again.NewExecutionState)
      && first.CheckpointToken === again.CheckpointToken, stale, refused, end: end.NewExecutionState.Operations });
    return { Status: 'SUCCEEDED', Result };
  }`;

const REGION = 'eu-west-1';
const folder = temporaryFolder();
let lambda: LambdaDouble;
let client: LambdaClient;
let toy: FunctionSpec;
let count = 0;

beforeAll(async () => {
  const node = await node24();
  lambda = await startLambda({
    node,
    logFolder: join(folder, 'logs'),
    reinvoke: { delayMs: 50, attempts: 3 },
  });
  client = clientOf(lambda);
  const durable = { executionTimeoutS: 3600, retentionDays: 1 };
  const bundle = await toyBundle(folder, 'toy', TOY);
  toy = {
    name: 'toy',
    region: REGION,
    bundle,
    timeoutMs: 20_000,
    memory: 256,
    durable,
  };
  lambda.registerFunction(toy);
  lambda.registerFunction({ ...toy, name: 'hasty', timeoutMs: 500 });
  lambda.registerFunction({ ...toy, name: 'brief', durable: { ...durable, executionTimeoutS: 1 } });
  const raw = await toyBundle(folder, 'raw', RAW);
  lambda.registerFunction({ ...toy, name: 'raw', bundle: raw });
}, 240_000);

afterAll(() => lambda?.close());
afterEach(() => lambda.faults.clear());

function clientOf({ url }: LambdaDouble): LambdaClient {
  const keys = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new LambdaClient({ region: REGION, endpoint: url, credentials: keys, maxAttempts: 1 });
}

interface Started {
  readonly execution: DurableExecution;
  /** What the toy wrote so far. */
  log(): string[];
}

async function start(order: object, more: Partial<InvokeCommandInput> = {}): Promise<Started> {
  const name = more.DurableExecutionName ?? `run-${count}`;
  const file = join(folder, `${++count}.log`);
  appendFileSync(file, '');
  const sent = await client.send(
    new InvokeCommand({
      FunctionName: 'toy',
      Qualifier: 'live',
      InvocationType: 'Event',
      DurableExecutionName: name,
      Payload: JSON.stringify({ ...order, log: file }),
      ...more,
    }),
  );
  expect(sent.StatusCode).toBe(202);
  const execution = lambda.execution(name);
  if (!execution) throw new Error(`${name} was not started`);
  expect(sent.DurableExecutionArn).toBe(execution.arn);
  const log = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
  return { execution, log };
}

const WALK = ['first begins', 'first ends', 'second begins', 'second ends'];

describe('an execution', () => {
  test('runs each step once, over as many invocations as it has waits', async () => {
    const { execution, log } = await start({ do: 'walk' });
    expect(await execution.ended).toEqual({ status: 'SUCCEEDED', result: '["first","second"]' });
    expect(log()).toEqual(WALK);
    expect(execution.operationCount).toBe(4);
    expect(execution.checkpointBytes).toBe(execution.input.length + '"first""second"'.length);
    expect(execution.invocations.map(({ outcome }) => outcome)).toEqual(Array(3).fill('answered'));
    const [one, two] = execution.invocations;
    expect((two?.startedAtMs ?? 0) - (one?.endedAtMs ?? 0)).toBeGreaterThan(700);
    expect(one?.activeMs).toBeLessThan(one!.endedAtMs! - one!.startedAtMs);
    const { arn: DurableExecutionArn, name } = execution;
    expect(DurableExecutionArn).toMatch(
      new RegExp(
        `^arn:aws:lambda:${REGION}:123456789012:function:toy:1/durable-execution/${name}/`,
      ),
    );
    const told = await client.send(new GetDurableExecutionCommand({ DurableExecutionArn }));
    expect(told).toMatchObject({ Status: 'SUCCEEDED', Result: '["first","second"]', Version: '1' });
    expect(told.EndTimestamp?.getTime()).toBe(execution.endedAtMs);
  });

  test('tries a failed step again after its delay, each retry an operation', async () => {
    const { execution, log } = await start({ do: 'retry' });
    expect(await execution.ended).toEqual({ status: 'SUCCEEDED', result: '"at last"' });
    expect(log()).toEqual(['try', 'try', 'try']);
    expect(execution.operationCount).toBe(3);
    expect(execution.operations[0]?.attempt).toBe(3);
  });

  test('gets more operations than the event holds, page by page', async () => {
    const { execution, log } = await start({ do: 'many', steps: 230 });
    expect(await execution.ended).toMatchObject({ status: 'SUCCEEDED', result: '"last"' });
    expect(log()).toHaveLength(2 * 231);
    expect(execution.invocations).toHaveLength(2);
  });

  test('fails with the error of its handler', async () => {
    const { execution } = await start({ do: 'fail' });
    const error = { ErrorType: 'RangeError', ErrorMessage: 'out of all bounds' };
    expect(await execution.ended).toMatchObject({ status: 'FAILED', error });
    expect(execution.invocations).toHaveLength(1);
  });

  test('that is stopped is over at once; its process ends at its next checkpoint', async () => {
    const { execution, log } = await start({ do: 'long', ms: 700 });
    // Its beginning is a checkpoint, too, and that it has begun may be heard before that is stored.
    await vi.waitUntil(() => log().length > 0 && execution.operations.length > 0);
    const { arn: DurableExecutionArn } = execution;
    const error = { ErrorMessage: 'enough' };
    const stop = new StopDurableExecutionCommand({ DurableExecutionArn, Error: error });
    const { StopTimestamp } = await client.send(stop);
    expect(await execution.ended).toEqual({ status: 'STOPPED', error });
    expect(log()).toEqual(['long begins']);
    await vi.waitUntil(() => execution.invocations[0]?.outcome, { timeout: 5000 });
    expect(log()).toEqual(['long begins', 'long ends']);
    expect(execution.operations).toMatchObject([{ status: 'STARTED' }]);
    expect(execution.invocations).toHaveLength(1);
    expect((await client.send(stop)).StopTimestamp).toEqual(StopTimestamp);
  });

  test('that outlives its limit has timed out', async () => {
    const { execution } = await start({ do: 'long', ms: 3000 }, { FunctionName: 'brief' });
    expect(await execution.ended).toMatchObject({
      status: 'TIMED_OUT',
      error: { ErrorMessage: 'Execution timed out after 1 seconds.' },
    });
  });

  test('may be waited for where its limit is short enough', async () => {
    const Payload = JSON.stringify({ do: 'long', ms: 0, log: join(folder, 'sync.log') });
    const call = { FunctionName: 'brief', Qualifier: 'live', Payload };
    const answer = await client.send(new InvokeCommand(call));
    expect(answer.Payload?.transformToString()).toBe('"ended"');
  });

  test('tells its status changes, and a rule sends them on', async () => {
    lambda.addRule({ region: REGION, statuses: ['FAILED'], function: 'raw', qualifier: 'live' });
    const heard: string[] = [];
    const end = lambda.onStatusChange(({ detail }) => heard.push(detail.status));
    const { execution } = await start({ do: 'fail' });
    await execution.ended;
    end();
    expect(heard).toEqual(['RUNNING', 'FAILED']);
    const change = lambda.statusChanges.at(-1);
    expect(change).toMatchObject({
      source: 'aws.lambda',
      'detail-type': 'Durable Execution Status Change',
      region: REGION,
      detail: {
        durableExecutionArn: execution.arn,
        durableExecutionName: execution.name,
        functionArn: `arn:aws:lambda:${REGION}:123456789012:function:toy:1`,
        status: 'FAILED',
        endTimestamp: new Date(execution.endedAtMs ?? 0).toISOString(),
      },
    });
    expect(JSON.parse(lambda.deliveries.at(-1)?.payload ?? '')).toEqual(change);
  });
});

describe('a process of an execution', () => {
  test.each([
    ['half-way', { moment: 'started', afterMs: 300 }, ['second begins']],
    ['with its result not stored', { moment: 'unsaved' }, ['second begins', 'second ends']],
    ['with its result stored', { moment: 'saved' }, []],
  ] as const)('that dies in a step %s is followed by another', async (_, moment, lost) => {
    const at = { step: 'second', nth: 1, ...moment };
    const kill = lambda.faults.add({ kind: 'kill', at });
    const { execution, log } = await start({ do: 'walk', ms: 600 });
    expect(await execution.ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(kill.hits).toBe(1);
    expect(log()).toEqual([...WALK.slice(0, 2), ...lost, ...WALK.slice(2)]);
    const outcomes = execution.invocations.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['answered', 'killed', 'answered', 'answered']);
    expect(execution.operationCount).toBe(4);
  });

  test('that dies at a random instant is followed by another', async () => {
    lambda.faults.add({ kind: 'kill', at: { randomWithinMs: 60, seed: 1 }, times: 2 });
    const { execution } = await start({ do: 'walk', ms: 100 });
    expect(await execution.ended).toMatchObject({ result: '["first","second"]' });
  });

  test('whose clock is wrong does no harm', async () => {
    lambda.faults.add({ kind: 'clock', shiftMs: 600_000, when: ({ process }) => process > 1 });
    const { execution, log } = await start({ do: 'walk' });
    expect(await execution.ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(execution.invocations.map(({ clockShiftMs }) => clockShiftMs)).toContain(600_000);
    expect(log()).toEqual(WALK);
  });

  test('that dies too often in a row fails the execution', async () => {
    const { execution, log } = await start({ do: 'long', ms: 5000 }, { FunctionName: 'hasty' });
    const error = { ErrorType: 'Sandbox.Timedout' };
    expect(await execution.ended).toMatchObject({ status: 'FAILED', error });
    expect(log()).toEqual(Array(3).fill('long begins'));
  });
});

describe('what Lambda refuses', () => {
  const refused = (more: Partial<InvokeCommandInput>) => start({ do: 'walk' }, more);

  test.each([
    [{ Qualifier: undefined }, 'InvalidParameterValueException', /unqualified ARN/],
    [{ InvocationType: undefined }, 'InvalidParameterValueException', /15 minutes/],
    [{ DurableExecutionName: 'a b' }, 'ValidationException', /durableExecutionName/],
    [{ DurableExecutionName: 'x'.repeat(65) }, 'ValidationException', /durableExecutionName/],
    [{ Qualifier: 'gone' }, 'ResourceNotFoundException', /Function not found/],
    [{ Payload: `"${'x'.repeat(1_048_576)}"` }, 'RequestTooLargeException', /too large/],
  ])('a call %#', async (more, name, message) => {
    const error = await refused(more as Partial<InvokeCommandInput>).catch((thrown) => thrown);
    expect(error).toMatchObject({ name, message: expect.stringMatching(message) });
  });

  test('a name with another payload; with the same it gives the same execution', async () => {
    const Payload = JSON.stringify({ do: 'long', ms: 0, log: join(folder, 'name.log') });
    const call = { FunctionName: 'toy', Qualifier: 'live', InvocationType: 'Event' } as const;
    const named = (payload: string) =>
      client.send(new InvokeCommand({ ...call, DurableExecutionName: 'n', Payload: payload }));
    const first = await named(Payload);
    expect((await named(Payload)).DurableExecutionArn).toBe(first.DurableExecutionArn);
    await lambda.execution('n')?.ended;
    expect((await named(Payload)).DurableExecutionArn).toBe(first.DurableExecutionArn);
    await expect(named('{}')).rejects.toMatchObject({
      name: 'DurableExecutionAlreadyStartedException',
    });
    expect(lambda.execution('n')?.invocations).toHaveLength(1);
    const list = new ListDurableExecutionsByFunctionCommand({
      FunctionName: 'toy',
      DurableExecutionName: 'n',
      Statuses: ['SUCCEEDED'],
    });
    expect((await client.send(list)).DurableExecutions).toHaveLength(1);
  });

  test('a checkpoint that does not follow, while a repeated one gets its answer again', async () => {
    const { execution } = await start({}, { FunctionName: 'raw' });
    const told = JSON.parse((await execution.ended).result ?? '{}');
    const invalid = (message: string) => ['InvalidParameterValueException', message];
    expect(told).toMatchObject({
      same: true,
      stale: invalid('Invalid checkpoint token'),
      refused: {
        twice: invalid('Invalid current STEP state to start.'),
        batch: invalid('Inconsistent operation type.'),
        wait: invalid('WaitSeconds must be from 1 to 31622400.'),
        orphan: invalid('Invalid parent operation id.'),
      },
      end: [{ Id: 'a', Status: 'SUCCEEDED', StepDetails: { Attempt: 1, Result: '"A"' } }],
    });
    expect(execution.operations.map(({ id }) => id)).toEqual(['a']);
  });

  test.each([
    ['too many operations', { operations: 20 }, { steps: 30 }, /at most 20 durable operations/],
    [
      'too many bytes',
      { checkpointBytes: 50_000 },
      { steps: 30, size: 2000 },
      /at most 50000 bytes/,
    ],
    ['too large a result', {}, { steps: 1, size: 262_144 }, /at most 262144 bytes/],
  ])('an execution of %s', async (_, limits, order, message) => {
    const logFolder = join(folder, 'limited');
    const node = await node24();
    const own = await startLambda({ node, logFolder, limits });
    try {
      own.registerFunction(toy);
      const Payload = JSON.stringify({ do: 'many', log: join(folder, 'limits.log'), ...order });
      const call = { FunctionName: 'toy', Qualifier: 'live', InvocationType: 'Event' } as const;
      await clientOf(own).send(new InvokeCommand({ ...call, Payload }));
      const end = await own.executions[0]!.ended;
      expect(end).toMatchObject({
        status: 'FAILED',
        error: { ErrorMessage: expect.stringMatching(message) },
      });
    } finally {
      await own.close();
    }
  });
});

describe('the event that starts an execution', () => {
  test('may get lost: nothing has started and its name is free', async () => {
    lambda.faults.add({ kind: 'drop', times: 1 });
    const lost = { DurableExecutionName: 'lost' };
    await expect(start({ do: 'fail' }, lost)).rejects.toThrow('lost was not started');
    const { execution } = await start({ do: 'fail' }, lost);
    expect(await execution.ended).toMatchObject({ status: 'FAILED' });
  });

  test('may be late, and twice it is once', async () => {
    lambda.faults.add({
      kind: 'throttle',
      forMs: 500,
      when: ({ execution }) => execution !== null,
    });
    lambda.faults.add({ kind: 'duplicate' });
    const { execution, log } = await start({ do: 'long', ms: 0 });
    await execution.ended;
    expect(log()).toEqual(['long begins', 'long ends']);
    const [process] = execution.invocations;
    expect((process?.startedAtMs ?? 0) - execution.startedAtMs).toBeGreaterThan(450);
  });
});

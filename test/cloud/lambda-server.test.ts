import { spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FunctionSpec } from '../support/cloud/lambda-function.js';
import { type LambdaDouble, startLambda } from '../support/cloud/lambda-server.js';
import { node24 } from '../support/cloud/node24.js';
import { toyBundle } from '../support/cloud/toy-bundle.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const TOY = `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { Worker } from 'node:worker_threads';
  const inThread = () => new Promise((resolve, reject) => {
    const code = "import { parentPort } from 'node:worker_threads'; parentPort.postMessage(Date.now())";
    new Worker(new URL('data:text/javascript,' + code)).once('message', resolve).once('error', reject);
  });
  export async function handler(event, context) {
    console.log('hello from', event.do);
    switch (event.do) {
      case 'tell': return { event, context, leftMs: context.getRemainingTimeInMillis(),
        region: process.env.AWS_REGION, extra: process.env.EXTRA, node: process.version };
      case 'clock': return { now: Date.now(), date: new Date().getTime(), text: Date(), set: new Date(5).getTime(),
        origin: performance.timeOrigin + performance.now(), thread: await inThread(),
        same: new Date().constructor === Date && new Date() instanceof Date };
      case 'sleep': await sleep(event.ms); return 'slept';
      case 'throw': throw new TypeError('no such thing');
      case 'exit': process.exit(3);
      case 'reject': Promise.reject(new Error('nobody listens')); await sleep(5000); return;
      case 'large': return 'x'.repeat(6_291_600);
      case 'leave': setInterval(() => {}, 1000); return 'left';
    }
  }`;

const REGION = 'eu-west-1';
const OTHER_REGION = 'us-east-1';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const folder = temporaryFolder();
let lambda: LambdaDouble;
let toy: Omit<FunctionSpec, 'name'>;
let client: LambdaClient;
let elsewhere: LambdaClient;

beforeAll(async () => {
  const bundle = await toyBundle(folder, 'toy', TOY);
  toy = { region: REGION, bundle, timeoutMs: 5000, memory: 256 };
  const logFolder = join(folder, 'logs');
  lambda = await startLambda({ logFolder, node: await node24(), retryDelaysMs: [10, 10] });
  const setting = { endpoint: lambda.url, credentials, maxAttempts: 1 };
  client = new LambdaClient({ ...setting, region: REGION });
  elsewhere = new LambdaClient({ ...setting, region: OTHER_REGION });
  const asyncConfig = { live: { maximumRetryAttempts: 0, maximumEventAgeS: 1 } };
  lambda.registerFunction({ ...toy, name: 'toy', aliases: ['live', 'plain'], asyncConfig });
  lambda.registerFunction({ ...toy, name: 'toy', region: OTHER_REGION });
  lambda.registerFunction({ ...toy, name: 'hasty', timeoutMs: 300 });
  lambda.registerFunction({ ...toy, name: 'single', reservedConcurrency: 1 });
}, 240_000);

afterAll(() => lambda?.close());
afterEach(() => lambda.faults.clear());

function invoke(order: object, more: Partial<InvokeCommandInput> = {}, via = client) {
  const Payload = JSON.stringify(order);
  return via.send(new InvokeCommand({ FunctionName: 'toy', Payload, ...more }));
}

async function answerTo(order: object, more: Partial<InvokeCommandInput> = {}, via = client) {
  const { Payload } = await invoke(order, more, via);
  return JSON.parse(Payload?.transformToString() ?? '');
}

/** Invokes as an event and waits until all its deliveries have come to their end. */
async function sendEvent(order: object, more: Partial<InvokeCommandInput> = {}) {
  const sent = await invoke(order, { InvocationType: 'Event', Qualifier: 'live', ...more });
  expect(sent.StatusCode).toBe(202);
  const { requestId } = sent.$metadata;
  const own = <T extends { requestId: string }>(all: readonly T[]) =>
    all.filter((one) => one.requestId === requestId);
  const ended = ['done', 'failed', 'dropped', 'expired'];
  const settled = () => own(lambda.deliveries).every(({ fate }) => ended.includes(fate));
  await vi.waitUntil(settled, { timeout: 20_000 });
  return {
    fates: own(lambda.deliveries).map(({ fate }) => fate),
    processes: () => own(lambda.invocations),
  };
}

describe('a synchronous call', () => {
  test('runs the bundle in a process of its own, with Lambda’s context and environment', async () => {
    lambda.faults.add({ kind: 'environment', set: { EXTRA: 'only here' }, times: 1 });
    const first = await answerTo({ do: 'tell' }, { Qualifier: 'live' });
    const second = await answerTo({ do: 'tell' });
    expect(first).toMatchObject({ event: { do: 'tell' }, region: REGION, extra: 'only here' });
    expect(second.extra).toBeUndefined();
    expect(first.context).toMatchObject({
      functionName: 'toy',
      functionVersion: '1',
      invokedFunctionArn: `arn:aws:lambda:${REGION}:123456789012:function:toy:live`,
      memoryLimitInMB: '256',
    });
    expect(first.leftMs).toBeGreaterThan(1000);
    expect(first.leftMs).toBeLessThanOrEqual(5000);
    expect(first.node).toMatch(/^v24\./);
    const [one, two] = lambda.invocations.slice(-2);
    expect(one?.pid).not.toBe(two?.pid);
    expect(await readFile(one?.logFile ?? '', 'utf8')).toContain('hello from tell');
  });

  test('goes to the region that it is signed for', async () => {
    expect(await answerTo({ do: 'tell' }, {}, elsewhere)).toMatchObject({ region: OTHER_REGION });
    await expect(invoke({}, { FunctionName: 'hasty' }, elsewhere)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: arn:aws:lambda:${OTHER_REGION}:123456789012:function:hasty`,
    });
    const arn = `arn:aws:lambda:${OTHER_REGION}:123456789012:function:toy`;
    await expect(invoke({}, { FunctionName: arn })).rejects.toThrow(/not reachable in this region/);
    await expect(invoke({}, { Qualifier: 'gone' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test.each([
    ['throw', 'toy', { errorType: 'TypeError', errorMessage: 'no such thing' }],
    ['exit', 'toy', { errorType: 'Runtime.ExitError', errorMessage: /exit status 3$/ }],
    ['reject', 'toy', { errorType: 'Runtime.UnhandledPromiseRejection' }],
    ['large', 'toy', { errorType: 'Function.ResponseSizeTooLarge' }],
    [
      'sleep',
      'hasty',
      { errorType: 'Sandbox.Timedout', errorMessage: /Task timed out after 0\.30 seconds$/ },
    ],
  ])(
    'of a handler that ends by "%s" is answered with a function error',
    async (how, name, said) => {
      const answer = await invoke({ do: how, ms: 9000 }, { FunctionName: name });
      expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
      const fault = JSON.parse(answer.Payload?.transformToString() ?? '');
      for (const [key, value] of Object.entries(said)) expect(fault[key]).toMatch(value);
    },
  );

  test('tells in the record what a handler left open', async () => {
    await invoke({ do: 'leave' });
    expect(lambda.invocations.at(-1)?.resourcesLeft).toEqual(['Timeout']);
  });

  test('is refused above 6 MB, above the concurrency and while throttled', async () => {
    await expect(invoke({ text: 'x'.repeat(6_291_456) })).rejects.toMatchObject({
      name: 'RequestTooLargeException',
    });
    const both = [1, 2].map(() => invoke({ do: 'sleep', ms: 500 }, { FunctionName: 'single' }));
    const ends = await Promise.allSettled(both);
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    expect(refused).toMatchObject([
      {
        name: 'TooManyRequestsException',
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      },
    ]);
    lambda.faults.add({ kind: 'throttle', forMs: 1000, region: REGION, times: 1 });
    await expect(invoke({})).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    expect(await answerTo({ do: 'tell' })).toMatchObject({ region: REGION });
  });

  test('needs a signature of now', async () => {
    const url = `${lambda.url}/2015-03-31/functions/toy/invocations`;
    expect((await fetch(url, { method: 'POST' })).status).toBe(403);
    const scope = `Credential=k/20200101/${REGION}/lambda/aws4_request, SignedHeaders=host, Signature=0`;
    const headers = {
      authorization: `AWS4-HMAC-SHA256 ${scope}`,
      'x-amz-date': '20200101T000000Z',
    };
    const old = await fetch(url, { method: 'POST', headers });
    expect(old.headers.get('x-amzn-errortype')).toBe('InvalidSignatureException');
  });
});

describe('an event', () => {
  test('is answered with 202 and run, and refused above 1 MB', async () => {
    expect((await sendEvent({ do: 'tell' })).fates).toEqual(['done']);
    const large = { text: 'x'.repeat(1_048_576) };
    await expect(invoke(large, { InvocationType: 'Event' })).rejects.toMatchObject({
      name: 'RequestTooLargeException',
    });
  });

  test('that fails is run again as often as its alias says, under the same request id', async () => {
    expect((await sendEvent({ do: 'throw' })).processes()).toHaveLength(1);
    const retried = await sendEvent({ do: 'throw' }, { Qualifier: 'plain' });
    expect(retried.fates).toEqual(['failed']);
    await vi.waitUntil(() => retried.processes().length === 3);
    expect(retried.processes().map(({ process }) => process)).toEqual([1, 2, 3]);
  });

  test('may be delivered twice, to two processes under one request id', async () => {
    lambda.faults.add({ kind: 'duplicate', function: 'toy', when: isFor('tell') });
    const twice = await sendEvent({ do: 'tell' });
    expect(twice.fates).toEqual(['done', 'done']);
    expect(new Set(twice.processes().map(({ pid }) => pid)).size).toBe(2);
    expect((await sendEvent({ do: 'sleep', ms: 0 })).fates).toEqual(['done']);
  });

  test('may be dropped', async () => {
    const drop = lambda.faults.add({ kind: 'drop' });
    const dropped = await sendEvent({ do: 'tell' });
    expect(dropped.fates).toEqual(['dropped']);
    expect(dropped.processes()).toEqual([]);
    drop.end();
    expect((await sendEvent({ do: 'tell' })).fates).toEqual(['done']);
  });

  test('may be throttled behind its 202: it is late, or too old and lost', async () => {
    lambda.faults.add({ kind: 'throttle', forMs: 600, times: 1 });
    const late = await sendEvent({ do: 'tell' });
    expect(late.fates).toEqual(['done']);
    const acceptedAtMs = lambda.deliveries.at(-1)?.acceptedAtMs ?? 0;
    expect((late.processes()[0]?.startedAtMs ?? 0) - acceptedAtMs).toBeGreaterThan(550);
    lambda.faults.add({ kind: 'throttle', forMs: 60_000 });
    const lost = await sendEvent({ do: 'tell' });
    expect(lost.fates).toEqual(['expired']);
    expect(lost.processes()).toEqual([]);
  });

  test('waits for a free process, until it is too old', async () => {
    const patient = { InvocationType: 'Event', FunctionName: 'single' } as const;
    const before = lambda.invocations.length;
    await invoke({ do: 'sleep', ms: 800 }, patient);
    await sendEvent({ do: 'tell' }, { ...patient, Qualifier: '$LATEST' });
    const [one, two] = lambda.invocations.slice(before);
    expect(two?.startedAtMs).toBeGreaterThanOrEqual(one?.endedAtMs ?? Infinity);
  });

  test('may be delayed', async () => {
    lambda.faults.add({ kind: 'delay', forMs: 500 });
    const [process] = (await sendEvent({ do: 'tell' })).processes();
    const acceptedAtMs = lambda.deliveries.at(-1)?.acceptedAtMs ?? 0;
    expect((process?.startedAtMs ?? 0) - acceptedAtMs).toBeGreaterThan(450);
  });
});

describe('a process', () => {
  test('may be killed at a chosen instant, once', async () => {
    lambda.faults.add({ kind: 'kill', at: { afterMs: 200 }, when: isFor('sleep') });
    const killed = await invoke({ do: 'sleep', ms: 4000 });
    expect(killed.FunctionError).toBe('Unhandled');
    const record = lambda.invocations.at(-1);
    expect(record).toMatchObject({ outcome: 'killed', fault: { errorType: 'Runtime.ExitError' } });
    expect(record?.activeMs).toBeGreaterThanOrEqual(195);
    expect(await answerTo({ do: 'sleep', ms: 300 })).toBe('slept');
  });

  test('may be killed at random, within a span', async () => {
    const at = { randomWithinMs: 400, seed: 7 };
    lambda.faults.add({ kind: 'kill', at, times: 2 });
    await invoke({ do: 'sleep', ms: 4000 });
    await invoke({ do: 'sleep', ms: 4000 });
    const spans = lambda.invocations.slice(-2).map(({ activeMs }) => activeMs);
    expect(Math.abs((spans[0] ?? 0) - (spans[1] ?? 0))).toBeGreaterThan(10);
    expect(await answerTo({ do: 'sleep', ms: 500 })).toBe('slept');
  });

  test('may have a wall clock that is wrong, in all its threads', async () => {
    const shiftMs = 90_000;
    lambda.faults.add({ kind: 'clock', shiftMs, times: 1 });
    const told = await answerTo({ do: 'clock' });
    const trueMs = lambda.invocations.at(-1)?.calledAtMs ?? 0;
    for (const read of ['now', 'date', 'origin', 'thread']) {
      expect(Math.abs(told[read] - trueMs - shiftMs), read).toBeLessThan(10_000);
    }
    expect(Math.abs(Date.parse(told.text) - trueMs - shiftMs)).toBeLessThan(10_000);
    expect(told).toMatchObject({ set: 5, same: true });
    expect(Math.abs((await answerTo({ do: 'clock' })).now - Date.now())).toBeLessThan(10_000);
  });

  test('dies with the double, even if that is killed', async () => {
    const owner = await ownerScript();
    const child = spawn(process.execPath, [owner, toy.bundle], { stdio: ['pipe', 'pipe', 2] });
    const pid = await new Promise<number>((resolve) =>
      child.stdout?.once('data', (text) => resolve(Number(text))),
    );
    expect(alive(pid)).toBe(true);
    child.kill('SIGKILL');
    await vi.waitUntil(() => !alive(pid), { timeout: 10_000 });
  });

  test('is gone when the double was closed', async () => {
    const own = await startLambda({ logFolder: join(folder, 'own') });
    own.registerFunction({ ...toy, name: 'toy' });
    const via = new LambdaClient({ endpoint: own.url, credentials, region: REGION });
    await invoke({ do: 'sleep', ms: 4000 }, { InvocationType: 'Event' }, via);
    await vi.waitUntil(() => own.invocations[0]?.calledAtMs);
    const pid = own.invocations[0]?.pid ?? 0;
    await own.close();
    expect(alive(pid)).toBe(false);
  });
});

test('functions and the account can be looked at', async () => {
  const FunctionName = 'toy';
  const found = await client.send(new GetFunctionCommand({ FunctionName, Qualifier: 'live' }));
  expect(found.Configuration).toMatchObject({ FunctionName, Version: '1', Timeout: 5 });
  const account = await client.send(new GetAccountSettingsCommand({}));
  expect(account.AccountLimit?.ConcurrentExecutions).toBe(1000);
  const single = new GetFunctionConcurrencyCommand({ FunctionName: 'single' });
  expect((await client.send(single)).ReservedConcurrentExecutions).toBe(1);
  const config = new GetFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: 'live' });
  expect(await client.send(config)).toMatchObject({ MaximumRetryAttempts: 0 });
});

function isFor(what: string) {
  return ({ payload }: { payload: unknown }) => (payload as { do?: string }).do === what;
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A program that starts a double, has it run a function that sleeps, and tells the child's pid. */
async function ownerScript(): Promise<string> {
  const at = join(folder, 'owner');
  await mkdir(at, { recursive: true });
  const support = (name: string) =>
    fileURLToPath(new URL(`../support/cloud/${name}`, import.meta.url));
  for (const name of ['lambda-bootstrap.mjs', 'lambda-clock.mjs']) {
    await copyFile(support(name), join(at, basename(name)));
  }
  const entryPoints = [support('lambda-server.ts')];
  const outfile = join(at, 'double.mjs');
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm' });
  const script = `
    import { startLambda } from './double.mjs';
    const lambda = await startLambda({ logFolder: ${JSON.stringify(at)} });
    const bundle = process.argv[2];
    lambda.registerFunction({ name: 'toy', region: 'x-1', bundle, timeoutMs: 60000, memory: 256 });
    const date = new Date().toISOString().replace(/[-:]|\\.\\d+/g, '');
    const authorization = 'AWS4-HMAC-SHA256 Credential=k/20200101/x-1/lambda/aws4_request, S';
    const headers = { authorization, 'x-amz-date': date, 'x-amz-invocation-type': 'Event' };
    const body = JSON.stringify({ do: 'sleep', ms: 60000 });
    await fetch(lambda.url + '/2015-03-31/functions/toy/invocations', { method: 'POST', headers, body });
    while (!lambda.invocations[0]?.calledAtMs) await new Promise((resolve) => setTimeout(resolve, 20));
    process.stdout.write(String(lambda.invocations[0].pid));`;
  await writeFile(join(at, 'owner.mjs'), script);
  return join(at, 'owner.mjs');
}

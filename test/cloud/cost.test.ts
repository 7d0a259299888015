import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { FrozenPlan, ShardRef } from '../../lib/plan/frozen-plan.js';
import type { Report } from '../../lib/report/report-schema.js';
import { CLOUD_TIMING } from '../../lib/run/cloud-timing.js';
import { expectedTimes } from '../../lib/run/expected-times.js';
import { expectedUsage } from '../../lib/run/expected-usage.js';
import { CloudDeployment } from '../support/cloud/deployment.js';
import type { Invocation } from '../support/cloud/lambda-sandboxes.js';

// What a run was reckoned to take, held against what the cloud on loopback saw of it: processes,
// requests to the S3 server, bytes at the target.

const REGIONS = ['eu-west-1', 'us-east-1'];
const MARGIN = 0.1;

interface Hearing {
  readonly url: string;
  /** On its sockets, since it began. */
  bytes(): number;
  readonly heardAtMs: number[];
  close(): void;
}

async function hearing(): Promise<Hearing> {
  const sockets = new Set<Socket>();
  let closed = 0;
  const heardAtMs: number[] = [];
  const server: Server = createServer((request, response) => {
    heardAtMs.push(Date.now());
    request.resume();
    setTimeout(() => response.end('hello'), 5);
  });
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      closed += socket.bytesRead;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    bytes: () => [...sockets].reduce((sum, socket) => sum + socket.bytesRead, closed),
    heardAtMs,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Counted {
  readonly puts: number;
  readonly gets: number;
  readonly lists: number;
  readonly fragmentBytes: number;
  /** GB-seconds of workers before and after the first instant of their leg. */
  readonly before: number;
  readonly after: number;
  /** Of orchestrator and merge after the run's first instant. */
  readonly led: number;
  readonly invocations: number;
  readonly operations: number;
}

/** `from`: how many requests to S3 there had been before. */
function counted(
  cloud: CloudDeployment,
  { run, startAtMs, from }: { run: string; startAtMs: number; from: number },
  frozen: FrozenPlan,
): Counted {
  const seen = cloud.s3.seen
    .slice(from)
    .filter(
      ({ key }) => key.includes(run) || key.startsWith('admission') || key.startsWith('.probe'),
    );
  const of = (...kinds: readonly string[]) =>
    seen.filter(({ kind }) => kinds.includes(kind)).length;
  const own = cloud.lambda.invocations.filter(
    ({ payload, executionArn }) => payload.includes(run) || executionArn?.includes(run),
  );
  let [before, after, led] = [0, 0, 0];
  for (const one of own) {
    const gb = memoryOf(cloud, one) / 1024;
    const endedAtMs = one.endedAtMs ?? Date.now();
    const leg = legOf(one);
    const barrierMs = startAtMs + (leg === null ? 0 : frozen.legs[leg]!.startUs / 1000);
    const afterS = Math.max(0, endedAtMs - Math.max(barrierMs, one.startedAtMs)) / 1000;
    if (leg === null) led += afterS * gb;
    else {
      after += afterS * gb;
      before += ((endedAtMs - one.startedAtMs) / 1000 - afterS) * gb;
    }
  }
  return {
    puts: of('put'),
    gets: of('get', 'head'),
    lists: of('list'),
    fragmentBytes: seen
      .filter(({ kind, key }) => kind === 'put' && key.includes('/fragments/'))
      .reduce((sum, { bytes }) => sum + bytes, 0),
    ...{ before, after, led },
    invocations: own.length,
    operations: cloud.lambda.execution(run)!.operationCount,
  };
}

function legOf({ function: name, payload }: Invocation): number | null {
  return name.endsWith('-worker') ? (JSON.parse(payload) as { ref: ShardRef }).ref.leg : null;
}

function memoryOf(cloud: CloudDeployment, { function: name }: Invocation): number {
  if (name.endsWith('-worker')) return cloud.deployment.memoryMb;
  return name.includes('-orchestrator') ? 1024 : 3008;
}

let cloud: CloudDeployment;
let target: Hearing;

beforeAll(async () => {
  cloud = await CloudDeployment.start(inject('s3'), {
    prefix: 'cost',
    regions: REGIONS,
    legSeconds: 40,
    limits: { maxCost: 1 },
  });
  target = await hearing();
});
afterAll(async () => {
  target.close();
  await cloud.close();
});

async function measured(name: string, load: string) {
  const heard = target.bytes();
  const from = cloud.s3.seen.length;
  const run = await cloud.start(`
name: ${name}
target: ${target.url}
from: [${REGIONS.join(', ')}]
load: [${load}]
http: { timeout: 3s, probe: false }
`);
  const { frozen, startAtMs } = await cloud.running(run);
  const report = await cloud.ended(run, 2200_000);
  expect(await cloud.lambda.execution(run)!.ended).toMatchObject({ status: 'SUCCEEDED' });
  const bytes = target.bytes() - heard;
  return { frozen, report, bytes, count: counted(cloud, { run, startAtMs, from }, frozen) };
}

function within(what: string, is: number, expected: number, margin = MARGIN): void {
  const off = `${what}: ${is}, and ${expected} were expected`;
  expect(Math.abs(is - expected) / is, off).toBeLessThanOrEqual(margin);
}

const lineOf = ({ cost }: Report, item: string) => cost!.lines.find((one) => one.item === item)!;

describe.each([
  ['one leg', '{ rate: 20/s, for: 40s }', 1],
  ['three legs', '{ rate: 20/s, for: 120s }', 3],
])('a run of %s', (name, load, legs) => {
  // Orchestrator and merge take as long as this machine lets them: where others are at work on it as
  // well, another run may tell more. What is reckoned wrong is wrong in each of them.
  test('takes what was estimated, and its report says so', { retry: 2 }, async () => {
    const { frozen, report, bytes, count } = await measured(name.replace(' ', '-'), load);
    expect(frozen.legs).toHaveLength(legs);
    const { tally, time, fragmentBytes } = expectedUsage(frozen, frozen.site!, 'likely');
    within('S3 writes', count.puts, tally.of('s3Writes'));
    within('S3 reads', count.gets, tally.of('s3Reads'));
    within('S3 listings', count.lists, tally.of('s3Lists'));
    within('GB-seconds of workers after the barrier', count.after, time.load + time.ending);
    const { readyS } = expectedTimes(frozen, 'likely');
    const armed = ((readyS + CLOUD_TIMING.leadMs / 1000) * frozen.site!.orchestratorMb) / 1024;
    const led = time.orchestrator - armed + time.merge;
    within('all GB-seconds after it', count.after + count.led, time.load + time.ending + led);
    within('bytes to the target', bytes, tally.of('bytesToTarget'));
    expect(count.before).toBeLessThanOrEqual(time.init + time.arming + time.overlap);
    expect(count.fragmentBytes).toBeLessThanOrEqual(fragmentBytes);

    // The report counts what was taken: nearer than any estimate.
    const { cost } = report;
    expect(cost).toMatchObject({ missing: [], unreported: 0 });
    within('writes in the report', count.puts, lineOf(report, 's3Writes').quantity, 0.03);
    within('reads in the report', count.gets, lineOf(report, 's3Reads').quantity, 0.03);
    within('listings in the report', count.lists, lineOf(report, 's3Lists').quantity, 0.05);
    expect(lineOf(report, 'bytesToTarget').quantity).toBe(bytes);
    expect(lineOf(report, 'invocations').quantity).toBe(count.invocations);
    expect(lineOf(report, 'operations').quantity).toBe(1 + count.operations);
    expect(lineOf(report, 's3Writes').estimated.quantity).toBe(tally.of('s3Writes'));
    expect(cost!.usd! / cost!.estimatedUsd!).toBeGreaterThan(0.7);
    expect(cost!.usd! / cost!.estimatedUsd!).toBeLessThan(1.1);
  });
});

test('a run that reaches its money cap stops by itself, and has not cost more', async () => {
  const capUsd = 0.003;
  const run = await cloud.start(`
name: capped
target: ${target.url}
from: [${REGIONS.join(', ')}]
load: [{ rate: 20/s, for: 240s }]
limits: { cost: $${capUsd} }
http: { timeout: 3s }
`);
  const { startAtMs } = await cloud.running(run);
  const report = await cloud.ended(run, 200_000);
  expect(report.verdict).toMatchObject({ status: 'stopped', exitCode: 99 });
  expect(report.verdict.cause).toMatch(/^limits\.cost of \$0\.0030: it has cost \$0\.00\d+/);
  expect(report.cost!.usd).toBeLessThanOrEqual(capUsd);
  expect(report.cost!.usd).toBeGreaterThan(capUsd / 2);
  const lastMs = Math.max(...target.heardAtMs) - startAtMs;
  expect(lastMs).toBeGreaterThan(5_000);
  expect(lastMs).toBeLessThan(200_000);
  const before = target.heardAtMs.length;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(target.heardAtMs).toHaveLength(before);
});

test('a run that may come to more than its deployment allows is not begun', async () => {
  const run = await cloud.start(`
name: dear
target: ${target.url}
from: [${REGIONS.join(', ')}]
load: [{ rate: 20/s, for: 59m }]
requests: [{ request: POST /, weight: 1, body: "${'x'.repeat(200_000)}" }]
`);
  const report = await cloud.ended(run);
  expect(report.verdict).toMatchObject({ status: 'cancelled', exitCode: 3 });
  expect(report.verdict.cause).toMatch(/may come to \$\d.*allows \$1 for all runs together/);
});

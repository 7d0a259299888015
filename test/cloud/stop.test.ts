import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { Random } from '../../bench/random.js';
import { orderStop } from '../../lib/run/orchestrate.js';
import { stopRun } from '../../lib/run/stop-run.js';
import { LEASE_MS } from '../../lib/run/timing.js';
import type { StopOrder } from '../../lib/store/control.js';
import { Poller, PublicObject } from '../support/cloud/busy-store.js';
import {
  CloudDeployment,
  type CountingTarget,
  countingTarget,
  isAttempt,
  until,
} from '../support/cloud/deployment.js';
import { SLOW_DOWN } from '../support/s3-front.js';

const REGIONS = ['eu-west-1', 'us-east-1', 'ap-northeast-1'];
const WITHIN_MS = 2_000;

let cloud: CloudDeployment;
let target: CountingTarget;

beforeAll(async () => {
  cloud = await CloudDeployment.start(inject('s3'), { prefix: 'stop', regions: REGIONS });
});
beforeEach(async () => {
  target = await countingTarget();
});
afterEach(() => {
  cloud.s3.heal();
  cloud.lambda.faults.clear();
  target.close();
});
afterAll(() => cloud.close());

const userStop = (): StopOrder => ({ atMs: Date.now(), by: 'user', cause: 'isochrone stop' });

test('two seconds after a stop in the middle of a run the target hears nothing more', async () => {
  const run = await cloud.start(`
name: stopped
target: ${target.url}
from: { ${REGIONS.map((region) => `${region}: { share: 1, workers: 2 }`).join(', ')} }
load: [{ rate: 120/s, for: 5m }]
`);
  await until('the middle of the run', 60_000, () => target.heardAtMs.length > 200);
  const outcome = await stopRun(cloud.store, run, { patienceMs: 40_000 });
  expect(outcome).toMatchObject({ kind: 'ended', order: { by: 'user' } });

  const { stop } = (await cloud.files(run).control.read())!;
  const late = target.heardAtMs.map((atMs) => atMs - stop!.atMs);
  // It heard them all until they were told.
  expect(late.filter((ms) => ms > -1_000 && ms <= 0).length).toBeGreaterThan(30);
  expect(Math.max(...late)).toBeLessThanOrEqual(WITHIN_MS);

  const report = await cloud.ended(run);
  expect(report.verdict).toMatchObject({ status: 'stopped', exitCode: 130 });
  expect(report.completeness.workers).toMatchObject({ planned: 6, reported: 6 });
  const { requests } = report.completeness;
  expect(requests).toMatchObject({ lost: 0, dropped: { generator: 0, target: 0 } });
  expect(requests.sent).toBeGreaterThanOrEqual(target.heardAtMs.length - requests.resent);
  expect(report.workers.every(({ stopped }) => stopped !== null)).toBe(true);
});

/** What the store is asked for in a second, and what it gives. */
const READS = { limit: 550, fragments: 350, polls: 150 };
/** Two noisy cores may not manage that evenly; a round in which they did not is made again. */
const MOST_ROUNDS = 6;

test('150 workers hear of a stop in two seconds from a store that has hardly room for them', async () => {
  cloud.s3.fault({
    harm: SLOW_DOWN,
    when: ({ kind }) => kind === 'get',
    beyondPerSecond: READS.limit,
  });
  const rounds: string[] = [];
  while (rounds.length < MOST_ROUNDS) {
    const round = await polledRound(`polled-${rounds.length}`);
    const perSecond = {
      fragments: round.fragments / round.seconds,
      polls: round.polls.length / round.seconds,
    };
    rounds.push(JSON.stringify(perSecond));
    const near = (kind: 'fragments' | 'polls') =>
      Math.abs(perSecond[kind] / READS[kind] - 1) < 0.05;
    if (!near('fragments') || !near('polls')) continue;

    // In no tenth of the second do many more of them read than in any other.
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const atMs of round.polls) tenths[Math.floor((atMs % 1_000) / 100)]!++;
    expect(Math.max(...tenths) / round.polls.length, `${tenths}`).toBeLessThan(0.25);
    expect(round.heardAfterMs.length).toBe(READS.polls);
    expect(Math.max(...round.heardAfterMs), `${round.heardAfterMs}`).toBeLessThanOrEqual(WITHIN_MS);
    return;
  }
  throw new Error(`machine too noisy, or workers read at another rate: ${rounds.join('; ')}`);
});

async function polledRound(run: string) {
  const files = cloud.files(run);
  await files.control.create({
    schema: 'isochrone.control/1',
    startAtMs: Date.now(),
    legs: [{ state: 'go', void: [] }],
    stop: null,
  });
  const { bucket } = cloud.deployment;
  const way = { ...inject('s3'), bucket, endpoint: cloud.s3.endpoint };
  const fragment = await PublicObject.put(way, `raw/${run}/some.frag`, Buffer.alloc(4_000, 7));
  const reading = fragment.readAgainAndAgain(READS.fragments);
  const pollers = Array.from({ length: READS.polls }, () => new Poller(way, run));
  // They come one after the other, as workers do.
  for (const poller of pollers) {
    poller.listen();
    await sleep(5);
  }
  await sleep(2_000);
  const fromMs = performance.now();
  await sleep(3_000);
  const untilMs = performance.now();
  const { stop } = await orderStop(files, userStop());
  await sleep(WITHIN_MS + 500);
  for (const poller of pollers) poller.close();
  reading.end();

  const reads = cloud.s3.seen.filter(
    ({ kind, atMs }) => kind === 'get' && atMs >= fromMs && atMs < untilMs,
  );
  const polls = reads.filter(({ key }) => key.endsWith('/control.json')).map(({ atMs }) => atMs);
  return {
    seconds: (untilMs - fromMs) / 1_000,
    polls,
    fragments: reads.length - polls.length,
    heardAfterMs: pollers.map(
      ({ heardStopAtMs }) => (heardStopAtMs ?? Number.POSITIVE_INFINITY) - stop!.atMs,
    ),
  };
}

test('a worker that cannot read control falls silent in ten seconds, and says so when it can', async () => {
  cloud.lambda.faults.add({
    kind: 'environment',
    set: { AWS_SDK_UA_APP_ID: 'blind' },
    when: (event) => isAttempt(event, { region: 'eu-west-1', n: 1, attempt: 1 }),
  });
  const [perSecond, seconds] = [60, 15];
  const run = await cloud.start(`
name: blind
target: ${target.url}
from: { eu-west-1: { share: 1, workers: 2 }, us-east-1: { share: 1, workers: 1 } }
load: [{ rate: ${perSecond}/s, for: ${seconds}s }]
`);
  const { startAtMs } = await cloud.running(run);
  await until('the start', 20_000, () => Date.now() > startAtMs + 500);
  const blindAtMs = Date.now();
  cloud.s3.fault({
    harm: { do: 'hang' },
    when: ({ app, kind, key }) =>
      app === 'blind' && kind === 'get' && key.endsWith('/control.json'),
  });
  // Nor can it write anything, until long after it fell silent.
  const mend = cloud.s3.fault({
    harm: SLOW_DOWN,
    when: ({ app, kind }) => app === 'blind' && kind === 'put',
  });
  await until('the end of the load', 30_000, () => Date.now() > startAtMs + seconds * 1_000);
  expect((await cloud.files(run).manifests.list()).map(({ n }) => n)).not.toContain(1);
  mend();
  const report = await cloud.ended(run);

  // A reading may have been under way, and is answered.
  const silentAtMs = blindAtMs + LEASE_MS + 250;
  const blind = report.workers.find(({ region, n }) => region === 'eu-west-1' && n === 1)!;
  expect(startAtMs + blind.lapsed! * 1_000).toBeLessThanOrEqual(silentAtMs);
  expect(startAtMs + blind.lapsed! * 1_000).toBeGreaterThan(silentAtMs - 3_000);
  // A quarter of the load was its, and the others go on with theirs.
  const others = report.workers.filter((worker) => worker !== blind);
  expect(others.map(({ lapsed }) => lapsed)).toEqual([null, null]);
  const afterMs = silentAtMs + 250;
  const heard = target.heardAtMs.filter((atMs) => atMs > afterMs).length;
  const due = ((startAtMs + seconds * 1_000 - afterMs) * perSecond) / 1_000;
  expect(heard / due).toBeGreaterThan(0.7);
  expect(heard / due).toBeLessThan(0.8);

  const { requests, workers } = report.completeness;
  const left = requests.dropped.generator;
  expect(left).toBeGreaterThan((perSecond / 4) * 3);
  expect(requests).toMatchObject({ scheduled: perSecond * seconds, lost: 0 });
  expect(workers).toMatchObject({ planned: 3, reported: 3 });
  const lost = report.findings.find(({ id }) => id === 'lost-sight');
  expect(lost?.text).toMatch(/^Worker eu-west-1\/0\/1\.1 lost sight of the run/);
  expect(lost?.evidence).toMatchObject({ region: 'eu-west-1', n: 1, dropped: left });
  expect(report.verdict).toMatchObject({ status: 'invalid', exitCode: 4 });
});

/** The same again and again, at an instant that is drawn. */
const DRAWN = new Random(20);
const RACES: readonly (readonly [string, (run: string) => Promise<void>])[] = [
  ['before', (run) => armed(run)],
  ['at', (run) => gone(run)],
  ['about', (run) => armed(run).then(() => sleep(1_500 * DRAWN.next()))],
];

test('a stop that races with go wins: the target hears nothing', async () => {
  const runs = await Promise.all(
    RACES.map(async ([name, moment]) => {
      const run = await cloud.start(`
name: ${name}-go
target: ${target.url}
from: { eu-west-1: { share: 1, workers: 2 } }
load: [{ rate: 100/s, for: 20s }]
`);
      await moment(run);
      await orderStop(cloud.files(run), userStop());
      return run;
    }),
  );
  for (const run of runs) {
    const report = await cloud.ended(run);
    expect(report.verdict).toMatchObject({ status: 'stopped', exitCode: 130 });
    expect(report.completeness.requests).toMatchObject({ sent: 0, ok: 0, lost: 0 });
    expect(await cloud.files(run).control.read()).toMatchObject({ stop: { by: 'user' } });
  }
  // Past the instants at which they would have begun.
  await sleep(1_000);
  expect(target.heardAtMs).toEqual([]);
});

async function armed(run: string): Promise<void> {
  const { ready } = cloud.files(run);
  await until(`${run} to be armed`, 60_000, async () => (await ready.list()).length === 2);
}

async function gone(run: string): Promise<void> {
  const { control } = cloud.files(run);
  const goes = async () => (await control.read())?.startAtMs ?? null;
  await until(`${run} to go`, 60_000, async () => (await goes()) !== null);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { Random } from '../../bench/random.js';
import {
  CloudDeployment,
  type CountingTarget,
  countingTarget,
  until,
} from '../support/cloud/deployment.js';

// Whoever leads a run may die at any instant: another takes over, and the measurement is the same.

const ORCHESTRATOR = 'deaths-orchestrator-1';
const REGIONS = ['eu-west-1', 'us-east-1'];

let cloud: CloudDeployment;
const targets: CountingTarget[] = [];

beforeAll(async () => {
  cloud = await CloudDeployment.start(inject('s3'), {
    prefix: 'deaths',
    regions: REGIONS,
    workerTimeoutMs: 45_000,
    orchestratorTimeoutMs: 30_000,
    sliceSeconds: 2,
    legSeconds: 20,
    reinvoke: { delayMs: 100, attempts: 8 },
  });
});
afterEach(() => cloud.lambda.faults.clear());
afterAll(async () => {
  for (const target of targets) target.close();
  await cloud.close();
});

const RATE = 40;

async function planFor(name: string, seconds: number): Promise<[CountingTarget, string]> {
  const target = await countingTarget();
  targets.push(target);
  const text = `
name: ${name}
target: ${target.url}
from: { ${REGIONS.map((region) => `${region}: { share: 1, workers: 1 }`).join(', ')} }
load: [{ rate: ${RATE}/s, for: ${seconds}s }]
http: { timeout: 3s }
`;
  return [target, text];
}

/** Counted to the unit, and no leg fired twice: each request came once, and none before its time. */
async function expectOneMeasurement(run: string, target: CountingTarget, requests: number) {
  const report = await cloud.ended(run, 180_000);
  expect(report.verdict, report.verdict.cause ?? '').toMatchObject({ status: 'passed' });
  const { completeness } = report;
  expect(completeness.requests).toMatchObject({ scheduled: requests, ok: requests, lost: 0 });
  expect(completeness.workers.missing).toEqual([]);
  expect(completeness.fragments).toMatchObject({ missing: 0, duplicate: 0 });
  expect(target.heardAtMs).toHaveLength(requests);
  const { startAtMs } = (await cloud.files(run).control.read())!;
  const early = target.heardAtMs.filter(
    (atMs, k) => atMs < startAtMs! + ((k + 0.5) * 1000) / RATE - 3,
  );
  expect(early).toEqual([]);
  expect(await cloud.lambda.execution(run)!.ended).toMatchObject({ status: 'SUCCEEDED' });
}

test('killed in every step, at its beginning and with its result not yet told', async () => {
  const [target, text] = await planFor('steps', 30);
  const { faults } = cloud.lambda;
  const kills = (['freeze', 'watch', 'merge'] as const).flatMap((step) =>
    (['started', 'unsaved', 'saved'] as const).map((moment, nth) =>
      faults.add({ kind: 'kill', at: { step, moment, ...(step === 'watch' && { nth: nth + 1 }) } }),
    ),
  );
  const run = await cloud.start(text);
  await expectOneMeasurement(run, target, 30 * RATE);
  expect(kills.map(({ hits }) => hits)).toEqual(kills.map(() => 1));
});

test('killed at twenty random instants of three legs', async () => {
  const [target, text] = await planFor('random', 60);
  const run = await cloud.start(text);
  const random = new Random(5);
  let killed = 0;
  let ended = false;
  const living = () =>
    cloud.lambda.invocations.filter(
      ({ function: name, outcome }) => name === ORCHESTRATOR && outcome === null,
    );
  const killing = (async () => {
    while (!ended && killed < 20) {
      await sleep(200 + random.next() * 4_000);
      // One that dies eight times in a row is given up: that is the next test's.
      const spared = () => cloud.lambda.execution(run)!.failures > 5;
      await until('an orchestrator', 30_000, () => ended || (living().length > 0 && !spared()));
      for (const { pid } of living()) {
        process.kill(pid, 'SIGKILL');
        killed++;
      }
    }
  })();
  await cloud.ended(run, 200_000);
  ended = true;
  await killing;
  await expectOneMeasurement(run, target, 60 * RATE);
  expect(killed).toBeGreaterThanOrEqual(20);
});

test('dead for good: the run ends as broken, its target is left alone, and what ran is told', async () => {
  const [target, text] = await planFor('broken', 60);
  const run = await cloud.start(text);
  const { startAtMs, frozen } = await cloud.running(run);
  await until('some load', 60_000, () => Date.now() > startAtMs + 4_000);
  cloud.lambda.faults.add({
    ...{ kind: 'kill', function: ORCHESTRATOR, at: { afterMs: 50 } },
    times: Number.POSITIVE_INFINITY,
  });
  for (const { function: name, outcome, pid } of cloud.lambda.invocations) {
    if (name === ORCHESTRATOR && outcome === null) process.kill(pid, 'SIGKILL');
  }
  const end = await cloud.lambda.execution(run)!.ended;
  const failedAtMs = Date.now();
  expect(end).toMatchObject({ status: 'FAILED' });
  const report = await cloud.ended(run, 60_000);

  expect(report.verdict).toMatchObject({ status: 'broken', exitCode: 3 });
  expect(report.verdict.cause).toContain('FAILED');
  const control = await cloud.files(run).control.read();
  expect(control!.stop).toMatchObject({ by: 'broken' });
  const { ok, failed, cut, dropped, lost, scheduled } = report.completeness.requests;
  expect(ok).toBeGreaterThan(100);
  expect(ok + failed + cut.deadline + cut.stop + dropped.generator + dropped.target + lost!).toBe(
    scheduled,
  );
  // Also those of a leg that was due by then, and that nobody was left to begin.
  const due = frozen.legs.filter(
    ({ index, startUs }) =>
      control!.legs[index]?.state === 'go' || startAtMs + startUs / 1000 < control!.stop!.atMs,
  );
  expect(report.completeness.workers).toMatchObject({ planned: 2 * due.length });
  // Merge is told at once, and its order is heard within two seconds; a process takes one to begin.
  expect(target.heardAtMs.at(-1)! - failedAtMs).toBeLessThan(6_000);
  const heard = target.heardAtMs.length;
  expect(heard).toBeGreaterThanOrEqual(ok);
  await sleep(2_000);
  expect(target.heardAtMs).toHaveLength(heard);
});

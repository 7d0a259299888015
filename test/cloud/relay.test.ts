import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  CloudDeployment,
  type CountingTarget,
  countingTarget,
} from '../support/cloud/deployment.js';

// Functions live for a while only: a run longer than that goes from one leg's workers to the next's.

const WORKER_LIMIT_MS = 45_000;
const ORCHESTRATOR_LIMIT_MS = 30_000;
const RATE = 50;

let cloud: CloudDeployment;
let target: CountingTarget;

beforeAll(async () => {
  cloud = await CloudDeployment.start(inject('s3'), {
    prefix: 'relay',
    regions: ['eu-west-1', 'us-east-1'],
    workerTimeoutMs: WORKER_LIMIT_MS,
    orchestratorTimeoutMs: ORCHESTRATOR_LIMIT_MS,
    sliceSeconds: 8,
    legSeconds: 20,
  });
  target = await countingTarget();
});
afterAll(async () => {
  target.close();
  await cloud.close();
});

test('three legs carry one schedule on, and no function comes near its limit', async () => {
  const run = await cloud.start(`
name: relay
target: ${target.url}
from: { eu-west-1: { share: 1, workers: 2 }, us-east-1: { share: 1, workers: 2 } }
load: [{ rate: ${RATE}/s, for: 60s }]
http: { timeout: 3s }
`);
  const { frozen, startAtMs } = await cloud.running(run);
  expect(frozen.legs.map(({ startUs, endUs }) => [startUs / 1e6, endUs / 1e6])).toEqual([
    [0, 20],
    [20, 40],
    [40, 60],
  ]);
  const report = await cloud.ended(run, 150_000);

  const { requests, workers } = report.completeness;
  expect(requests).toMatchObject({ scheduled: 3_000, ok: 3_000, lost: 0 });
  expect(workers).toMatchObject({ planned: 12, reported: 12, missing: [], refused: [] });
  expect(target.heardAtMs).toHaveLength(3_000);
  // The k-th is due at (k + 1/2) / rate, across all legs: as many in each second as the plan has.
  const early = target.heardAtMs.filter(
    (atMs, k) => atMs < startAtMs + ((k + 0.5) * 1000) / RATE - 3,
  );
  expect(early).toEqual([]);
  for (const at of [20, 40]) {
    const before = target.heardAtMs[at * RATE - 1]!;
    const after = target.heardAtMs[at * RATE]!;
    expect(after - before, `the gap at ${at} s`).toBeLessThan(1_000);
  }
  const execution = cloud.lambda.execution(run)!;
  expect(await execution.ended).toMatchObject({ status: 'SUCCEEDED' });
  const { invocations } = cloud.lambda;
  for (const { function: name, outcome, activeMs } of invocations) {
    expect(outcome, name).toBe('answered');
    if (name === 'relay-worker') expect(activeMs).toBeLessThan(WORKER_LIMIT_MS);
    if (name.startsWith('relay-orchestrator')) {
      expect(activeMs).toBeLessThan(ORCHESTRATOR_LIMIT_MS / 3);
    }
  }
  // Each place was merged while the run went on: the whole only adds them up.
  const partials = await cloud.store.list(`raw/${run}/partials/`);
  expect(partials.length).toBeGreaterThanOrEqual(6);
});

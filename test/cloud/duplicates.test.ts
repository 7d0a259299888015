import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  CloudDeployment,
  type CountingTarget,
  countingTarget,
} from '../support/cloud/deployment.js';

// Lambda delivers at least once: here it delivers everything twice.

let cloud: CloudDeployment;
let target: CountingTarget;

beforeAll(async () => {
  cloud = await CloudDeployment.start(inject('s3'), {
    prefix: 'twice',
    regions: ['eu-west-1', 'us-east-1'],
  });
  target = await countingTarget();
});
afterAll(async () => {
  target.close();
  await cloud.close();
});

test('whatever is delivered twice is measured once', async () => {
  cloud.lambda.faults.add({ kind: 'duplicate' });
  const run = await cloud.start(`
name: twice
target: ${target.url}
from: { eu-west-1: { share: 60%, workers: 3 }, us-east-1: { share: 40%, workers: 2 } }
load: [{ rate: 90/s, for: 8s }]
`);
  const report = await cloud.ended(run);

  const { requests, workers, fragments } = report.completeness;
  expect(report.verdict).toMatchObject({ status: 'passed' });
  expect(requests).toMatchObject({ scheduled: 720, ok: 720, failed: 0, lost: 0, sent: 720 });
  expect(target.heardAtMs).toHaveLength(720);
  expect(workers).toMatchObject({ planned: 5, reported: 5, missing: [] });
  expect(fragments).toMatchObject({ missing: 0, duplicate: 0 });

  // Each attempt was delivered twice, and each second delivery said so and left.
  const refused = workers.refused.map(({ region, n, attempt }) => `${region}/${n}.${attempt}`);
  const twice = [
    'eu-west-1/0.1',
    'eu-west-1/1.1',
    'eu-west-1/2.1',
    'us-east-1/0.1',
    'us-east-1/1.1',
  ];
  expect(refused.sort()).toEqual(twice);
  for (const { why } of workers.refused) expect(why).toContain('a second delivery');
  const { lambda } = cloud;
  const processes = (name: string) => lambda.invocations.filter((one) => one.function === name);
  expect(processes('twice-worker')).toHaveLength(10);
  // Two regions, and the whole; a second delivery of the orchestrator's event is none to Lambda.
  expect(processes('twice-merge').length).toBeGreaterThanOrEqual(6);
  expect(lambda.executions).toHaveLength(1);
});

test('another execution that is to lead the same run leaves it alone', async () => {
  cloud.lambda.faults.clear();
  const before = target.heardAtMs.length;
  const order = cloud.order(`
name: once
target: ${target.url}
from: { eu-west-1: 100% }
load: [{ rate: 20/s, for: 3s }]
`);
  const run = await cloud.startOrder(order);
  await cloud.running(run);
  await cloud.lead(run, order, `${run}-again`);
  const report = await cloud.ended(run);
  expect(report.completeness.requests).toMatchObject({ scheduled: 60, ok: 60 });
  expect(target.heardAtMs.length - before).toBe(60);
  const again = cloud.lambda.execution(`${run}-again`);
  await again?.ended;
  expect(again).toMatchObject({ status: 'SUCCEEDED' });
  expect(again!.operationCount, 'it looked once, and left').toBe(1);
  // Nor did it end the run of another as broken, or merge it once more.
  expect((await cloud.files(run).state.read())?.end).toEqual({ kind: 'complete' });
});

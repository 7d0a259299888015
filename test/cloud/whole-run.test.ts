import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { reportSchema } from '../../lib/report/report-schema.js';
import {
  CloudDeployment,
  type CountingTarget,
  countingTarget,
} from '../support/cloud/deployment.js';

let cloud: CloudDeployment;
let target: CountingTarget;

beforeAll(async () => {
  cloud = await CloudDeployment.start(inject('s3'), {
    prefix: 'whole',
    regions: ['eu-west-1', 'us-east-1', 'ap-northeast-1'],
  });
  target = await countingTarget();
});
afterAll(async () => {
  target.close();
  await cloud.close();
});

const plan = () => `
name: whole
target: ${target.url}
from:
  eu-west-1: { share: 50%, workers: 4 }
  us-east-1: { share: 30%, workers: 4 }
  ap-northeast-1: { share: 20%, workers: 4 }
load: [{ rate: 100/s, for: 10s }]
`;

test('three regions of four workers each account for every request', async () => {
  const run = await cloud.start(plan());
  const report = await cloud.ended(run);
  expect(reportSchema.safeParse(report).error).toBeUndefined();
  const { requests, workers } = report.completeness;
  expect(report.verdict.status, JSON.stringify(report.verdict)).toBe('passed');
  expect(workers).toMatchObject({ planned: 12, reported: 12 });
  expect(requests).toMatchObject({ scheduled: 1_000, lost: 0 });
  expect(requests.sent).toBe(target.heardAtMs.length);
});

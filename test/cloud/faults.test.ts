import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  CloudDeployment,
  type CountingTarget,
  countingTarget,
  isAttempt,
  until,
} from '../support/cloud/deployment.js';
import { type SeenRequest, SLOW_DOWN } from '../support/s3-front.js';

// Everything that can befall a run at once, and the run still ends with a report that is exact.

const REGIONS = ['eu-west-1', 'us-east-1', 'ap-northeast-1'];

let cloud: CloudDeployment;
const targets: CountingTarget[] = [];

beforeAll(async () => {
  cloud = await CloudDeployment.start(inject('s3'), { prefix: 'faults', regions: REGIONS });
});
afterAll(async () => {
  for (const target of targets) target.close();
  await cloud.close();
});

const newTarget = async () => {
  const target = await countingTarget();
  targets.push(target);
  return target;
};

const plan = (name: string, { url }: CountingTarget, rate: number, seconds: number) => `
name: ${name}
target: ${url}
from: { ${REGIONS.map((region) => `${region}: { share: 1, workers: 2 }`).join(', ')} }
load: [{ rate: ${rate}/s, for: ${seconds}s }]
http: { timeout: 5s }
`;

// They run side by side, so each aims its faults at its own run.

test.concurrent('faults of every kind together: the run ends, and what is missing is named', async () => {
  const { faults } = cloud.lambda;
  const target = await newTarget();
  faults.add({
    kind: 'drop',
    when: (event) => isAttempt(event, { plan: 'faults', region: 'eu-west-1', n: 0, attempt: 1 }),
  });
  faults.add({
    kind: 'throttle',
    forMs: 5_000,
    when: (event) => isAttempt(event, { plan: 'faults', region: 'ap-northeast-1', n: 1 }),
  });
  const ours = ({ key }: SeenRequest) => key.includes('-faults-');
  cloud.s3.fault({ harm: SLOW_DOWN, share: 0.2, when: ours });
  cloud.s3.fault({
    harm: { do: 'store and drop' },
    share: 0.1,
    when: (request) => ours(request) && request.kind === 'put',
  });
  const run = await cloud.start(plan('faults', target, 90, 24));
  const { startAtMs } = await cloud.running(run, 120_000);

  await until('the middle of the run', 60_000, () => Date.now() > startAtMs + 9_000);
  const killed = cloud.lambda.invocations.find(
    ({ function: name, payload, outcome }) =>
      name === 'faults-worker' &&
      outcome === null &&
      isAttempt({ payload: JSON.parse(payload) }, { plan: 'faults', region: 'us-east-1', n: 1 }),
  )!;
  const killedAtMs = Date.now();
  process.kill(killed.pid, 'SIGKILL');
  await until('a little later', 60_000, () => Date.now() > startAtMs + 12_000);
  const silence = cloud.s3.fault({ harm: { do: 'hang' }, when: ours });
  await until('six seconds of silence', 60_000, () => Date.now() > startAtMs + 18_000);
  silence();

  const report = await cloud.ended(run, 180_000);
  const { requests, workers, fragments } = report.completeness;
  const { ok, failed, cut, dropped, lost } = requests;
  const heard = target.heardAtMs.length;
  expect(requests.scheduled).toBe(90 * 24);
  expect(ok + failed + cut.deadline + cut.stop + dropped.generator + dropped.target + lost!).toBe(
    requests.scheduled,
  );
  expect(workers.planned).toBe(6);
  expect(workers.missing.map(({ region, n }) => `${region}/${n}`)).toEqual(['us-east-1/1']);
  const [missing] = workers.missing;
  // The target heard at least all that got an answer, and at most what was sent or lost.
  expect(heard).toBeGreaterThanOrEqual(ok);
  expect(heard).toBeLessThanOrEqual(requests.sent + requests.resent + lost!);
  expect(missing!.lost).toBe(lost);
  expect(missing!.why).toBe('it fell silent');
  const lastSeenMs = Date.parse(missing!.lastSeen!);
  expect(lastSeenMs).toBeLessThanOrEqual(killedAtMs + 1_000);
  expect(lastSeenMs).toBeGreaterThan(startAtMs);
  expect(fragments).toMatchObject({ missing: 0, duplicate: 0, unreadable: 0 });
  expect(report.verdict).toMatchObject({ status: 'invalid', exitCode: 4 });
  const control = await cloud.files(run).control.read();
  expect(control!.legs[0]!.void).toEqual(['eu-west-1/0.1']);
});

test.concurrent('a zombie whose place was taken sends nothing when its store comes back', async () => {
  const { faults } = cloud.lambda;
  const target = await newTarget();
  faults.add({
    kind: 'environment',
    set: { AWS_SDK_UA_APP_ID: 'zombie' },
    when: (event) => isAttempt(event, { plan: 'zombie', region: 'us-east-1', n: 1, attempt: 1 }),
  });
  // One call of it comes through every eleven seconds: it lives on, and is far behind all others.
  let passedAtMs: number | null = null;
  const revive = cloud.s3.fault({
    harm: { do: 'hang' },
    when: ({ app, atMs }) => {
      if (app !== 'zombie') return false;
      passedAtMs ??= atMs;
      if (atMs - passedAtMs < 11_000) return true;
      passedAtMs = atMs;
      return false;
    },
  });
  const run = await cloud.start(plan('zombie', target, 60, 30));
  const { startAtMs } = await cloud.running(run, 120_000);
  await until('the first requests', 60_000, () => Date.now() > startAtMs + 2_000);
  revive();
  const report = await cloud.ended(run, 120_000);

  const { heardAtMs } = target;
  expect(heardAtMs).toHaveLength(1_800);
  // Of even arrivals the k-th is due at (k + 1/2) / rate: none may come before.
  const early = heardAtMs.filter((atMs, k) => atMs < startAtMs + ((k + 0.5) * 1000) / 60 - 3);
  expect(early).toEqual([]);
  const { requests, workers } = report.completeness;
  expect(requests).toMatchObject({ scheduled: 1_800, ok: 1_800, lost: 0 });
  expect(workers.missing).toEqual([]);
  const refused = workers.refused.map(({ region, n, attempt }) => `${region}/${n}.${attempt}`);
  expect(refused).toEqual(['us-east-1/1.1']);
  expect(workers.refused[0]!.why).toBe('declared void: another attempt took its place');
});

test.concurrent('a run of which one worker never starts is cancelled, and its target hears nothing', async () => {
  const target = await newTarget();
  cloud.lambda.faults.add({
    kind: 'drop',
    when: (event) => isAttempt(event, { plan: 'cancelled', region: 'ap-northeast-1', n: 0 }),
  });
  const run = await cloud.start(plan('cancelled', target, 60, 5));
  const report = await cloud.ended(run, 120_000);
  expect(report.verdict, report.verdict.cause ?? '').toMatchObject({
    status: 'cancelled',
    exitCode: 3,
  });
  expect(report.verdict.cause).toContain('worker 0 of ap-northeast-1 could not be started twice');
  expect(target.heardAtMs).toEqual([]);
});

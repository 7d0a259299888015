import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Character } from '../bench/target-server.js';
import { forecast } from '../lib/plan/forecast.js';
import type { FrozenPlan } from '../lib/plan/frozen-plan.js';
import type { Report } from '../lib/report/report-schema.js';
import { isochrone } from './support/isochrone.js';
import { type RemoteTarget, remoteTarget, type Seen } from './support/remote-target.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Every example is run as its first lines say, with less time. What is asked here is how many
// requests were made, never how fast: so the examples may run side by side.
const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));
const folder = temporaryFolder();
const targets: RemoteTarget[] = [];
afterAll(() => {
  for (const target of targets) target.close();
});

interface Ran {
  readonly report: Report;
  readonly frozen: FrozenPlan;
  readonly seen: Seen;
}

async function run(
  example: string,
  set: readonly string[],
  character: Character,
  flags: readonly string[] = [],
): Promise<Ran> {
  const target = await remoteTarget(character);
  targets.push(target);
  const { code, out, err } = await isochrone(
    [
      ...['run', join(EXAMPLES, example), '--target', target.url, '--store', folder],
      ...set.flatMap((setting) => ['--set', setting]),
      ...['--seed', '5', '--json', '--quiet', ...flags],
    ],
    folder,
  );
  // On a busy machine a measurement may call itself invalid, or miss what it promised.
  expect([0, 4, 99], err).toContain(code);
  const report = JSON.parse(out) as Report;
  const plan = readFileSync(join(folder, 'runs', report.run.id, 'plan.json'), 'utf8');
  return { report, frozen: JSON.parse(plan) as FrozenPlan, seen: await target.seen() };
}

/** All that was scheduled was sent once and answered well, and the target says so too. */
function expectAllAnswered({ report, seen }: Ran, scheduled: number): void {
  const { requests, iterations, workers, fragments } = report.completeness;
  const accounts = {
    scheduled,
    ok: scheduled,
    failed: 0,
    cut: { deadline: 0, stop: 0 },
    dropped: { generator: 0, target: 0 },
    lost: 0,
  };
  expect(requests).toMatchObject({ ...accounts, sent: scheduled, answered: scheduled, resent: 0 });
  expect(iterations).toEqual(accounts);
  expect(seen.count).toBe(scheduled);
  expect(workers).toMatchObject({ reported: workers.planned, missing: [] });
  expect(fragments).toMatchObject({ merged: fragments.expected, missing: 0, unreadable: 0 });
}

/** Of all regions, by stage and request; null is all of them. */
function scheduledIn({ report }: Ran, stage: string | null, request: string | null): number {
  const found = report.slices.filter(
    (slice) => slice.region === null && slice.stage === stage && slice.request === request,
  );
  expect(found.length, `slices of ${stage} and ${request}`).toBe(1);
  return found[0]!.requests.scheduled;
}

const scheduledInAll = ({ report }: Ran) => report.completeness.requests.scheduled;
const peakOf = ({ report }: Ran) =>
  report.workers.reduce((sum, { connections }) => sum + connections.peak, 0);

const CASES: Readonly<Record<string, () => Promise<void>>> = {
  'payments.yaml': async () => {
    const times = [0, 1, 2, 3, 4, 5].map((stage) => `load.${stage}.for=500ms`);
    const ran = await run('payments.yaml', times, {});
    const { report, frozen } = ran;
    const drawn = frozen.arrivalsPerSecond!.reduce((sum, count) => sum + count);
    expectAllAnswered(ran, drawn);

    const steps = [1, 2, 3, 4, 5].map((step) => `step ${step}`);
    expect(report.run.stages.map(({ title }) => title)).toEqual(['100/s', ...steps]);
    expect(report.run.stages.map(({ warmup }) => warmup)).toEqual([
      true,
      ...steps.map(() => false),
    ]);
    const requests = ['POST /payments', 'GET /payments'];
    const planned = forecast(frozen).starts![0]!;
    for (const [stage, { title }] of report.run.stages.entries()) {
      for (const [i, request] of requests.entries()) {
        expect(scheduledIn(ran, title, request)).toBe(planned[stage]![i]);
      }
    }
    // Four payments, then one look at the list; the warm-up is in no total.
    const total = scheduledIn(ran, null, null);
    expect(total).toBe(drawn - scheduledIn(ran, '100/s', null));
    expect(Math.abs(planned.flat()[0]! - 4 * planned.flat()[1]!)).toBeLessThanOrEqual(4);
    expect(report.verdict.objectives.map(({ text }) => text)).toEqual([
      'p95 < 300ms of "POST /payments" during "step 3"',
      'p99 < 1s',
      'errors < 1%',
    ]);
  },

  'users-up-and-down.yaml': async () => {
    const set = ['load.0.for=1s', 'load.1.for=1s', 'think=50ms..150ms'];
    const ran = await run('users-up-and-down.yaml', set, { delayMs: 20 });
    expectAllAnswered(ran, scheduledInAll(ran));
    expect(ran.report.run.stages.map(({ title }) => title)).toEqual([
      '0..100 users',
      '100..0 users',
    ]);
    const up = scheduledIn(ran, '0..100 users', null);
    const down = scheduledIn(ran, '100..0 users', null);
    expect(up).toBeGreaterThan(0);
    expect(down).toBeGreaterThan(0);
    expect(up + down).toBe(scheduledInAll(ran));
    // Of three requests two are for the first page: in blocks of three, in every worker.
    const first = scheduledIn(ran, null, 'GET /');
    const item = scheduledIn(ran, null, 'GET /items/1');
    expect(first + item).toBe(up + down);
    const { planned } = ran.report.completeness.workers;
    expect(Math.abs(first - 2 * item)).toBeLessThanOrEqual(3 * planned);
    // A connection a user, and the last of a hundred is there for an instant only.
    expect(peakOf(ran)).toBeGreaterThanOrEqual(90);
    expect(peakOf(ran)).toBeLessThanOrEqual(100);
    expect(ran.seen.most).toBeLessThanOrEqual(100);
  },

  'hundred-users.yaml': async () => {
    const ran = await run('hundred-users.yaml', ['load.0.for=1s'], { delayMs: 50 });
    expectAllAnswered(ran, scheduledInAll(ran));
    expect(ran.report.run.stages.map(({ title }) => title)).toEqual(['100 users']);
    expect(scheduledIn(ran, '100 users', 'GET /')).toBe(scheduledInAll(ran));
    // Nobody pauses: each has its next request under way as soon as it has its answer.
    expect(scheduledInAll(ran)).toBeGreaterThan(2 * 100);
    expect(scheduledInAll(ran)).toBeLessThanOrEqual(100 * (1000 / 50));
    expect(peakOf(ran)).toBe(100);
    expect(ran.seen.most).toBeLessThanOrEqual(100);
  },

  'five-regions.yaml': async () => {
    const set = ['load.0.for=300ms', 'load.1.for=1s', 'load.2.for=2s'];
    const flags = ['--emulate', '--allow-undecided'];
    const ran = await run('five-regions.yaml', set, { status: 201 }, flags);
    const { report, frozen } = ran;
    expectAllAnswered(
      ran,
      frozen.arrivalsPerSecond!.reduce((sum, count) => sum + count),
    );
    expect(report.run.where).toBe('emulated');
    const regions = ['eu-central-1', 'eu-west-1', 'us-east-1', 'ap-northeast-1', 'ap-southeast-2'];
    expect(report.run.regions).toEqual(regions);
    // The shares are dealt, not drawn; and so are the requests, in blocks of ten in each worker.
    const starts = forecast(frozen).starts!.map((stages) => stages.flat());
    const total = scheduledInAll(ran);
    for (const [i, percent] of [30, 25, 20, 15, 10].entries()) {
      const own = starts[i]!.reduce((sum, count) => sum + count);
      expect(Math.abs(own - (percent / 100) * total)).toBeLessThanOrEqual(2);
    }
    const measured = ['rise', 'peak'];
    for (const request of report.run.requests) {
      const parts = measured.map((stage) => scheduledIn(ran, stage, request));
      expect(scheduledIn(ran, null, request)).toBe(parts[0]! + parts[1]!);
    }
    expect(peakOf(ran)).toBe(60);
    expect(report.verdict.objectives.length).toBe(4);
  },

  'thousand-requests.yaml': async () => {
    const ran = await run('thousand-requests.yaml', [], { delayMs: 20 });
    expectAllAnswered(ran, 1_000);
    expect(scheduledIn(ran, null, 'GET /')).toBe(1_000);
    expect(peakOf(ran)).toBe(100);
    expect(ran.seen.most).toBeLessThanOrEqual(100);
    expect(ran.seen.most).toBeGreaterThan(1);
  },
};

describe.concurrent('the examples do what they say', () => {
  it.each(readdirSync(EXAMPLES))('%s', async (example) => {
    expect(Object.keys(CASES), 'an example without a test').toContain(example);
    await CASES[example]!();
  });
});

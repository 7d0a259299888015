import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Character } from '../bench/target-server.js';
import { forecast } from '../lib/plan/forecast.js';
import type { FrozenPlan } from '../lib/plan/frozen-plan.js';
import { subjectsOf } from '../lib/plan/starts.js';
import type { Report } from '../lib/report/report-schema.js';
import { isochrone } from './support/isochrone.js';
import {
  type LoginService,
  loginService,
  pagesOf,
  SERVER_TIME_MS,
} from './support/login-service.js';
import { type RemoteTarget, remoteTarget, type Seen } from './support/remote-target.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Every example is run as its first lines say, with less time. What is asked here is how many
// requests were made, never how fast: so the examples may run side by side.
const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));
const folder = temporaryFolder();
const targets: (RemoteTarget | LoginService)[] = [];
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
  const measured = await measure(example, target.url, set, flags);
  return { ...measured, seen: await target.seen() };
}

type Measured = Omit<Ran, 'seen'>;

async function measure(
  example: string,
  url: string,
  set: readonly string[],
  flags: readonly string[] = [],
): Promise<Measured> {
  const { code, out, err } = await isochrone(
    [
      ...['run', join(EXAMPLES, example), '--target', url, '--store', folder],
      ...set.flatMap((setting) => ['--set', setting]),
      ...['--seed', '5', '--json', '--quiet', ...flags],
    ],
    folder,
  );
  // On a busy machine a measurement may call itself invalid, or miss what it promised.
  expect([0, 4, 99], err).toContain(code);
  const report = JSON.parse(out) as Report;
  const plan = readFileSync(join(folder, 'runs', report.run.id, 'plan.json'), 'utf8');
  return { report, frozen: JSON.parse(plan) as FrozenPlan };
}

async function service(delayMs: number): Promise<LoginService> {
  const started = await loginService(delayMs);
  targets.push(started);
  return started;
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
function sliceOf({ report }: Measured, stage: string | null, request: string | null) {
  const found = report.slices.filter(
    (slice) => slice.region === null && slice.stage === stage && slice.request === request,
  );
  expect(found.length, `slices of ${stage} and ${request}`).toBe(1);
  return found[0]!;
}

const scheduledIn = (ran: Measured, stage: string | null, request: string | null) =>
  sliceOf(ran, stage, request).requests.scheduled;

const scheduledInAll = ({ report }: Measured) => report.completeness.requests.scheduled;
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

  'login-and-pay.yaml': async () => {
    const target = await service(2);
    const times = ['300ms', '1s', '3s'].map((length, stage) => `load.${stage}.for=${length}`);
    const ran = await measure('login-and-pay.yaml', target.url, [
      ...times,
      'requests.0.steps.2.pause=10ms..80ms',
    ]);
    const { report, frozen } = ran;
    const planned = forecast(frozen).starts![0]!;
    const subjects = subjectsOf(frozen.plan);
    const of = (subject: string) => subjects.indexOf(subject);
    const stages = report.run.stages.map(({ title }) => title);
    expect(stages).toEqual(['5/s', 'rise', 'peak']);
    stages.forEach((stage, i) => {
      for (const subject of ['flow pay', 'GET /']) {
        const begun = sliceOf(ran, stage, subject).iterations.scheduled;
        expect(begun, `${subject} during ${stage}`).toBe(planned[i]![of(subject)]);
      }
    });

    // Whoever logs in also looks up and pays: nobody is refused, and each pays once.
    const inAll = (subject: string) =>
      planned.reduce((sum, counts) => sum + counts[of(subject)]!, 0);
    const [paying, looking] = [inAll('flow pay'), inAll('GET /')];
    expect(Math.abs(paying - 3 * looking)).toBeLessThanOrEqual(4);
    const { requests, iterations } = report.completeness;
    const total = 3 * paying + looking;
    expect(requests).toMatchObject({ scheduled: total, ok: total, answered: total, lost: 0 });
    expect(iterations).toMatchObject({ scheduled: paying + looking, ok: paying + looking });
    expect(Object.fromEntries(target.seen)).toEqual({
      'GET /': looking,
      'POST /login': paying,
      'GET /users': paying,
      'POST /payments': paying,
    });
    expect(target.amounts).toHaveLength(paying);
    expect(target.amounts.every((amount) => amount >= 1 && amount <= 500)).toBe(true);

    // One customer after the other, each as often as the next, give or take one.
    const rows = readFileSync(join(EXAMPLES, 'users.csv'), 'utf8').trim().split('\n').slice(1);
    const visits = rows.map((row) => {
      const [name] = row.split(',');
      return target.names.filter((one) => one === name).length;
    });
    expect(visits.reduce((sum, count) => sum + count)).toBe(paying);
    expect(Math.max(...visits) - Math.min(...visits)).toBeLessThanOrEqual(1);

    // What the service says of itself, and what was expected of it.
    expect(sliceOf(ran, null, 'POST /payments').serverTime).toMatchObject({
      min: SERVER_TIME_MS,
      max: SERVER_TIME_MS,
    });
    expect(sliceOf(ran, null, 'flow pay').iteration!.min).toBeGreaterThanOrEqual(10);
    expect(report.checks.map(({ passed, failed }) => [passed, failed])).toEqual(
      report.checks.map(() => [paying, 0]),
    );
    expect(report.checks.map(({ text }) => text)).toContain('$.paid is true');
  },

  'search.yaml': async () => {
    const target = await service(2);
    const times = ['load.0.for=1s', 'load.1.for=1s', 'every=500ms'];
    const ran = await measure('search.yaml', target.url, times, ['--allow-undecided']);
    const { report, frozen } = ran;
    const subjects = subjectsOf(frozen.plan);
    const planned = forecast(frozen).starts![0]!.map((of) => of[subjects.indexOf('flow search')]!);
    const stages = report.run.stages.map(({ title }) => title);
    expect(stages).toEqual(['arriving', 'all there']);
    stages.forEach((stage, i) => {
      const begun = sliceOf(ran, stage, 'flow search').iterations.scheduled;
      expect(begun, stage).toBe(planned[i]);
    });

    // Each visit searches once; a user has a word of its own, and sees the front page once.
    const visits = planned.reduce((sum, count) => sum + count);
    const users = new Set(target.words).size;
    const pages = target.words.reduce((sum, word) => sum + pagesOf(word), 0);
    expect(target.words).toHaveLength(visits);
    expect(users).toBe(12);
    const { requests, iterations } = report.completeness;
    const total = users + visits + pages;
    expect(requests).toMatchObject({ scheduled: total, ok: total, answered: total, lost: 0 });
    expect(iterations).toMatchObject({ scheduled: visits, ok: visits, failed: 0 });
    for (const [request, count] of [
      ['GET /', users],
      ['POST /searches', visits],
      ['page', pages],
    ] as const) {
      expect(scheduledIn(ran, null, request), request).toBe(count);
    }
    expect([...target.seen.values()].reduce((sum, count) => sum + count)).toBe(total);
    expect(report.checks).toContainEqual({
      request: 'flow search',
      text: 'finds something',
      passed: visits,
      failed: 0,
    });
  },

  'hospital.yaml': async () => {
    const target = await service(20);
    const ran = await measure('hospital.yaml', target.url, [
      ...['1s', '600ms', '400ms'].map((length, stage) => `load.${stage}.for=${length}`),
      'think=50ms..150ms',
    ]);
    const { requests, iterations, workers } = ran.report.completeness;
    expect(ran.report.run.stages.map(({ title }) => title)).toEqual([
      'arriving',
      'all there',
      'leaving',
    ]);
    const total = requests.scheduled;
    expect(requests).toMatchObject({ ok: total, sent: total, answered: total, lost: 0 });
    expect(iterations).toMatchObject({ scheduled: total, ok: total });
    const weights = {
      'GET /': 4,
      'GET /hospital': 3,
      'GET /patient': 1,
      'POST /patient': 1,
      'PUT /hospital': 1,
    };
    // By weight, in blocks of ten in every worker; and what the report says is what the service saw.
    for (const [request, weight] of Object.entries(weights)) {
      const scheduled = scheduledIn(ran, null, request);
      expect(target.seen.get(request)).toBe(scheduled);
      const share = (total * weight) / 10;
      expect(Math.abs(scheduled - share)).toBeLessThanOrEqual(10 * workers.planned);
    }
    // Users come, stay and go.
    const peaks = ran.report.workers.reduce((sum, { connections }) => sum + connections.peak, 0);
    expect(peaks).toBeGreaterThan(50);
    expect(peaks).toBeLessThanOrEqual(100);
    for (const { title } of ran.report.run.stages) {
      expect(scheduledIn(ran, title, null)).toBeGreaterThan(0);
    }
  },
};

describe.concurrent('the examples do what they say', () => {
  it.each(readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml')))('%s', async (example) => {
    expect(Object.keys(CASES), 'an example without a test').toContain(example);
    await CASES[example]!();
  });
});

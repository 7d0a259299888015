import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import type { Objective } from '../../lib/plan/objective.js';
import { parseObjective } from '../../lib/plan/parse-objective.js';
import type { Load, Plan } from '../../lib/plan/plan.js';
import type { Report } from '../../lib/report/report-schema.js';
import { loadReport } from '../../lib/run/conclude.js';
import { type LocalRunOptions, runLocally } from '../../lib/run/local-run.js';
import { StopSwitch } from '../../lib/run/stop-switch.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { constantRate, frozenFor, planFor, requestOf } from '../support/load-plans.js';
import { type RemoteTarget, remoteTarget } from '../support/remote-target.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const store = FolderStore.open(folder);
const entry = new URL('../../dist/lib/run/load-thread.js', import.meta.url);
const targets: RemoteTarget[] = [];
afterAll(() => {
  for (const target of targets) target.close();
});

async function target(...character: Parameters<typeof remoteTarget>): Promise<RemoteTarget> {
  const made = await remoteTarget(...character);
  targets.push(made);
  return made;
}

/** The load has really begun, and come so far. */
async function heardSo(server: RemoteTarget, many: number): Promise<void> {
  while ((await server.seen()).count < many) await sleep(50);
}

let runs = 0;
function run(frozen: FrozenPlan, options: Partial<LocalRunOptions> = {}): Promise<Report> {
  return runLocally(frozen, { store, folder, entry, ...options });
}

function freeze(plan: Plan, change: Parameters<typeof frozenFor>[1] = {}): FrozenPlan {
  return frozenFor(plan, { run: `run-${++runs}`, createdAtMs: Date.now(), ...change });
}

type Accounts = Report['completeness']['requests'];

function balanced({ scheduled, ok, failed, cut, dropped, lost }: Omit<Accounts, 'sent'>): boolean {
  const known = ok + failed + cut.deadline + cut.stop + dropped.generator + dropped.target;
  return scheduled === known + (lost ?? 0);
}

/** The identity of the accounts, in the whole and in every slice, and the target's own counter. */
async function expectBalanced(report: Report, server: RemoteTarget | null): Promise<void> {
  const { requests, iterations } = report.completeness;
  expect(balanced(requests)).toBe(true);
  expect(balanced(iterations as Accounts)).toBe(true);
  for (const slice of report.slices) {
    expect(balanced(slice.requests), JSON.stringify(slice.requests)).toBe(true);
    expect(balanced(slice.iterations as Accounts)).toBe(true);
  }
  if (!server) return;
  const { count } = await server.seen();
  expect(count).toBeGreaterThanOrEqual(requests.answered);
  if (requests.lost !== null) {
    expect(count).toBeLessThanOrEqual(requests.sent + requests.resent + requests.lost);
  }
}

function objective(text: string): Objective {
  return parseObjective(text, { requests: ['GET /'], regions: ['local'], stages: [] });
}

const twoRequests = { requests: [requestOf('GET /a', { weight: 2 }), requestOf('POST /b')] };

function withWarmup(perSecond: number, seconds: number): Load {
  const [stage] = (constantRate(perSecond, seconds) as Extract<Load, { kind: 'open' }>).stages;
  return {
    kind: 'open',
    stages: [{ ...stage!, warmup: true, durationUs: 500_000, name: 'warm' }, stage!],
  };
}

describe('a local run', () => {
  it('accounts for every request, keeps warm-up to its own slice, and can be merged again', async () => {
    const server = await target();
    const plan = planFor(server.url, withWarmup(200, 2), {
      ...twoRequests,
      regions: [
        { name: 'here', share: 2, workers: 2 },
        { name: 'there', share: 1, workers: 1 },
      ],
    });
    const frozen = freeze(plan);
    const report = await run(frozen);
    await expectBalanced(report, server);
    expect(report.verdict.status).toBe('passed');
    expect(report.completeness.requests).toMatchObject({ scheduled: 500, ok: 500, lost: 0 });
    const total = report.slices.find((s) => !s.region && !s.request && !s.stage);
    expect(total?.requests.scheduled).toBe(400);
    const warm = report.slices.filter((slice) => slice.warmup);
    expect(warm.length).toBeGreaterThan(0);
    expect(warm.every((slice) => slice.stage === 'warm')).toBe(true);
    expect(warm.find((s) => !s.region && !s.request)?.requests.scheduled).toBe(100);
    expect((await server.seen()).count).toBe(500);

    const kept = await loadReport(store, frozen.run);
    expect(kept).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it('goes on against a target that refuses, and says so', async () => {
    const server = await target();
    const { url } = server;
    server.close();
    await sleep(100);
    const report = await run(
      freeze(planFor(url, constantRate(100, 1), { objectives: [objective('errors < 1%')] })),
    );
    await expectBalanced(report, null);
    expect(report.completeness.requests).toMatchObject({ failed: 100, unsent: 100, answered: 0 });
    expect(report.errors[0]).toMatchObject({ code: 1212, count: 100 });
    expect(report.verdict.exitCode).toBe(99);
  });

  it('names the target as the limit at twice what it can answer, and the rate that it held', async () => {
    const server = await target({ perSecond: 200 });
    const plan = planFor(server.url, constantRate(400, 3), {
      requests: [requestOf('GET /', { timeoutUs: 20_000_000 })],
      objectives: [objective('p95 < 200ms')],
    });
    const report = await run(freeze(plan));
    await expectBalanced(report, server);
    expect(report.verdict).toMatchObject({ status: 'failed', exitCode: 99 });
    const finding = report.findings.find(({ text }) => /target/i.test(text) && /\/s/.test(text));
    expect(finding?.text).toMatch(/(19\d|20\d|21\d)/);
  });
});

// What is asked of these is not how well they measured.
describe.concurrent('a local run that meets trouble', () => {
  it('stops when told to, still reports, and blames nobody for what was cut', async () => {
    const server = await target({ delayMs: 50 });
    const stop = new StopSwitch();
    const frozen = freeze(planFor(server.url, constantRate(200, 30), twoRequests), { workers: 2 });
    void heardSo(server, 300).then(() => stop.order('interrupt', 'Ctrl-C'));
    const report = await run(frozen, { stop });
    await expectBalanced(report, server);
    expect(report.verdict).toMatchObject({ status: 'stopped', exitCode: 130 });
    expect(report.completeness.requests.cut.stop).toBeGreaterThan(0);
    expect(report.completeness.requests.dropped.generator).toBe(0);
    expect(report.run.seconds).toBeLessThan(10);
    const { count } = await server.seen();
    await sleep(500);
    expect((await server.seen()).count).toBe(count);
  });

  it('keeps what a killed load thread had flushed, names its workers, and is invalid', async () => {
    const server = await target();
    const frozen = freeze(planFor(server.url, constantRate(100, 9), twoRequests), { workers: 2 });
    const report = await run(frozen, {
      threads: 2,
      onInvoker: (invoker) => void heardSo(server, 700).then(() => invoker.kill(0)),
    });
    await expectBalanced(report, server);
    expect(report.verdict).toMatchObject({ status: 'invalid', exitCode: 4 });
    const { workers, requests } = report.completeness;
    expect(workers).toMatchObject({ planned: 2, reported: 1 });
    const [missing] = workers.missing;
    expect(missing?.n).toBe(0);
    expect(missing?.lastSeenSeconds).toBeGreaterThan(4);
    expect(missing?.lost).toBe(requests.lost);
    // Five of nine seconds of half of the load were flushed before it died.
    expect(requests.lost).toBeGreaterThan(0);
    expect(requests.lost).toBeLessThan(300);
    expect(requests.scheduled).toBe(900);
  });

  it('does not invent what a killed thread of free-running users began', async () => {
    const server = await target({ delayMs: 20 });
    const load: Load = {
      kind: 'closed',
      pace: { kind: 'none' },
      stages: [{ name: null, warmup: false, durationUs: 2e6, fromUsers: 4, toUsers: 4 }],
    };
    const report = await run(freeze(planFor(server.url, load), { workers: 2 }), {
      threads: 2,
      onInvoker: (invoker) => void heardSo(server, 100).then(() => invoker.kill(1)),
    });
    expect(report.completeness.requests.lost).toBeNull();
    expect(report.verdict.exitCode).toBe(4);
  });

  it('outlives a store that is away for a while', async () => {
    const server = await target();
    let awayFromMs = Number.POSITIVE_INFINITY;
    void heardSo(server, 20).then(() => {
      awayFromMs = Date.now();
    });
    const away = new Proxy(store, {
      get: (real, name) => {
        const member = Reflect.get(real, name) as unknown;
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          const sinceMs = Date.now() - awayFromMs;
          if (sinceMs >= 0 && sinceMs < 1_000) throw new UnavailableError('the store is away');
          return member.apply(real, args) as unknown;
        };
      },
    });
    const report = await run(freeze(planFor(server.url, constantRate(50, 2))), { store: away });
    await expectBalanced(report, server);
    expect(report.completeness.requests.ok).toBe(100);
  });

  it('merges what is there when its orchestrator vanished, and leaves a running one alone', async () => {
    const server = await target();
    const frozen = freeze(planFor(server.url, constantRate(50, 1)));
    await run(frozen);
    const files = runFiles(store, frozen.run);
    const state = (await files.state.read())!;
    await files.state.write({ ...state, phase: 'running', end: null, endedAtMs: null });
    const reportPath = `${folder}/runs/${frozen.run}/report`;
    await import('node:fs/promises').then((fs) => fs.rm(reportPath, { recursive: true }));
    await expect(loadReport(store, frozen.run)).rejects.toThrow('still running');
    const later = await loadReport(store, frozen.run, Date.now() + 120_000);
    expect(later.verdict).toMatchObject({ status: 'broken', exitCode: 3 });
    expect(later.completeness.requests.ok).toBe(50);
  });
});

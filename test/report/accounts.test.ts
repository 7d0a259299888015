import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../lib/measure/recorder.js';
import { buildReport } from '../../lib/report/build-report.js';
import type { IterationAccounts, Report } from '../../lib/report/report-schema.js';
import { openLoad, S, SimulatedRun, sliceOf } from './simulated-run.js';

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const OUTCOMES: readonly Outcome[] = [
  'ok',
  'ok',
  'ok',
  'ok',
  'failed',
  'cutDeadline',
  'droppedGenerator',
  'droppedTarget',
];

interface Truth {
  readonly run: SimulatedRun;
  readonly report: Report;
  /** What all schedules held together. */
  readonly scheduled: number;
}

/** A run whose workers live, die, stop, and lose pieces of what they sent, as chance will have it. */
function randomRun(seed: number): Truth {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const run = new SimulatedRun({
    regions: ['us-east-1', 'eu-west-1', 'sa-east-1'].slice(0, 1 + Math.floor(random() * 3)),
    workers: 1 + Math.floor(random() * 3),
    requests: ['GET /', 'POST /pay'].slice(0, 1 + Math.floor(random() * 2)),
    load: openLoad(
      { rate: 10, s: 4, name: 'warm', warmup: true },
      { rate: 20, s: 8, name: 'day' },
      { rate: 50, s: 8, name: 'peak' },
    ),
    legs: random() < 0.5 ? [10] : [],
  });
  const stopUs = random() < 0.3 ? Math.floor((5 + random() * 14) * S) : null;
  if (stopUs !== null) run.stop(stopUs, 'interrupt');
  let scheduled = 0;
  for (const worker of run.workers) {
    const { startUs, endUs } = run.frozen.legs[worker.leg]!;
    const diesUs = random() < 0.25 ? startUs + Math.floor(random() * (endUs - startUs)) : null;
    worker.vanished = diesUs !== null;
    let nextFlushUs = startUs + 2 * S;
    const count = Math.floor(random() * 120);
    for (let i = 0; i < count; i++) {
      const dueUs = startUs + Math.floor(((endUs - startUs) * i) / count);
      if (stopUs !== null && dueUs > stopUs + (worker.vanished ? 10 * S : 0)) break;
      const exchange = {
        dueUs,
        request: Math.floor(random() * run.frozen.plan.requests.length),
        outcome: stopUs !== null && dueUs + S > stopUs ? 'cutStop' : pick(OUTCOMES),
        latencyUs: 1_000 + Math.floor(random() * S),
      } as const;
      worker.plan(exchange);
      scheduled++;
      // A dying worker has begun some things whose end nobody hears of.
      if (diesUs !== null && dueUs > diesUs) continue;
      worker.begin(exchange);
      if (diesUs === null || exchange.dueUs + exchange.latencyUs <= diesUs) worker.finish(exchange);
      while (dueUs > nextFlushUs) {
        worker.flush(nextFlushUs);
        if (random() < 0.1) {
          const seq = worker.fragments.length - 1;
          const place = `${worker.region}/${worker.leg}/${worker.n}/${seq}`;
          run.troubled.set(place, random() < 0.5 ? 'missing' : 'unreadable');
        }
        nextFlushUs += 2 * S;
      }
    }
  }
  return { run, report: run.report(), scheduled };
}

function outcomes({ ok, failed, cut, dropped, lost }: IterationAccounts): number {
  return ok + failed + cut.deadline + cut.stop + dropped.generator + dropped.target + lost!;
}

const KEYS = ['scheduled', 'ok', 'failed', 'lost'] as const;

describe('whatever becomes of workers and of what they send', () => {
  const truths = Array.from({ length: 60 }, (_, seed) => ({ seed, ...randomRun(seed) }));

  test('every account balances to the unit', () => {
    for (const { seed, report, scheduled } of truths) {
      expect(report.completeness.requests.scheduled, `seed ${seed}`).toBe(scheduled);
      for (const accounts of [report.completeness, ...report.slices]) {
        expect(outcomes(accounts.requests), `seed ${seed}`).toBe(accounts.requests.scheduled);
        expect(outcomes(accounts.iterations), `seed ${seed}`).toBe(accounts.iterations.scheduled);
      }
      const check = report.verdict.validity.find(({ check }) => check === 'accounts')!;
      expect(check, `seed ${seed}`).toMatchObject({ level: 'good', measured: 0 });
    }
  });

  test('the cuts add up to each other', () => {
    for (const { seed, report } of truths) {
      const { regions, requests, stages } = report.run;
      const measured = stages.filter(({ warmup }) => !warmup).map(({ title }) => title);
      const cuts = [
        regions.map((region) => sliceOf(report, { region })),
        requests.map((request) => sliceOf(report, { request })),
        measured.map((stage) => sliceOf(report, { stage })),
        regions.flatMap((region) =>
          requests.map((request) => sliceOf(report, { region, request })),
        ),
        regions.flatMap((region) => measured.map((stage) => sliceOf(report, { region, stage }))),
        requests.flatMap((request) => measured.map((stage) => sliceOf(report, { request, stage }))),
      ];
      const all = stages.map(({ title }) => sliceOf(report, { stage: title }));
      for (const key of KEYS) {
        const sum = (slices: Report['slices']) =>
          slices.reduce((total, slice) => total + slice.requests[key]!, 0);
        for (const cut of cuts) {
          expect(sum(cut), `${key}, seed ${seed}`).toBe(sliceOf(report).requests[key]);
        }
        expect(sum(all), `${key}, seed ${seed}`).toBe(report.completeness.requests[key]);
      }
    }
  });

  test('every fragment that was sent is merged, missing or unreadable', () => {
    for (const { seed, report } of truths) {
      const { expected, merged, missing, unreadable } = report.completeness.fragments;
      expect(merged + missing + unreadable, `seed ${seed}`).toBe(expected);
    }
  });

  test('chance brings up every fate', () => {
    const all = truths.map(({ report }) => report.completeness);
    const totals = {
      lost: all.reduce((sum, { requests }) => sum + requests.lost!, 0),
      cut: all.reduce((sum, { requests }) => sum + requests.cut.stop, 0),
      missing: all.reduce((sum, { fragments }) => sum + fragments.missing, 0),
      unreadable: all.reduce((sum, { fragments }) => sum + fragments.unreadable, 0),
    };
    for (const [fate, n] of Object.entries(totals)) expect(n, fate).toBeGreaterThan(10);
  });
});

test('what a vanished worker had to do and none of its fragments knows of is lost', () => {
  const run = new SimulatedRun({ workers: 2 });
  const [alive, dying] = run.workers;
  for (let i = 0; i < 10; i++) alive!.exchange({ dueUs: i * S });
  for (let i = 0; i < 4; i++) dying!.exchange({ dueUs: i * S });
  dying!.flush(4 * S);
  for (let i = 4; i < 10; i++) dying!.plan({ dueUs: i * S });
  dying!.vanished = true;
  const { completeness, verdict } = run.report();
  expect(completeness.requests).toMatchObject({ scheduled: 20, ok: 14, lost: 6 });
  expect(completeness.workers).toEqual({
    planned: 2,
    reported: 1,
    refused: [],
    missing: [
      {
        region: 'local',
        leg: 0,
        n: 1,
        attempt: 1,
        lastSeen: '2026-11-21T14:15:07.000Z',
        lastSeenSeconds: 4,
        why: 'it fell silent',
        lost: 6,
      },
    ],
  });
  expect(verdict).toMatchObject({ status: 'invalid', exitCode: 4 });
});

test('what a vanished worker of a closed model had begun is unknown, and said so', () => {
  const load = {
    kind: 'closed',
    stages: [{ fromUsers: 5, toUsers: 5, durationUs: 10 * S, name: null, warmup: false }],
    pace: { kind: 'none' },
  } as const;
  const run = new SimulatedRun({ load, objectives: ['errors < 1%'] });
  run.only.exchange({ dueUs: S });
  run.only.begin({ dueUs: 2 * S });
  run.only.flush(5 * S);
  run.only.vanished = true;
  run.only.unplanned = true;
  const report = run.report();
  expect(report.completeness.requests).toMatchObject({ scheduled: 2, ok: 1, lost: null });
  expect(report.completeness.workers.missing[0]).toMatchObject({ lost: null });
  expect(report.verdict).toMatchObject({ status: 'invalid', exitCode: 4 });
  expect(report.verdict.objectives[0]).toMatchObject({ ok: null, state: 'undecided' });
  expect(report.findings.map(({ text }) => text)).toContain(
    'What worker local/0/0.1 did is unknown since 5s after the start.',
  );
});

describe('a bug in the accounts is found, and ends with exit code 1', () => {
  const bugs: readonly [string, (run: SimulatedRun) => Report][] = [
    [
      'a request that was scheduled and never ended',
      (run) => {
        run.only.begin({ dueUs: S });
        return run.report();
      },
    ],
    [
      'a manifest that says something else than its fragments',
      (run) => {
        const { record, regions } = run.collected();
        const [shard] = record.shards;
        const manifest = { ...shard!.manifest!, totals: { ...shard!.manifest!.totals, sent: 7 } };
        return buildReport({ ...record, shards: [{ ...shard!, manifest }] }, regions);
      },
    ],
    [
      'a merge that counts something twice',
      (run) => {
        const { record, regions } = run.collected();
        const [region] = regions;
        const rows = [...region!.rows, region!.rows[0]!];
        return buildReport(record, [{ ...region!, rows }]);
      },
    ],
  ];
  test.each(bugs)('%s', (_, reportOf) => {
    const report = reportOf(new SimulatedRun().fill(5));
    expect(report.verdict).toMatchObject({ status: 'invalid', exitCode: 1 });
    expect(report.findings[0]).toMatchObject({ id: 'accounts', severity: 'serious' });
  });
});

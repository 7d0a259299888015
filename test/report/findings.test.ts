import { describe, expect, test } from 'vitest';
import { MS, openLoad, S, SimulatedRun } from './simulated-run.js';

const textsOf = (run: SimulatedRun) => run.report().findings.map(({ id, text }) => [id, text]);

test('nothing is found in a run in which all went well', () => {
  expect(textsOf(new SimulatedRun().fill(1000))).toEqual([]);
});

/** Answers fifty a second, one after the other, whatever is asked of it. */
function saturated(lagUs = 0): SimulatedRun {
  const run = new SimulatedRun({
    load: openLoad({ rate: 20, s: 10, name: 'day' }, { rate: 100, s: 10, name: 'peak' }),
  });
  for (let i = 0; i < 200; i++) run.only.exchange({ dueUs: i * 50 * MS, lagUs });
  for (let i = 0; i < 1000; i++) {
    const dueUs = 10 * S + i * 10 * MS;
    const endUs = 10 * S + (i + 1) * 20 * MS;
    const blockedUs = i * 10 * MS;
    if (endUs > 25 * S) run.only.exchange({ dueUs, outcome: 'droppedTarget' });
    else run.only.exchange({ dueUs, lagUs, blockedUs, latencyUs: lagUs + endUs - dueUs });
  }
  return run;
}

test('a target that is the limit is named with the rate it held', () => {
  const [finding] = saturated().report().findings;
  expect(finding).toMatchObject({
    id: 'target-limit',
    severity: 'serious',
    text: 'The target is the limit: in peak it held 49.9/s of the 100/s asked for, while the load generator was in time: requests never found a free connection.',
    evidence: { stage: 'peak', asked: 100, held: 49.9 },
  });
});

test('where connections ran out they are named beside the target: it may have been fast', () => {
  const run = saturated();
  run.only.ceilingReached = true;
  expect(run.report().findings[0]?.text).toMatch(
    /^The target is the limit, or the 900 connections that a worker opens at most: in peak /,
  );
});

test('a queue that grew at the target is told from answers that merely take long', () => {
  const load = openLoad({ rate: 100, s: 12, name: 'peak' });
  const growing = new SimulatedRun({ load }).fill(1200, (i) => ({ latencyUs: (5 + i * 10) * MS }));
  expect(textsOf(growing).map(([id]) => id)).toContain('target-limit');
  const slow = new SimulatedRun({ load }).fill(1200, () => ({ latencyUs: 3 * S }));
  expect(textsOf(slow).map(([id]) => id)).not.toContain('target-limit');
});

test('a generator that was late puts no blame on the target', () => {
  expect(textsOf(saturated(500 * MS)).map(([id]) => id)).not.toContain('target-limit');
});

test('what the warm-up left behind is told with its size', () => {
  const run = new SimulatedRun().fill(1000);
  run.only.backlogAtStart = 312;
  expect(textsOf(run)).toEqual([
    [
      'backlog',
      '312 requests of the warm-up still waited when measuring began, and delayed the first ones measured.',
    ],
  ]);
});

test('users that a deployment held back are told of, and the load is doubtful by it', () => {
  const run = new SimulatedRun().fill(1000);
  run.only.held = 0;
  expect(textsOf(run)).toEqual([]);
  run.only.held = 1_250;
  const { findings, verdict } = run.report();
  expect(findings).toMatchObject([
    { id: 'held-back', severity: 'warning', text: expect.stringContaining('1,250 times a user') },
  ]);
  expect(verdict.validity.find(({ check }) => check === 'offered')).toMatchObject({
    level: 'doubtful',
    measured: 0,
    meaning: expect.stringContaining('1250 times a user, or the code of a flow, was held back'),
    remedy: expect.stringContaining('maxWorkerRate'),
  });
});

describe('reaching a number of connections that the plan gives', () => {
  const reached = (latencyUs: number, blockedUs: number) => {
    const run = new SimulatedRun({ connections: 8 }).fill(1000, (i) => ({
      latencyUs: latencyUs + (i === 500 ? 40 * MS : 0),
      blockedUs: i === 500 ? 40 * MS : blockedUs,
    }));
    run.only.ceilingReached = true;
    return run.report().findings;
  };

  test('is a finding', () => {
    expect(reached(50 * MS, 15 * MS)).toEqual([
      {
        id: 'connections-reached',
        severity: 'warning',
        text: "All of the plan's 8 connections were in use: half of the answered requests waited 15.0 ms or more for a free one, the longest 40.0 ms.",
        evidence: { connections: 8, blockedP50: 15.007, blockedMax: 40 },
      },
    ]);
  });

  test('is no warning where hardly anybody had to wait', () => {
    expect(reached(50 * MS, 20)).toMatchObject([
      {
        severity: 'info',
        text: "All of the plan's 8 connections were in use at times: half of the answered requests waited 20 µs at most for a free one, the longest 40.0 ms.",
      },
    ]);
  });

  test.each([
    ['1 ms, however fast the answers', 8 * MS, 990, 'info'],
    ['1 ms, and a twentieth of the latency', 8 * MS, 1_010, 'warning'],
    ['a twentieth of the latency, however slow the answers', 400 * MS, 19 * MS, 'info'],
    ['a twentieth of the latency, and 1 ms', 400 * MS, 21 * MS, 'warning'],
  ])('counts from a wait of %s', (_, latencyUs, blockedUs, severity) => {
    expect(reached(latencyUs, blockedUs)).toMatchObject([{ severity }]);
  });
});

test('times above an hour are counted, and said to be cut', () => {
  const run = new SimulatedRun().fill(10, (i) => (i < 2 ? { latencyUs: 3_700 * S } : {}));
  expect(textsOf(run)).toEqual([
    ['clamped', '2 times were longer than one hour: percentiles hold them as one hour.'],
  ]);
});

test('errors of one kind are named; what to do stands in the list of errors', () => {
  const run = new SimulatedRun().fill(1000, (i) => {
    if (i % 10 === 0) return { outcome: 'failed', code: 1050, message: 'no answer in 10 s: wait' };
    return i === 1 ? { outcome: 'failed' } : {};
  });
  expect(textsOf(run)).toEqual([
    [
      'dominant-error',
      '99 % of the 101 errors are of one kind: no answer in 10 s (timeout, 1050).',
    ],
  ]);
});

test('an only kind stands in the list of errors, and is not told twice', () => {
  const run = new SimulatedRun().fill(1000, (i) => (i % 10 === 0 ? { outcome: 'failed' } : {}));
  expect(run.report().errors).toHaveLength(1);
  expect(textsOf(run)).toEqual([]);
});

test('errors of many kinds are not', () => {
  const run = new SimulatedRun().fill(1000, (i) =>
    i % 10 === 0 ? { outcome: 'failed', code: 1500 + (i % 30) / 10 } : {},
  );
  expect(textsOf(run)).toEqual([]);
});

test('a worker that fell silent by itself is named with the time and what it left undone', () => {
  const run = new SimulatedRun({ regions: ['local', 'paris'], workers: 2 }).fill(400);
  const [worker] = run.workers;
  worker!.lapsedAtUs = 7 * S;
  for (let i = 0; i < 30; i++) {
    worker!.exchange({ dueUs: 7 * S + i * 100 * MS, outcome: 'droppedGenerator' });
  }
  const { findings } = run.report();
  expect(findings.filter(({ id }) => id === 'lost-sight')).toEqual([
    {
      id: 'lost-sight',
      severity: 'serious',
      text: 'Worker local/0/0.1 lost sight of the run and fell silent by itself 7s after the start: 30 of its requests were never begun.',
      evidence: { region: 'local', leg: 0, n: 0, at: 7, dropped: 30 },
    },
  ]);
});

test('workers whose clocks are surely off are named, and no others', () => {
  const run = new SimulatedRun({ workers: 4 }).fill(400);
  const clocks = [
    [-2_004, 44],
    [430, 60],
    // It may be off, and may not.
    [-140, 45],
    [3, 45],
  ] as const;
  for (const [n, [offsetMs, uncertaintyMs]] of clocks.entries()) {
    run.workers[n]!.clock = { offsetMs, uncertaintyMs, driftMs: null };
  }
  const { findings } = run.report();
  expect(findings.filter(({ id }) => id === 'clocks-off')).toEqual([
    {
      id: 'clocks-off',
      severity: 'serious',
      text: "Not every clock agrees with the store's, and each worker begins by its own: worker local/0/0.1 is 2.00 s behind, to within 44.0 ms, and began so much too late; worker local/0/1.1 is 430 ms ahead, to within 60.0 ms, and began so much too early.",
      evidence: { workers: 2, furthest: -2_004 },
    },
  ]);
});

test('where many clocks are off, the worst are named', () => {
  const run = new SimulatedRun({ workers: 14 }).fill(1_400);
  for (const [n, worker] of run.workers.entries()) {
    worker.clock = { offsetMs: 110 + n, uncertaintyMs: 1, driftMs: null };
  }
  const [finding] = run.report().findings;
  expect(finding).toMatchObject({ severity: 'warning', evidence: { workers: 14, furthest: 123 } });
  expect(finding!.text).toMatch(/: worker local\/0\/13\.1 is 123 ms ahead.*; and 4 more, in /);
});

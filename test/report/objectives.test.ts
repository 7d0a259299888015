import { describe, expect, test } from 'vitest';
import type { ObjectiveVerdict } from '../../lib/report/report-schema.js';
import { type Exchange, MS, openLoad, type PlanParts, S, SimulatedRun } from './simulated-run.js';

type Each = (i: number) => Partial<Exchange>;

function judged(objective: string, requests: number, each: Each, parts: PlanParts = {}) {
  const run = new SimulatedRun({ objectives: [objective], ...parts }).fill(requests, each);
  return run.report().verdict.objectives[0]!;
}

const fast: Each = () => ({ latencyUs: 20 * MS });
/** The first of every so many, exactly. */
const every =
  (n: number, other: Partial<Exchange>, rest: Partial<Exchange> = { latencyUs: 20 * MS }): Each =>
  (i) =>
    i % n === 0 ? other : rest;

const timeoutsAndSlow: Each = (i) => {
  if (i % 50 < 2) return { outcome: 'failed', code: 1050, latencyUs: S };
  return { latencyUs: i % 50 === 2 ? S : 20 * MS };
};

describe('an objective is judged', () => {
  const cases: readonly [
    what: string,
    objective: string,
    requests: number,
    each: Each,
    state: ObjectiveVerdict['state'],
    measured: number | null,
  ][] = [
    ['by the exact rank where the sample shows it', 'p95 < 500ms', 1000, fast, 'held', 20],
    ['at the rank itself', 'p95 < 500ms', 200, every(20, { latencyUs: S }), 'held', 20.015],
    ['one rank beyond', 'p95 < 500ms', 200, every(19, { latencyUs: S }), 'missed', 1000],
    ['with a limit that is just kept', 'p50 <= 1ms', 20, () => ({ latencyUs: MS }), 'held', 1],
    ['with a limit that is just broken', 'p50 < 1ms', 20, () => ({ latencyUs: MS }), 'missed', 1],
    [
      'with failures as slower than any limit: 4 % of timeouts fail p97',
      'p97 < 500ms',
      1000,
      every(25, { outcome: 'failed', latencyUs: S }),
      'missed',
      null,
    ],
    [
      'with failures beside slow answers: 4 % of timeouts and 2 % of slow ones fail p95',
      'p95 < 500ms',
      1000,
      timeoutsAndSlow,
      'missed',
      1000,
    ],
    [
      'though not among good answers, of which only 2 % are slow',
      'ok p95 < 500ms',
      1000,
      timeoutsAndSlow,
      'held',
      20.015,
    ],
    [
      'with what was cut by the deadline as slow',
      'p97 < 500ms',
      1000,
      every(25, { outcome: 'cutDeadline' }),
      'missed',
      null,
    ],
    [
      'with what the target held up as slow',
      'p97 < 500ms',
      1000,
      every(25, { outcome: 'droppedTarget' }),
      'missed',
      null,
    ],
    [
      'among good answers only, where it says ok',
      'ok p97 < 500ms',
      1000,
      every(25, { outcome: 'failed', latencyUs: S }),
      'held',
      20,
    ],
    [
      'among failed ones only, where it says failed',
      'failed p50 < 500ms',
      1000,
      every(25, { outcome: 'failed', latencyUs: S }),
      'missed',
      1000,
    ],
    ['as held, if nothing failed', 'failed p95 < 1s', 100, fast, 'held', null],
    ['by the binomial test where it is withheld', 'p95 < 500ms', 90, fast, 'held', null],
    ['against it in the same way', 'p95 < 500ms', 90, every(6, { latencyUs: S }), 'missed', null],
    ['not at all where too few tell', 'p95 < 500ms', 89, fast, 'undecided', null],
    [
      'nor where they tell too little',
      'p99 < 1s',
      900,
      every(90, { latencyUs: 2 * S }),
      'undecided',
      null,
    ],
    ['p99 by 459 at the least', 'p99 < 1s', 459, fast, 'held', null],
    ['on errors', 'errors < 1%', 200, every(100, { outcome: 'failed' }), 'missed', 0.01],
    [
      'on errors, up to a limit',
      'errors <= 1%',
      200,
      every(100, { outcome: 'failed' }),
      'held',
      0.01,
    ],
    ['on its mean', 'mean < 100ms', 4, every(2, { latencyUs: 40 * MS }), 'held', 30],
    ['on its maximum', 'max < 40ms', 4, every(2, { latencyUs: 40 * MS }), 'missed', 40],
    ['on its minimum, where more is better', 'min > 20ms', 4, fast, 'missed', 20],
    ['on the rate', 'rate > 9.5/s', 100, fast, 'held', 10],
    [
      'on the rate of good answers',
      'rate > 9.5/s',
      100,
      every(10, { outcome: 'failed' }),
      'missed',
      9,
    ],
    ['where more is better, at the rank', 'p50 > 100ms', 100, fast, 'missed', 20],
    [
      'missed, where the target left too little to judge',
      'ok p95 < 500ms',
      120,
      every(2, { outcome: 'failed' }),
      'missed',
      null,
    ],
  ];
  test.each(cases)('%s', (_, objective, requests, each, state, measured) => {
    const verdict = judged(objective, requests, each);
    expect(verdict).toMatchObject({
      state,
      measured,
      ok: state === 'held' ? true : state === 'missed' ? false : null,
    });
  });
});

describe('what says nothing about the target is tried as fast and as slow', () => {
  const cases: readonly [string, string, Each, ObjectiveVerdict['state']][] = [
    ['both ways hold', 'p95 < 500ms', every(50, { outcome: 'droppedGenerator' }), 'held'],
    ['they differ', 'p95 < 500ms', every(10, { outcome: 'droppedGenerator' }), 'undecided'],
    [
      'both ways miss',
      'p95 < 500ms',
      (i) =>
        i % 10 === 0 ? { outcome: 'droppedGenerator' } : i % 10 === 1 ? { latencyUs: S } : {},
      'missed',
    ],
    ['errors, both ways', 'errors < 5%', every(50, { outcome: 'droppedGenerator' }), 'held'],
    ['errors that differ', 'errors < 5%', every(10, { outcome: 'droppedGenerator' }), 'undecided'],
    [
      'good answers only',
      'ok p95 < 500ms',
      every(10, { outcome: 'droppedGenerator' }),
      'undecided',
    ],
    [
      'the mean is about what was measured',
      'mean < 1s',
      every(10, { outcome: 'droppedGenerator' }),
      'held',
    ],
  ];
  test.each(cases)('%s', (_, objective, each, state) => {
    expect(judged(objective, 1000, each).state).toBe(state);
  });

  test('times that vanished with a worker, though their answers were counted', () => {
    const run = new SimulatedRun({ objectives: ['p82 < 500ms', 'p77 < 500ms'] });
    const { only } = run;
    for (let i = 0; i < 1000; i++) {
      only.exchange({ dueUs: i * 10 * MS });
      // Counters go out at once, the times of a block only when it closes.
      if (i === 849) only.flush(8.5 * S);
    }
    only.vanished = true;
    const report = run.report();
    // 150 lost, and 50 answers without a time: 800 of 1,000 are known to be fast.
    expect(report.verdict.objectives.map(({ state }) => state)).toEqual(['undecided', 'held']);
    expect(report.findings.map(({ text }) => text)).toContain(
      'The times of 50 good answers in local were lost with a worker: they are counted, but in no percentile.',
    );
  });
});

describe('in every region', () => {
  const regions = ['us-east-1', 'eu-west-1', 'ap-northeast-1'];
  const slowIn =
    (...slow: string[]) =>
    (_: number, { region }: { region: string }): Partial<Exchange> => ({
      latencyUs: slow.includes(region) ? 600 * MS + slow.indexOf(region) * 100 * MS : 20 * MS,
    });
  const verdictOf = (objective: string, ...slow: string[]) =>
    new SimulatedRun({ regions, objectives: [objective] }).fill(1000, slowIn(...slow)).report()
      .verdict.objectives[0]!;

  test('all regions must hold', () => {
    expect(verdictOf('p95 < 500ms in every region')).toMatchObject({ ok: true, region: 'every' });
    expect(verdictOf('p95 < 500ms in every region', 'eu-west-1')).toMatchObject({
      ok: false,
      worst: 'eu-west-1',
    });
  });

  test('the worst of several is named, with its value', () => {
    const verdict = verdictOf('p95 < 500ms in every region', 'eu-west-1', 'us-east-1');
    expect(verdict).toMatchObject({ ok: false, worst: 'us-east-1', measured: 700 });
    expect(verdict.sentence).toBe('us-east-1: p95 latency was 700 ms');
  });

  test('one region is judged alone, and all together without any', () => {
    expect(verdictOf('p95 < 500ms in us-east-1', 'eu-west-1').ok).toBe(true);
    expect(verdictOf('p95 < 500ms in eu-west-1', 'eu-west-1').ok).toBe(false);
    expect(verdictOf('p50 < 500ms', 'eu-west-1').ok).toBe(true);
    expect(verdictOf('p75 < 500ms', 'eu-west-1')).toMatchObject({ ok: false, region: null });
  });
});

describe('an objective keeps to its scope', () => {
  const parts: PlanParts = {
    requests: ['GET /', 'POST /pay'],
    load: openLoad(
      { rate: 100, s: 2, name: 'warm', warmup: true },
      { rate: 100, s: 4, name: 'day' },
      { rate: 100, s: 4, name: 'peak' },
    ),
  };
  const each: Each = (i) => ({
    request: i % 2,
    latencyUs: i < 200 ? 5 * S : i >= 600 ? 300 * MS : i % 2 === 1 ? 100 * MS : 20 * MS,
  });
  const cases: readonly [string, number][] = [
    ['max < 10s', 300],
    ['max < 10s during day', 100],
    ['max < 10s during peak', 300],
    ['max < 10s of "GET /" during day', 20],
    ['min < 10s of "POST /pay"', 100],
  ];
  test.each(cases)('%s', (objective, measured) => {
    expect(judged(objective, 1000, each, parts).measured).toBe(measured);
  });
});

describe('undecided objectives', () => {
  test('are allowed by --allow-undecided where the sample is too small', () => {
    const parts = { allowUndecided: true };
    expect(judged('p95 < 500ms', 50, fast, parts)).toMatchObject({ ok: null, state: 'not judged' });
    const torn = judged('p95 < 500ms', 1000, every(10, { outcome: 'droppedGenerator' }), parts);
    expect(torn.state).toBe('undecided');
  });

  test('are not reached where the run was ended before their stage', () => {
    const run = new SimulatedRun({
      objectives: [
        'p95 < 500ms during peak',
        'failed p95 < 500ms during peak',
        'rate > 5/s during peak',
        'p95 < 500ms during day',
      ],
      load: openLoad({ rate: 100, s: 5, name: 'day' }, { rate: 100, s: 5, name: 'peak' }),
    });
    for (let i = 0; i < 400; i++) run.only.exchange({ dueUs: i * 10 * MS });
    for (let i = 400; i < 402; i++) run.only.exchange({ dueUs: i * 10 * MS, outcome: 'cutStop' });
    run.only.stoppedAtUs = 4_020 * MS;
    run.stop(4 * S, 'interrupt');
    const { verdict } = run.report();
    expect(verdict.objectives.map(({ state }) => state)).toEqual([
      'not reached',
      'not reached',
      'not reached',
      'held',
    ]);
    expect(verdict).toMatchObject({ status: 'stopped', exitCode: 130, level: 'good' });
  });

  test('say how many samples it takes', () => {
    expect(judged('p99 < 1s', 300, fast).sentence).toBe(
      '0 of 300 requests took at least 1.00 s: too few to decide p99, which takes at least 459',
    );
  });
});

import { describe, expect, test } from 'vitest';
import type { Load } from '../../lib/plan/plan.js';
import { buildReport } from '../../lib/report/build-report.js';
import { CHECKS, type ValidityVerdict } from '../../lib/report/report-schema.js';
import { type Exchange, MS, type PlanParts, S, SimulatedRun } from './simulated-run.js';

function checkOf(run: SimulatedRun, check: ValidityVerdict['check']): ValidityVerdict {
  return run.report().verdict.validity.find((v) => v.check === check)!;
}

function run(requests: number, each: (i: number) => Partial<Exchange> = () => ({})): SimulatedRun {
  return new SimulatedRun().fill(requests, each);
}

const first =
  (n: number, exchange: Partial<Exchange>, rest: Partial<Exchange> = {}) =>
  (i: number): Partial<Exchange> =>
    i < n ? exchange : rest;

describe('lag', () => {
  const late = { lagUs: 6 * MS };
  test.each([
    ['one in a hundred is good', first(10, late), 'good', 0.01],
    ['more is doubtful', first(11, late), 'doubtful', 0.011],
    ['one in ten is doubtful', first(100, late), 'doubtful', 0.1],
    ['more is invalid', first(101, late), 'invalid', 0.101],
    ['up to 5 ms is in time', () => ({ lagUs: 5 * MS }), 'good', 0],
    [
      'up to a tenth of the median latency is in time',
      () => ({ lagUs: 49 * MS, latencyUs: 500 * MS }),
      'good',
      0,
    ],
    [
      'it counts how failed ones were taken up as well',
      first(101, { ...late, outcome: 'failed' } as const),
      'invalid',
      0.101,
    ],
  ] as const)('%s', (_, each, level, measured) => {
    expect(checkOf(run(1000, each), 'lag')).toMatchObject({ level, measured });
  });

  test('is judged by the worst region', () => {
    const regions = ['us-east-1', 'eu-west-1'];
    const two = new SimulatedRun({ regions }).fill(1000, (i, { region }) =>
      region === 'eu-west-1' && i < 101 ? late : {},
    );
    expect(checkOf(two, 'lag')).toMatchObject({ level: 'invalid', region: 'eu-west-1' });
  });

  test('is not held against a slow target', () => {
    const slow = run(1000, () => ({ blockedUs: 2 * S, latencyUs: 3 * S }));
    expect(slow.report().verdict.level).toBe('good');
  });
});

describe('offered', () => {
  const dropped = { outcome: 'droppedGenerator' } as const;
  test.each([
    ['all of it is good', 0, 'good'],
    ['anything less is doubtful', 1, 'doubtful'],
    ['one in a thousand is doubtful', 10, 'doubtful'],
    ['more is invalid', 11, 'invalid'],
  ] as const)('%s', (_, n, level) => {
    expect(checkOf(run(10_000, first(n, dropped)), 'offered')).toMatchObject({
      level,
      measured: n / 10_000,
    });
  });

  test('what the target held up was offered', () => {
    const check = checkOf(run(1000, first(500, { outcome: 'droppedTarget' })), 'offered');
    expect(check).toMatchObject({ level: 'good', measured: 0, region: null });
  });
});

describe('fragments', () => {
  const flushed = (): SimulatedRun => {
    const r = new SimulatedRun();
    for (let i = 0; i < 10; i++) {
      r.only.exchange({ dueUs: i * S });
      r.only.flush(i * S + 500 * MS);
    }
    return r;
  };

  test('all of them merged once is good, however often they were found', () => {
    const r = flushed();
    r.fates.push(r.only.fragmentFate(3, 'duplicate'));
    const report = r.report();
    expect(report.verdict.level).toBe('good');
    expect(report.completeness.fragments).toEqual({
      expected: 11,
      merged: 11,
      duplicate: 1,
      missing: 0,
      unreadable: 0,
    });
  });

  test.each(['missing', 'unreadable'] as const)(
    'one that is %s makes the run invalid',
    (trouble) => {
      const r = flushed();
      r.troubled.set('local/0/0/4', trouble);
      const report = r.report();
      expect(report.completeness.fragments).toMatchObject({
        expected: 11,
        merged: 10,
        [trouble]: 1,
      });
      expect(report.completeness.requests).toMatchObject({ scheduled: 10, ok: 9, lost: 1 });
      expect(report.completeness.workers.missing).toMatchObject([
        { n: 0, why: 'one piece of its measurements is missing or cannot be read', lost: 1 },
      ]);
      expect(report.verdict).toMatchObject({ status: 'invalid', exitCode: 4 });
    },
  );

  test('one that is not what its manifest says is missing', () => {
    const { record, regions } = flushed().collected();
    const fragments = record.fragments.map((f, i) => (i === 2 ? { ...f, sha256: 'other' } : f));
    const check = buildReport({ ...record, fragments }, regions).verdict.validity.find(
      (v) => v.check === 'fragments',
    );
    expect(check).toMatchObject({ level: 'invalid', measured: 1 });
  });

  test('those of a void attempt do not matter', () => {
    const r = flushed();
    r.fates.push({ id: 'local/0/0.2/0', sha256: 'x', outcome: 'void' });
    expect(checkOf(r, 'fragments')).toMatchObject({ level: 'good', measured: 0 });
  });
});

describe('event-loop', () => {
  const delayed = (p99Us: number, latencyUs = 20 * MS) => {
    const r = run(1000, () => ({ latencyUs }));
    r.only.health = { ...r.only.health, delay: { p99Us, fromUs: 3 * S } };
    return checkOf(r, 'event-loop');
  };
  test.each([
    ['up to 10 ms is good', 10 * MS, 'good'],
    ['more is doubtful', 10 * MS + 1, 'doubtful'],
    ['five times that is doubtful', 50 * MS, 'doubtful'],
    ['more is invalid', 50 * MS + 1, 'invalid'],
  ] as const)('%s', (_, p99Us, level) => {
    expect(delayed(p99Us)).toMatchObject({ level, measured: p99Us / MS, unit: 'ms' });
  });

  test('where latencies are long, a tenth of their median is allowed', () => {
    expect(delayed(49 * MS, 500 * MS)).toMatchObject({ level: 'good' });
    expect(delayed(51 * MS, 500 * MS)).toMatchObject({ level: 'doubtful' });
    expect(delayed(251 * MS, 500 * MS)).toMatchObject({ level: 'invalid' });
  });

  test('each region is measured by its own latencies', () => {
    const regions = ['far', 'near'];
    const two = new SimulatedRun({ regions }).fill(1000, (_, { region }) => ({
      latencyUs: region === 'far' ? 1 * S : 20 * MS,
    }));
    for (const worker of two.workers) {
      const p99Us = worker.region === 'far' ? 80 * MS : 20 * MS;
      worker.health = { ...worker.health, delay: { p99Us, fromUs: 0 } };
    }
    expect(checkOf(two, 'event-loop')).toMatchObject({
      level: 'doubtful',
      region: 'near',
      measured: 20,
      limit: { doubtful: 10, invalid: 50 },
    });
  });
});

describe('busy', () => {
  test.each([
    ['nine tenths of the time is good', 0.9, 'good'],
    ['more is doubtful', 0.901, 'doubtful'],
    ['up to 98 % is doubtful', 0.98, 'doubtful'],
    ['more is invalid', 0.981, 'invalid'],
  ] as const)('%s', (_, share, level) => {
    const r = run(1000);
    r.only.health = { ...r.only.health, busy: { share, fromUs: 0 } };
    expect(checkOf(r, 'busy')).toMatchObject({ level, measured: share, region: 'local' });
  });

  test('is that of the busiest worker', () => {
    const r = new SimulatedRun({ workers: 3 }).fill(400);
    r.workers[1]!.health = { ...r.workers[1]!.health, busy: { share: 0.99, fromUs: 0 } };
    expect(checkOf(r, 'busy')).toMatchObject({ level: 'invalid', measured: 0.99 });
  });

  test('of less than a second nothing is known, and nothing is held against it', () => {
    const r = run(1000);
    r.only.health = { ...r.only.health, busy: null, delay: null };
    expect(r.report().verdict.level).toBe('good');
  });
});

test('stolen, throttled and collected time does not judge', () => {
  const r = run(1000);
  r.only.health = {
    ...r.only.health,
    steal: 0.4,
    throttled: { count: 300, totalUs: 8 * S },
    gc: { count: 90, totalUs: 4 * S, longestUs: 900 * MS },
  };
  expect(r.report().verdict.level).toBe('good');
});

describe('start', () => {
  test.each([
    ['100 ms late is good', 100 * MS, 'good'],
    ['more is doubtful', 101 * MS, 'doubtful'],
    ['a second is doubtful', 1 * S, 'doubtful'],
    ['more is invalid', 1_001 * MS, 'invalid'],
    ['a worker that had nothing to take up was not late', null, 'good'],
  ] as const)('%s', (_, firstLagUs, level) => {
    const r = run(1000);
    r.only.firstLagUs = firstLagUs;
    expect(checkOf(r, 'start')).toMatchObject({ level, measured: (firstLagUs ?? 0) / MS });
  });
});

describe('clock-offset', () => {
  const off = (offsetMs: number, uncertaintyMs = 5) => {
    const r = run(1000);
    r.only.clock = { offsetMs, uncertaintyMs, driftMs: null };
    return checkOf(r, 'clock-offset');
  };
  test.each([
    ['100 ms are good', 105, 'good', 100],
    ['more is doubtful', 106, 'doubtful', 101],
    ['behind is as bad as ahead', -106, 'doubtful', 101],
    ['250 ms are doubtful', 255, 'doubtful', 250],
    ['more is invalid', -256, 'invalid', 251],
  ] as const)('%s', (_, offsetMs, level, measured) => {
    expect(off(offsetMs)).toMatchObject({ level, measured });
  });

  test('what is uncertain is not held against it', () => {
    expect(off(140, 150)).toMatchObject({ level: 'good', measured: 0, region: null });
  });

  test('one that nobody knows is doubtful', () => {
    const r = run(1000);
    r.only.clock = null;
    expect(checkOf(r, 'clock-offset')).toMatchObject({ level: 'doubtful', measured: null });
  });
});

describe('connections', () => {
  const reached = (parts: PlanParts) => {
    const r = new SimulatedRun({ workers: 2, ...parts }).fill(500);
    r.workers[1]!.ceilingReached = true;
    return r.report();
  };

  test('the ceiling of auto makes it doubtful, and never more', () => {
    expect(reached({}).verdict).toMatchObject({ level: 'doubtful', exitCode: 0 });
    expect(reached({}).verdict.validity.find(({ check }) => check === 'connections')).toMatchObject(
      {
        level: 'doubtful',
        measured: 1,
        limit: { doubtful: 0, invalid: null },
        region: 'local',
      },
    );
    expect(checkOf(run(1000), 'connections')).toMatchObject({ level: 'good', measured: 0 });
  });

  test('a number that the user gave is a part of the plan: reaching it is a finding', () => {
    const { verdict, findings } = reached({ connections: 10 });
    expect(verdict.level).toBe('good');
    expect(findings.map(({ id }) => id)).toContain('connections-reached');
  });

  test('users bring their own', () => {
    const load: Load = {
      kind: 'closed',
      pace: { kind: 'none' },
      stages: [{ fromUsers: 4, toUsers: 4, durationUs: 10 * S, name: null, warmup: false }],
    };
    expect(reached({ load }).verdict.level).toBe('good');
  });
});

describe('accounts', () => {
  test('that come out are good; one request without an end is a bug', () => {
    expect(checkOf(run(1000), 'accounts')).toMatchObject({ level: 'good', measured: 0 });
    const r = run(1000);
    r.only.begin({ dueUs: S });
    expect(checkOf(r, 'accounts')).toMatchObject({ level: 'invalid' });
  });
});

describe('support', () => {
  test('an objective that is decided is good, one that cannot be is invalid', () => {
    const of = (requests: number) =>
      checkOf(new SimulatedRun({ objectives: ['p99 < 500ms'] }).fill(requests), 'support');
    expect(of(1000)).toMatchObject({ level: 'good', measured: 0 });
    expect(of(100)).toMatchObject({ level: 'invalid', measured: 1 });
  });
});

describe('a check that the user accepts', () => {
  const accepting = (accepted: readonly string[], share: number) => {
    const r = new SimulatedRun({ accepted }).fill(1000);
    r.only.health = { ...r.only.health, busy: { share, fromUs: 0 } };
    return r.report().verdict;
  };
  const busyOf = ({ validity }: ReturnType<typeof accepting>) =>
    validity.find(({ check }) => check === 'busy');

  test('counts as one level better, and says what it was', () => {
    const was = accepting([], 0.99);
    expect(was).toMatchObject({ level: 'invalid', exitCode: 4 });
    const now = accepting(['busy'], 0.99);
    expect(now).toMatchObject({ level: 'doubtful', status: 'passed', exitCode: 0 });
    expect(busyOf(now)).toEqual({ ...busyOf(was), level: 'doubtful', lowered: 'invalid' });
    expect(busyOf(accepting(['busy'], 0.95))).toMatchObject({ level: 'good', lowered: 'doubtful' });
  });

  test('that is good stays as it is', () => {
    expect(busyOf(accepting(['busy'], 0.5))).toMatchObject({ level: 'good', lowered: null });
  });

  test('says nothing for the others', () => {
    expect(accepting(['lag', 'event-loop'], 0.99)).toMatchObject({ level: 'invalid', exitCode: 4 });
  });

  test('is never that of the accounts, whatever a plan says', () => {
    const r = new SimulatedRun({ accepted: ['accounts'] }).fill(1000);
    r.only.begin({ dueUs: S });
    expect(r.report().verdict).toMatchObject({ level: 'invalid', exitCode: 1 });
  });
});

test('every check of the schema is made, in its order', () => {
  const { validity } = run(100).report().verdict;
  expect(validity.map(({ check }) => check)).toEqual(CHECKS);
});

test('whatever is not good says what to do, and what it means', () => {
  const report = run(1000, first(500, { lagUs: S })).report();
  for (const { level, meaning, remedy } of report.verdict.validity) {
    expect(meaning).toMatch(/\.$/);
    expect(remedy === null).toBe(level === 'good');
  }
});

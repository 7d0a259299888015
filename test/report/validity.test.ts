import { describe, expect, test } from 'vitest';
import { buildReport } from '../../lib/report/build-report.js';
import type { ValidityVerdict } from '../../lib/report/report-schema.js';
import { type Exchange, MS, S, SimulatedRun } from './simulated-run.js';

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

test('whatever is not good says what to do, and what it means', () => {
  const report = run(1000, first(500, { lagUs: S })).report();
  for (const { level, meaning, remedy } of report.verdict.validity) {
    expect(meaning).toMatch(/\.$/);
    expect(remedy === null).toBe(level === 'good');
  }
});

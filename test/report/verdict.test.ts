import { describe, expect, test } from 'vitest';
import { buildReport } from '../../lib/report/build-report.js';
import type { RunEnd } from '../../lib/store/control.js';
import { MS, type PlanParts, S, SimulatedRun, START_MS } from './simulated-run.js';

const held: PlanParts = { objectives: ['p95 < 500ms'] };
const missed: PlanParts = { objectives: ['p95 < 1ms'] };

function stopped(by: 'interrupt' | 'terminate' | 'user' | 'abort-rule' | 'cost'): RunEnd {
  return { kind: 'stopped', order: { atMs: START_MS + 10_000, cause: `by ${by}`, by } };
}

/** Good, unless told otherwise. */
function verdictOf(parts: PlanParts, end: RunEnd, trouble?: 'worker lost' | 'bug') {
  const run = new SimulatedRun(parts).fill(1000);
  run.end = end;
  if (trouble === 'worker lost') {
    run.only.flush(10 * S);
    run.only.vanished = true;
  }
  if (trouble === 'bug') run.only.begin({ dueUs: S });
  return run.report().verdict;
}

const complete: RunEnd = { kind: 'complete' };

describe('status and exit code', () => {
  const cases: readonly [
    what: string,
    parts: PlanParts,
    end: RunEnd,
    trouble: 'worker lost' | 'bug' | undefined,
    status: string,
    exitCode: number,
  ][] = [
    ['all objectives hold', held, complete, undefined, 'passed', 0],
    ['there are none', {}, complete, undefined, 'passed', 0],
    ['one is missed', missed, complete, undefined, 'failed', 99],
    ['invalid outranks held', held, complete, 'worker lost', 'invalid', 4],
    ['invalid outranks missed', missed, complete, 'worker lost', 'invalid', 4],
    ['a bug in the accounts', held, complete, 'bug', 'invalid', 1],
    ['Ctrl-C', held, stopped('interrupt'), undefined, 'stopped', 130],
    ['`isochrone stop`', held, stopped('user'), undefined, 'stopped', 130],
    ['SIGTERM', held, stopped('terminate'), undefined, 'stopped', 143],
    ['Ctrl-C outranks missed', missed, stopped('interrupt'), undefined, 'stopped', 130],
    ['Ctrl-C outranks invalid', held, stopped('interrupt'), 'worker lost', 'stopped', 130],
    ['SIGTERM outranks invalid', held, stopped('terminate'), 'worker lost', 'stopped', 143],
    ['an abort rule', held, stopped('abort-rule'), undefined, 'stopped', 99],
    ['the cost cap', held, stopped('cost'), undefined, 'stopped', 99],
    ['invalid outranks an abort rule', held, stopped('abort-rule'), 'worker lost', 'invalid', 4],
    ['broken', held, { kind: 'broken', cause: 'the store is gone' }, undefined, 'broken', 3],
    ['cancelled', held, { kind: 'cancelled', cause: 'no worker' }, undefined, 'cancelled', 3],
    ['a bug in a broken run', held, { kind: 'broken', cause: 'gone' }, 'bug', 'broken', 1],
  ];
  test.each(cases)('%s', (_, parts, end, trouble, status, exitCode) => {
    expect(verdictOf(parts, end, trouble)).toMatchObject({ status, exitCode });
  });

  test('a doubtful measurement keeps its verdict', () => {
    const run = new SimulatedRun(held).fill(1000, (i) => (i < 50 ? { lagUs: 30 * MS } : {}));
    expect(run.report().verdict).toMatchObject({
      status: 'passed',
      exitCode: 0,
      level: 'doubtful',
    });
  });

  test('a run that never started has a cause and nothing to judge', () => {
    const { record } = new SimulatedRun({ objectives: ['p95 < 500ms'] }).collected();
    const { verdict, slices, run } = buildReport(
      {
        ...record,
        startAtMs: null,
        end: { kind: 'cancelled', cause: 'eu-west-1 was not ready' },
        shards: [],
        fragments: [],
      },
      [],
    );
    expect(verdict).toEqual({
      status: 'cancelled',
      cause: 'eu-west-1 was not ready',
      exitCode: 3,
      level: 'good',
      objectives: [],
      validity: [],
    });
    expect(run).toMatchObject({ startedAt: null, seconds: 0 });
    expect(slices[0]!.latency).toMatchObject({ count: 0, mean: null, p50: null });
  });

  test('the cause names what was missed', () => {
    expect(verdictOf(missed, complete).cause).toBe('missed: p95 < 1ms');
    expect(verdictOf(held, complete, 'worker lost').cause).toBe(
      'the measurement cannot be trusted: check fragments',
    );
  });
});

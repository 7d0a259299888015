import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { durableJournal } from '../../functions/orchestrator.js';
import { parseAbort } from '../../lib/plan/parse-abort.js';
import { budgetProblems, runBudget } from '../../lib/run/run-budget.js';
import { PAUSE_MS } from '../../lib/run/timing.js';
import { cloudOf, lead } from '../support/cloud-lead.js';

beforeAll(() => LocalDurableTestRunner.setupTestEnvironment({ skipTime: true }));
afterAll(() => LocalDurableTestRunner.teardownTestEnvironment());

const MINUTE_MS = 60_000;

test('24 hours from 30 regions stay within what Lambda allows an execution, as AWS counts it', async () => {
  const scope = { requests: ['GET /'], regions: [], stages: [] };
  const cloud = cloudOf(24, 30, { abort: [parseAbort('errors > 50% over 1m', scope)] });
  const { frozen, time, store } = cloud;
  const activeMs: number[] = [];
  const durable = withDurableExecution((_event: unknown, context) =>
    lead(cloud, durableJournal(context)),
  );
  const runner = new LocalDurableTestRunner({
    handlerFunction: async (event, context) => {
      // Where time is skipped a wait is over before it has ended its invocation, unless that has
      // no time left: in Lambda it always does.
      const ending = { ...context, getRemainingTimeInMillis: () => 0 };
      if (activeMs.length > 0) time.pass(PAUSE_MS);
      const begunMs = time.nowMs();
      try {
        return await durable(event, ending);
      } finally {
        activeMs.push(time.nowMs() - begunMs);
      }
    },
  });
  const execution = await runner.run({ payload: {} });
  expect(execution.getStatus()).toBe('SUCCEEDED');
  expect(execution.getResult()).toEqual({ kind: 'complete' });

  const budget = runBudget(frozen);
  expect(budgetProblems(frozen)).toEqual([]);
  expect(budget.operations).toBeLessThanOrEqual(1_500);
  const operations = execution.getOperations().length;
  expect(operations).toBeLessThanOrEqual(budget.operations);
  // Each pause ended an invocation, so that the counts are of what would have been suspended.
  expect(activeMs).toHaveLength((operations + 1) / 2);
  expect(Math.max(...activeMs)).toBeLessThanOrEqual(5 * MINUTE_MS);

  const { legs } = frozen;
  expect(legs[0]!.startUs).toBe(0);
  for (const [i, leg] of legs.entries()) expect(leg.startUs).toBe(legs[i - 1]?.endUs ?? 0);
  expect(legs.at(-1)!.endUs).toBe(frozen.durationUs);
  const { startAtMs } = (await cloud.files.control.read())!;
  expect(cloud.fired.map((times) => times.length)).toEqual(legs.map(() => 1));
  for (const [i, [firedAtMs]] of cloud.fired.entries()) {
    expect(firedAtMs).toBeLessThan(startAtMs! + legs[i]!.startUs / 1000);
  }
  expect(new Set(cloud.started).size).toBe(30 * legs.length);
  expect(cloud.started).toHaveLength(30 * legs.length);
  expect(new Set(cloud.merged).size).toBe(30 * legs.length);

  const told = (await cloud.files.progress.read())!;
  expect(told.scheduled).toBe(30 * 3 * 24 * 3_600);
  expect(told.workers).toMatchObject({ reported: 30 * legs.length, lost: 0, silent: 0 });
  expect(cloud.largestState).toBeLessThan(64_000);
  for (const what of ['lists', 'reads', 'writes'] as const) {
    expect(store.asked[what], what).toBeLessThanOrEqual(budget.requests[what]);
  }
}, 600_000);

import { expect, test } from 'vitest';
import type { Health } from '../../lib/measure/health.js';
import { MS, S, SimulatedRun } from './simulated-run.js';

/** A run of two workers, of which one fared so. */
function run(change: Partial<Health>): SimulatedRun {
  const simulated = new SimulatedRun({ workers: 2 }).fill(500);
  simulated.workers[1]!.health = { ...simulated.workers[1]!.health, ...change };
  return simulated;
}

const late: Partial<Health> = { delay: { p99Us: 80 * MS, fromUs: 0 } };
const taken: Partial<Health> = {
  steal: 0.12,
  throttled: { count: 34, totalUs: 2_100 * MS },
  gc: { count: 40, totalUs: 2 * S, longestUs: 84 * MS },
};

const found = (simulated: SimulatedRun) =>
  simulated.report().findings.filter(({ id }) => id === 'disturbed');

test('a check that trips names what the machine did meanwhile', () => {
  const [finding] = found(run({ ...late, ...taken }));
  expect(finding?.text).toBe(
    'What may be behind event-loop: the host of a machine gave 12 % of its CPU time to others; ' +
      'the CPU quota of a container was used up 34 times, and held it for 2.10 s; ' +
      'garbage collection stopped a load thread for 84.0 ms at once.',
  );
  expect(finding?.evidence).toEqual({
    steal: 0.12,
    throttledCount: 34,
    throttledMs: 2_100,
    longestGcMs: 84,
  });
});

test('only what was taken is named', () => {
  const [finding] = found(run({ ...late, steal: 0.3 }));
  expect(finding?.text).toBe(
    'What may be behind event-loop: the host of a machine gave 30 % of its CPU time to others.',
  );
});

test.each([
  ['no check trips', taken],
  ['nothing was taken', late],
  ['a machine does not tell', { ...late, steal: null, throttled: null }],
])('nothing is said where %s', (_, change) => {
  expect(found(run(change))).toEqual([]);
});

test('a target that is slow needs no explanation of ours', () => {
  const slow = new SimulatedRun().fill(1000, () => ({ blockedUs: 2 * S }));
  slow.only.health = { ...slow.only.health, ...taken };
  expect(found(slow)).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import { parseAbort } from '../../lib/plan/parse-abort.js';
import { CLOUD_TIMING, longestLegUs } from '../../lib/run/cloud-timing.js';
import { budgetProblems, guardBudget, runBudget } from '../../lib/run/run-budget.js';
import { PAUSE_MS } from '../../lib/run/timing.js';
import { cloudOf, lead } from '../support/cloud-lead.js';
import { constantRate, frozenFor, planFor } from '../support/load-plans.js';
import { replayed } from '../support/replayed-journal.js';
import { SimulatedCloud } from '../support/simulated-cloud.js';

interface Sketch {
  readonly hours: number;
  readonly regions?: number;
  readonly workers?: number;
  readonly abort?: readonly string[];
  readonly legUs?: number;
}

function frozenOf({ hours, regions = 1, workers = 1, abort = [], legUs }: Sketch): FrozenPlan {
  const scope = { requests: ['GET /'], regions: [], stages: [] };
  const plan = planFor('https://shop.example.com', constantRate(2_000, hours * 3_600), {
    regions: Array.from({ length: regions }, (_, i) => ({
      name: `region-${i}`,
      share: 1,
      workers,
    })),
    abort: abort.map((text) => parseAbort(text, scope)),
  });
  return frozenFor(plan, { where: 'aws', legUs: legUs ?? longestLegUs(2e6) });
}

describe('what a run asks for', () => {
  test('24 hours from 30 regions are within all of it', () => {
    const day = frozenOf({ hours: 24, regions: 30 });
    expect(budgetProblems(day)).toEqual([]);
    const { operations, controlReadsPerSecond, writesPerSecond, requests } = runBudget(day);
    // A slice each 241 s, and one more for each leg that is armed.
    expect(operations).toBeGreaterThan(2 * (86_400 / 241 + 160));
    expect(operations).toBeLessThan(1_100);
    expect(controlReadsPerSecond).toBe(60);
    expect(writesPerSecond).toBe(32);
    // Five dollars a million.
    expect(requests.lists).toBeLessThan(1_000_000);
  });

  test('a thousand workers for 15 minutes are, too', () => {
    const wide = frozenOf({ hours: 0.25, regions: 10, workers: 100 });
    expect(wide.legs).toHaveLength(2);
    expect(budgetProblems(wide)).toEqual([]);
    expect(runBudget(wide)).toMatchObject({ controlReadsPerSecond: 2_000, writesPerSecond: 1_400 });
  });

  test.each<[string, Sketch, RegExp]>([
    [
      'too long',
      { hours: 40 },
      /^a run of 40h takes 1\d{3} durable operations .* 1500 are allowed: let it last 3\dh at most/,
    ],
    [
      'too many workers that read control',
      { hours: 0.5, workers: 1_251 },
      /^2502 workers at once, those of two legs .* asked 2500 times at most: use 1250 workers/,
    ],
    [
      'too many workers that write',
      { hours: 0.1, workers: 1_300 },
      /^1300 workers would write 1560 fragments in a second, .* 1500 at most: use 1250 workers/,
    ],
    [
      'a rule that looks back too far',
      { hours: 5, abort: ['errors > 1% over 1h', 'errors > 1% over 90m'] },
      /^abort rule errors > 1% over 90m looks back over 1h30m, and on AWS 1h is the most/,
    ],
  ])('%s is refused, with what would mend it', (_, sketch, said) => {
    const problems = budgetProblems(frozenOf(sketch));
    expect(
      problems.filter((problem) => said.test(problem)),
      problems.join('\n'),
    ).toHaveLength(1);
    expect(() => guardBudget(frozenOf(sketch))).toThrow(problems[0]);
  });

  test('what would mend it does', () => {
    const problem = budgetProblems(frozenOf({ hours: 40 }))[0]!;
    const hours = Number(/let it last (\d+)h/.exec(problem)![1]);
    expect(budgetProblems(frozenOf({ hours }))).toEqual([]);
    expect(budgetProblems(frozenOf({ hours: hours + 2 }))).toHaveLength(1);
  });
});

describe('what is asked for in fact', () => {
  async function reallyAsked(cloud: SimulatedCloud, timing = CLOUD_TIMING) {
    const activeMs: number[] = [];
    const { operations, invocations } = await replayed(
      (journal) => lead(cloud, journal, timing),
      async (invoke) => {
        const begunMs = cloud.time.nowMs();
        await invoke();
        activeMs.push(cloud.time.nowMs() - begunMs);
        cloud.time.pass(PAUSE_MS);
      },
    );
    expect(operations).toBe(2 * invocations - 1);
    expect(cloud.fired.map((times) => times.length)).toEqual(cloud.frozen.legs.map(() => 1));
    return { operations, mostActiveMs: Math.max(...activeMs), ...cloud.store.asked };
  }

  test.each<[string, number, number]>([
    ['an hour from 30 regions', 1, 30],
    ['five minutes from one', 1 / 12, 1],
    ['ten minutes from three', 1 / 6, 3],
  ])('%s: no more than reckoned, and not much less', async (_, hours, regions) => {
    const cloud = cloudOf(hours, regions);
    const { operations, requests } = runBudget(cloud.frozen);
    const real = await reallyAsked(cloud);
    expect(real.mostActiveMs).toBeLessThanOrEqual(5 * 60_000);
    expect(real.operations).toBeLessThanOrEqual(operations);
    // Seven of them are for a merge that has to be asked again.
    expect(real.operations).toBeGreaterThan((operations - 7) * 0.6);
    for (const what of ['lists', 'reads', 'writes'] as const) {
      expect(real[what], what).toBeLessThanOrEqual(requests[what]);
      expect(real[what], what).toBeGreaterThan(requests[what] / 8);
    }
    expect(cloud.largestState).toBeLessThan(64_000);
  });

  test('legs and slices that are much shorter are reckoned with as well', async () => {
    const cloud = new SimulatedCloud(
      frozenOf({ hours: 1 / 60, regions: 3, workers: 4, legUs: 20e6 }),
    );
    const timing = { ...CLOUD_TIMING, sliceMs: 8_000 };
    const { operations, requests } = runBudget(cloud.frozen, timing);
    const real = await reallyAsked(cloud, timing);
    expect(real.mostActiveMs).toBeLessThanOrEqual(10_000);
    expect(real.operations).toBeLessThanOrEqual(operations);
    for (const what of ['lists', 'reads', 'writes'] as const) {
      expect(real[what], what).toBeLessThanOrEqual(requests[what]);
    }
  });

  test('a leg that is under way is not listed for reports, nor one that is over for anything', async () => {
    const cloud = cloudOf(0.5, 2);
    const listed = new Map<string, number[]>();
    cloud.store.onRequest = (what, key) => {
      if (what !== 'list') return;
      const times = listed.get(key) ?? [];
      listed.set(key, times);
      times.push(cloud.time.nowMs());
    };
    await reallyAsked(cloud);
    const { legs, run } = cloud.frozen;
    const { startAtMs } = (await cloud.files.control.read())!;
    const at = (us: number) => startAtMs! + us / 1000;
    for (const { index, startUs, endUs } of legs) {
      const manifests = listed.get(`runs/${run}/manifests/region-0/${index}/`)!;
      const fragments = listed.get(`raw/${run}/fragments/region-0/${index}/`)!;
      const ready = listed.get(`raw/${run}/ready/region-0/${index}/`)!;
      expect(Math.min(...manifests, ...fragments)).toBeGreaterThanOrEqual(at(startUs));
      expect(Math.min(...manifests)).toBeGreaterThanOrEqual(at(endUs));
      expect(Math.max(...manifests, ...fragments)).toBeLessThan(at(endUs) + 10_000);
      // One of them because somebody took over while it went on.
      expect(fragments.length).toBeLessThan((endUs - startUs) / 6e6 + 10);
      expect(ready.length).toBeLessThan(10);
    }
  });
});

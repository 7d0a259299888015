import { describe, expect, it, vi } from 'vitest';
import { openSchedule } from '../../lib/load/schedule.js';
import { arrivalsOf } from '../../lib/plan/arrivals.js';
import type { FrozenPlan, ShardRef } from '../../lib/plan/frozen-plan.js';
import type { OpenLoad } from '../../lib/plan/plan.js';
import { Profile } from '../../lib/plan/profile.js';
import { hash, STREAM } from '../../lib/plan/random.js';
import { shardRefs } from '../../lib/plan/split.js';
import { ExactSchedule } from '../support/exact-schedule.js';
import { expectGolden } from '../support/golden.js';
import {
  freeze,
  makePlan,
  makeRequest,
  randomOpenPlan,
  rates,
  SECOND_US,
} from '../support/schedule-plans.js';

interface Arrival {
  readonly region: string;
  readonly leg: number;
  readonly n: number;
  readonly k: number;
  readonly ordinal: number;
  readonly dueUs: number;
  readonly request: number;
}

function walk(frozen: FrozenPlan, { region, leg, n, ...ref }: ShardRef): Arrival[] {
  const cursor = openSchedule(frozen, { region, leg, n, ...ref });
  const arrivals: Arrival[] = [];
  while (cursor.advance()) {
    const { k, ordinal, dueUs, start: request } = cursor;
    arrivals.push({ region, leg, n, k, ordinal, dueUs, request });
  }
  return arrivals;
}

function walkAll(frozen: FrozenPlan): Arrival[] {
  return frozen.legs
    .flatMap(({ index }) => shardRefs(frozen, index).flatMap((ref) => walk(frozen, ref)))
    .sort((a, b) => a.k - b.k);
}

/** Λ summed over fractions of the stages, without the code under test. */
function naiveLambda({ stages }: OpenLoad, tUs: number): number {
  let sum = 0;
  let startUs = 0;
  for (const { fromRate, toRate, durationUs } of stages) {
    const share = Math.min(Math.max((tUs - startUs) / durationUs, 0), 1);
    const rateThere = fromRate + (toRate - fromRate) * share;
    sum += ((fromRate + rateThere) / 2) * ((durationUs * share) / 1e6);
    startUs += durationUs;
  }
  return sum;
}

/** Poisson arrivals of the frozen counts, by sorting and bisection; µs with fractions. */
function naivePoisson(frozen: FrozenPlan): number[] {
  const load = frozen.plan.load as OpenLoad;
  return frozen.arrivalsPerSecond!.flatMap((count, second) => {
    const fromUs = second * SECOND_US;
    const toUs = Math.min(fromUs + SECOND_US, frozen.durationUs);
    const before = naiveLambda(load, fromUs);
    const growth = naiveLambda(load, toUs) - before;
    return Array.from({ length: count }, (_, j) => {
      const wanted = (hash(frozen.seed, STREAM.arrivalInstant, second, j) / 2 ** 32) * growth;
      let low = fromUs;
      let high = toUs;
      for (let step = 0; step < 50; step++) {
        const middle = (low + high) / 2;
        if (naiveLambda(load, middle) - before <= wanted) low = middle;
        else high = middle;
      }
      return low;
    }).sort((a, b) => a - b);
  });
}

describe('the schedules of all shards', () => {
  const seeds = Array.from({ length: 25 }, (_, seed) => seed + 1);

  it.each(seeds)('are together the plan’s, to the microsecond: even plan %d', (seed) => {
    const frozen = randomOpenPlan(seed, 'even');
    const exact = new ExactSchedule((frozen.plan.load as OpenLoad).stages);
    const arrivals = walkAll(frozen);
    expect(arrivals.map(({ k }) => k)).toEqual(Array.from({ length: exact.count }, (_, k) => k));
    expect(arrivals.map(({ dueUs }) => dueUs)).toEqual(arrivals.map(({ k }) => exact.instantOf(k)));
  });

  it.each(seeds)('are together the plan’s, to the microsecond: Poisson plan %d', (seed) => {
    const frozen = randomOpenPlan(seed, 'poisson');
    const naive = naivePoisson(frozen);
    const arrivals = walkAll(frozen);
    expect(arrivals.map(({ k }) => k)).toEqual(naive.map((_, k) => k));
    const apart = arrivals.map(({ dueUs, k }) => dueUs - naive[k]!);
    // Floored, but for the naive's own rounding.
    expect(Math.max(...apart)).toBeLessThan(0.1);
    expect(Math.min(...apart)).toBeGreaterThan(-1.1);
  });

  it.each(['even', 'poisson'] as const)('lie within their legs and in order: %s', (arrivals) => {
    for (const seed of seeds) {
      const frozen = randomOpenPlan(seed, arrivals);
      for (const leg of frozen.legs) {
        for (const ref of shardRefs(frozen, leg.index)) {
          const dues = walk(frozen, ref).map(({ dueUs }) => dueUs);
          expect(dues).toEqual([...dues].sort((a, b) => a - b));
          expect(dues[0] ?? leg.startUs).toBeGreaterThanOrEqual(leg.startUs);
          expect(dues.at(-1) ?? leg.startUs).toBeLessThan(leg.endUs);
        }
      }
    }
  });

  it.each(['even', 'poisson'] as const)('do not depend on the legs: %s', (arrivals) => {
    for (const seed of seeds) {
      const frozen = randomOpenPlan(seed, arrivals);
      const whole = { ...frozen, legs: [{ index: 0, startUs: 0, endUs: frozen.durationUs }] };
      const bare = (all: Arrival[]) => all.map(({ leg: _, ...arrival }) => arrival);
      expect(bare(walkAll(frozen))).toEqual(bare(walkAll(whole)));
    }
  });

  it('hold of every region × request the product of the shares, ± Σ weights a shard', () => {
    for (const seed of seeds) {
      const frozen = randomOpenPlan(seed, seed % 2 === 0 ? 'even' : 'poisson');
      const arrivals = walkAll(frozen);
      const weights = frozen.plan.requests.map(({ weight }) => weight);
      const block = weights.reduce((sum, weight) => sum + weight, 0);
      const shares = frozen.regions.reduce((sum, { share }) => sum + share, 0);
      for (const { name, share, workers } of frozen.regions) {
        for (let n = 0; n < workers; n++) {
          const ofShard = arrivals.filter((at) => at.region === name && at.n === n);
          weights.forEach((weight, request) => {
            const count = ofShard.filter((at) => at.request === request).length;
            const fair = (arrivals.length * share * weight) / (shares * workers * block);
            expect(Math.abs(count - fair)).toBeLessThanOrEqual(block);
          });
        }
      }
    }
  });

  it('give no region one request more often: region and request are independent', () => {
    // With one index for both, `a` would send only the first and `b` only the second.
    const frozen = freeze(
      makePlan({
        regions: [
          { name: 'a', share: 1, workers: 1 },
          { name: 'b', share: 1, workers: 1 },
        ],
        requests: [makeRequest('GET /', 1), makeRequest('POST /', 1)],
        load: rates([100, 100, 10]),
      }),
    );
    for (const ref of shardRefs(frozen, 0)) {
      const requests = walk(frozen, ref).map(({ request }) => request);
      expect(requests.filter((request) => request === 0)).toHaveLength(250);
    }
  });
});

describe('a cursor', () => {
  it('numbers its shard’s arrivals through all legs', () => {
    const frozen = freeze(makePlan(), { legUs: 3 * SECOND_US, workers: 2 });
    const ordinals = frozen.legs.flatMap(({ index }) =>
      walk(frozen, shardRefs(frozen, index)[1]!).map(({ ordinal }) => ordinal),
    );
    expect(ordinals).toEqual(Array.from({ length: 500 }, (_, i) => i));
  });

  it('stays at its end', () => {
    const frozen = freeze(makePlan({ load: rates([2, 2, 1]) }));
    const cursor = openSchedule(frozen, shardRefs(frozen, 0)[0]!);
    expect([cursor.advance(), cursor.advance(), cursor.advance(), cursor.advance()]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(cursor.dueUs).toBe(750_000);
  });

  it('names the shard that a frozen plan does not have', () => {
    const frozen = freeze(makePlan());
    const ref = { run: frozen.run, region: 'mars', leg: 0, n: 0, attempt: 1 };
    expect(() => openSchedule(frozen, ref)).toThrow('mars/0/0');
  });

  it.each(['even', 'poisson'] as const)(
    'begins a leg at hour nine with no more work than the first: %s',
    (arrivals) => {
      const load = rates([0, 1_000, 600], [1_000, 1_000, 34_800], [1_000, 0, 600]);
      const frozen = freeze(makePlan({ load, arrivals }), { legUs: 540 * SECOND_US });
      const inverse = vi.spyOn(Profile.prototype, 'inverse');
      const lambda = vi.spyOn(Profile.prototype, 'lambda');
      const work = (leg: number) => {
        arrivalsOf(frozen);
        inverse.mockClear();
        lambda.mockClear();
        const cursor = openSchedule(frozen, shardRefs(frozen, leg)[0]!);
        expect(cursor.advance()).toBe(true);
        expect(cursor.dueUs).toBeGreaterThanOrEqual(frozen.legs[leg]!.startUs);
        return inverse.mock.calls.length + lambda.mock.calls.length;
      };
      const first = work(1);
      expect(work(60) / first).toBeLessThan(2);
      expect(first).toBeLessThan(100);
      vi.restoreAllMocks();
    },
  );
});

describe('golden schedules', async () => {
  const script = new URL('../../scripts/schedule-golden.mjs', import.meta.url).href;
  const { cases, schedules } = (await import(script)) as {
    cases: readonly string[];
    schedules: (name: string, lib: unknown) => string;
  };

  it.each(cases)('%s is the same everywhere', async (name) => {
    const lib = {
      ...(await import('../../lib/plan/freeze.js')),
      ...(await import('../../lib/plan/split.js')),
      ...(await import('../../lib/load/schedule.js')),
      ...(await import('../../lib/load/users.js')),
    };
    expectGolden(`schedule/${name}.json`, schedules(name, lib));
  });
});

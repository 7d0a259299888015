import { describe, expect, it, vi } from 'vitest';
import { openSchedule } from '../../lib/load/schedule.js';
import { userSchedule } from '../../lib/load/users.js';
import { forecast, plannedCounts } from '../../lib/plan/forecast.js';
import type { FrozenPlan, ShardRef } from '../../lib/plan/frozen-plan.js';
import type { Load } from '../../lib/plan/plan.js';
import { Profile } from '../../lib/plan/profile.js';
import { shardRefs } from '../../lib/plan/split.js';
import {
  chance,
  freeze,
  makePlan,
  makeRequest,
  randomOpenPlan,
  rates,
  SECOND_US,
  userStages,
} from '../support/schedule-plans.js';

interface Start {
  readonly dueUs: number;
  readonly request: number;
}

function walkOpen(frozen: FrozenPlan, ref: ShardRef): Start[] {
  const cursor = openSchedule(frozen, ref);
  const starts: Start[] = [];
  while (cursor.advance()) starts.push({ dueUs: cursor.dueUs, request: cursor.start });
  return starts;
}

function walkUsers(frozen: FrozenPlan, ref: ShardRef, everyUs: number): Start[] {
  const schedule = userSchedule(frozen, ref);
  const dues = schedule.sessions.flatMap(({ comesUs, leavesUs }) => {
    const instants: number[] = [];
    for (let tUs = comesUs; tUs < leavesUs; tUs += everyUs) instants.push(tUs);
    return instants;
  });
  return dues.sort((a, b) => a - b).map((dueUs, i) => ({ dueUs, request: schedule.startOf(i) }));
}

function counted(frozen: FrozenPlan, starts: readonly Start[], untilUs: number): number[][] {
  const counts = frozen.stages.map(() => frozen.plan.requests.map(() => 0));
  for (const { dueUs, request } of starts) {
    if (dueUs >= untilUs) continue;
    const stage = frozen.stages.findIndex(
      ({ startUs, endUs }) => dueUs >= startUs && dueUs < endUs,
    );
    counts[stage]![request]!++;
  }
  return counts;
}

function everyShard(frozen: FrozenPlan): ShardRef[] {
  return frozen.legs.flatMap(({ index }) => shardRefs(frozen, index));
}

describe('plannedCounts', () => {
  it.each(['even', 'poisson'] as const)('are those of a walk over the schedule: %s', (arrivals) => {
    for (let seed = 100; seed < 125; seed++) {
      const frozen = randomOpenPlan(seed, arrivals);
      const next = chance(seed);
      for (const ref of everyShard(frozen)) {
        const starts = walkOpen(frozen, ref);
        expect(plannedCounts(frozen, ref)).toEqual(counted(frozen, starts, Infinity));
        const untilUs = Math.floor(next() * frozen.durationUs);
        expect(plannedCounts(frozen, ref, untilUs)).toEqual(counted(frozen, starts, untilUs));
        const last = starts.at(-1)?.dueUs ?? 0;
        expect(plannedCounts(frozen, ref, last)).toEqual(counted(frozen, starts, last));
      }
    }
  });

  it('are those of a walk over the users’ own schedules, with `every`', () => {
    const next = chance(4);
    for (let round = 0; round < 15; round++) {
      const whole = (most: number) => Math.floor(next() * (most + 1));
      const everyUs = 300_000 + whole(2_000_000);
      const stages = Array.from({ length: 1 + whole(3) }, () => {
        return [whole(40), whole(40), 1 + whole(8_000) / 1_000] as const;
      });
      const load: Load = {
        kind: 'closed',
        stages: userStages(...stages, [30, 30, 3]),
        pace: { kind: 'every', everyUs },
      };
      const regions = [
        { name: 'a', share: 2, workers: 2 },
        { name: 'b', share: 1, workers: 1 },
      ];
      const requests = [makeRequest('GET /', 3), makeRequest('POST /', 2)];
      const frozen = freeze(makePlan({ load, regions, requests }), {
        legUs: 2_000_000 + whole(6_000_000),
      });
      for (const ref of everyShard(frozen)) {
        const starts = walkUsers(frozen, ref, everyUs);
        expect(plannedCounts(frozen, ref)).toEqual(counted(frozen, starts, Infinity));
        const untilUs = whole(frozen.durationUs);
        expect(plannedCounts(frozen, ref, untilUs)).toEqual(counted(frozen, starts, untilUs));
      }
    }
  });

  it('of an amount are the shard’s share, by the weights', () => {
    const capUs = 60 * SECOND_US;
    const load: Load = {
      kind: 'amount',
      name: null,
      requests: 900,
      users: 30,
      capUs,
      pace: { kind: 'none' },
    };
    const requests = [makeRequest('GET /', 2), makeRequest('POST /', 1)];
    const frozen = freeze(makePlan({ load, requests }), { workers: 3 });
    for (const ref of everyShard(frozen)) expect(plannedCounts(frozen, ref)).toEqual([[200, 100]]);
  });

  it('cannot be known where answers set the pace', () => {
    const load: Load = {
      kind: 'closed',
      stages: userStages([5, 5, 5]),
      pace: { kind: 'think', minUs: 1, maxUs: 2 },
    };
    const frozen = freeze(makePlan({ load }));
    expect(plannedCounts(frozen, shardRefs(frozen, 0)[0]!)).toBeNull();
    expect(forecast(frozen).starts).toBeNull();
  });
});

describe('forecast', () => {
  const regions = [
    { name: 'near', share: 3, workers: 2 },
    { name: 'far', share: 1, workers: 1 },
  ];

  it('adds up to the plan', () => {
    const load = rates([0, 200, 10], [200, 200, 10]);
    const requests = [makeRequest('GET /', 3), makeRequest('POST /', 1)];
    const frozen = freeze(makePlan({ load, regions, requests }), { legUs: 8 * SECOND_US });
    const { starts, shards } = forecast(frozen);
    const sum = (numbers: readonly (number | null)[]) =>
      numbers.reduce<number>((total, number) => total + (number ?? Number.NaN), 0);
    expect(starts!.map((region) => region.map((stage) => sum(stage)))).toEqual([
      [750, 1_500],
      [250, 500],
    ]);
    expect(shards).toHaveLength(9);
    expect(sum(shards.map((shard) => shard.starts))).toBe(3_000);
    expect(shards[0]).toEqual({
      region: 'near',
      leg: 0,
      n: 0,
      starts: 240,
      peakRate: 60,
      users: null,
      connections: null,
    });
  });

  it('tells the users and connections of every shard', () => {
    const load: Load = {
      kind: 'closed',
      stages: userStages([0, 40, 10], [40, 40, 5]),
      pace: { kind: 'none' },
    };
    const http = { ...makePlan().http, connections: 43 };
    const { shards } = forecast(freeze(makePlan({ load, regions, http })));
    expect(shards.map(({ users, connections }) => [users, connections])).toEqual([
      [15, 16],
      [15, 16],
      [10, 11],
    ]);
    expect(shards.map(({ starts, peakRate }) => [starts, peakRate])).toEqual(
      Array(3).fill([null, null]),
    );
  });

  it('of ten hours at a thousand a second is counted, not walked', () => {
    const load = rates([0, 1_000, 600], [1_000, 1_000, 35_400]);
    const inverse = vi.spyOn(Profile.prototype, 'inverse');
    for (const arrivals of ['even', 'poisson'] as const) {
      const frozen = freeze(makePlan({ load, arrivals, regions }), { legUs: 540 * SECOND_US });
      const { starts } = forecast(frozen);
      const total = starts!.flat(2).reduce((sum, count) => sum + count, 0);
      // Five standard deviations of the Poisson total.
      expect(Math.abs(total - 35_700_000)).toBeLessThan(arrivals === 'even' ? 1 : 30_000);
    }
    expect(inverse.mock.calls.length).toBeLessThan(10_000);
    vi.restoreAllMocks();
  });
});

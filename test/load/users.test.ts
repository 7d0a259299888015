import { describe, expect, it } from 'vitest';
import { type UserSession, userSchedule, userSessions } from '../../lib/load/users.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import type { Load, Pace } from '../../lib/plan/plan.js';
import { shardRefs } from '../../lib/plan/split.js';
import {
  chance,
  freeze,
  makePlan,
  makeRequest,
  SECOND_US,
  userStages,
} from '../support/schedule-plans.js';

const NONE: Pace = { kind: 'none' };

function users(
  pace: Pace,
  ...stages: readonly (readonly [number, number, number])[]
): Extract<Load, { kind: 'closed' }> {
  return { kind: 'closed', stages: userStages(...stages), pace };
}

function allSessions(frozen: FrozenPlan): UserSession[] {
  return frozen.legs.flatMap(({ index }) =>
    shardRefs(frozen, index).flatMap((ref) => [...userSessions(frozen, ref)]),
  );
}

/** [user, comes, leaves] in seconds. */
function inSeconds(frozen: FrozenPlan): number[][] {
  return allSessions(frozen).map(({ user, comesUs, leavesUs }) => [
    user,
    comesUs / SECOND_US,
    leavesUs / SECOND_US,
  ]);
}

/** users(t): the ramp, rounded down. */
function usersAt(load: Extract<Load, { kind: 'closed' }>, tUs: number): number {
  let startUs = 0;
  for (const { fromUsers, toUsers, durationUs } of load.stages) {
    const sinceUs = tUs - startUs;
    if (sinceUs < durationUs) {
      return Math.floor(fromUsers + ((toUsers - fromUsers) * sinceUs) / durationUs);
    }
    startUs += durationUs;
  }
  return 0;
}

describe('sessions', () => {
  it('of a constant number are there from first to last', () => {
    const frozen = freeze(makePlan({ load: users(NONE, [3, 3, 10]) }));
    expect(inSeconds(frozen)).toEqual([
      [0, 0, 10],
      [1, 0, 10],
      [2, 0, 10],
    ]);
  });

  it('begin one by one on a ramp up, and end in reverse on a ramp down', () => {
    const frozen = freeze(makePlan({ load: users(NONE, [0, 4, 4], [4, 4, 2], [4, 0, 4]) }));
    expect(inSeconds(frozen)).toEqual([
      [0, 1, 9],
      [1, 2, 8],
      [2, 3, 7],
      // There for the constant stage and the first instant of the descent only.
      [3, 4, 6],
    ]);
  });

  it('may come several times', () => {
    const frozen = freeze(makePlan({ load: users(NONE, [2, 0, 2], [0, 2, 2], [2, 2, 1]) }));
    expect(inSeconds(frozen)).toEqual([
      [0, 0, 1],
      [0, 3, 5],
      [1, 4, 5],
    ]);
  });

  it('do not exist for a user who is there for one instant only', () => {
    const frozen = freeze(makePlan({ load: users(NONE, [0, 4, 4], [4, 0, 4]) }));
    expect(inSeconds(frozen).map(([user]) => user)).toEqual([0, 1, 2]);
  });

  it('jump where stages do', () => {
    const frozen = freeze(makePlan({ load: users(NONE, [1, 1, 2], [3, 3, 2], [2, 2, 2]) }));
    expect(inSeconds(frozen)).toEqual([
      [0, 0, 6],
      [1, 2, 6],
      [2, 2, 4],
    ]);
  });

  it('of all shards are together the users that the plan asks for, at every instant', () => {
    const next = chance(21);
    for (let round = 0; round < 20; round++) {
      const whole = (most: number) => Math.floor(next() * (most + 1));
      const stages = Array.from({ length: 1 + whole(3) }, () => {
        const from = whole(60);
        return [from, next() < 0.3 ? from : whole(60), 1 + whole(9_000) / 1_000] as const;
      });
      const load = users(NONE, ...stages, [40, 40, 5]);
      const regions = [
        { name: 'a', share: 1 + whole(3), workers: 1 + whole(2) },
        { name: 'b', share: 1 + whole(3), workers: 1 + whole(2) },
      ];
      const frozen = freeze(makePlan({ load, regions }), { legUs: 4 * SECOND_US });
      const sessions = allSessions(frozen);
      for (let look = 0; look < 200; look++) {
        // Half a microsecond off, so that floored edges do not matter.
        const tUs = Math.floor(next() * frozen.durationUs) + 0.5;
        const there = sessions.filter((at) => at.comesUs <= tUs && tUs < at.leavesUs);
        const expected = usersAt(load, tUs);
        // On a steep ramp a crossing and its floor may lie on different sides of this instant.
        if (usersAt(load, tUs - 1) !== expected || usersAt(load, tUs + 1) !== expected) continue;
        const numbers = there.map(({ user }) => user).sort((a, b) => a - b);
        expect(numbers).toEqual(Array.from({ length: expected }, (_, user) => user));
      }
    }
  });

  it('are of the same shard in every leg, and by the shares', () => {
    const regions = [
      { name: 'a', share: 3, workers: 2 },
      { name: 'b', share: 1, workers: 1 },
    ];
    const load = users(NONE, [40, 40, 10]);
    const frozen = freeze(makePlan({ load, regions }), { legUs: 5 * SECOND_US });
    const of = (leg: number) =>
      shardRefs(frozen, leg).map((ref) => userSessions(frozen, ref).map(({ user }) => user));
    expect(of(1)).toEqual(of(0));
    expect(of(0).map((shard) => shard.length)).toEqual([15, 15, 10]);
  });

  it('lie within their leg: who has not come yet, or has left, has none', () => {
    const frozen = freeze(makePlan({ load: users(NONE, [0, 10, 10], [10, 0, 10]) }), {
      legUs: 4 * SECOND_US,
    });
    const counts = frozen.legs.map(({ index, startUs, endUs }) => {
      const sessions = userSessions(frozen, shardRefs(frozen, index)[0]!);
      for (const { comesUs, leavesUs } of sessions) {
        expect(comesUs).toBeGreaterThanOrEqual(startUs);
        expect(leavesUs).toBeGreaterThan(comesUs);
        expect(leavesUs).toBeLessThanOrEqual(endUs);
      }
      return sessions.length;
    });
    expect(counts).toEqual([3, 7, 9, 7, 3]);
  });

  it('of an amount last as long as its cap', () => {
    const capUs = 60 * SECOND_US;
    const load: Load = { kind: 'amount', name: null, requests: 10, users: 2, capUs, pace: NONE };
    expect(inSeconds(freeze(makePlan({ load })))).toEqual([
      [0, 0, 60],
      [1, 0, 60],
    ]);
  });
});

describe('sessions with `every`', () => {
  const every: Pace = { kind: 'every', everyUs: 1_700_000 };
  const starts = (frozen: FrozenPlan) =>
    allSessions(frozen)
      .flatMap(({ user, comesUs, leavesUs }) => {
        const instants: string[] = [];
        for (let tUs = comesUs; tUs < leavesUs; tUs += 1_700_000) instants.push(`${user} ${tUs}`);
        return instants;
      })
      .sort();

  it('have the same starts however the run is cut into legs', () => {
    const load = users(every, [0, 9, 6], [9, 9, 4], [9, 2, 5], [2, 7, 6]);
    const whole = starts(freeze(makePlan({ load })));
    expect(starts(freeze(makePlan({ load }), { legUs: 4 * SECOND_US }))).toEqual(whole);
    expect(starts(freeze(makePlan({ load }), { legUs: 1 * SECOND_US }))).toEqual(whole);
  });
});

describe('userSchedule', () => {
  const requests = [makeRequest('GET /', 2), makeRequest('POST /', 1)];

  it('draws thinking times evenly from their range, each user its own', () => {
    const pace: Pace = { kind: 'think', minUs: 1_000, maxUs: 1_009 };
    const frozen = freeze(makePlan({ load: users(pace, [5, 5, 5]) }));
    const schedule = userSchedule(frozen, shardRefs(frozen, 0)[0]!);
    const seen = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) seen[schedule.thinkUs(i % 5, Math.floor(i / 5)) - 1_000]!++;
    // Five standard deviations.
    for (const count of seen) expect(Math.abs(count - 1_000)).toBeLessThan(150);
    expect(schedule.thinkUs(1, 3)).toBe(schedule.thinkUs(1, 3));
    const sequence = (user: number) =>
      Array.from({ length: 20 }, (_, i) => schedule.thinkUs(user, i)).join();
    expect(sequence(0)).not.toBe(sequence(1));
  });

  it('does not think where it need not', () => {
    const frozen = freeze(makePlan({ load: users(NONE, [5, 5, 5]) }));
    expect(userSchedule(frozen, shardRefs(frozen, 0)[0]!).thinkUs(0, 0)).toBe(0);
  });

  it('holds every request its weight times in each block of iterations', () => {
    const frozen = freeze(makePlan({ load: users(NONE, [5, 5, 5]), requests }));
    const schedule = userSchedule(frozen, shardRefs(frozen, 0)[0]!);
    for (let block = 0; block < 50; block++) {
      const drawn = [0, 1, 2].map((i) => schedule.startOf(block * 3 + i)).sort();
      expect(drawn).toEqual([0, 0, 1]);
    }
  });

  it('goes on with the requests of the leg before where their number is known', () => {
    const pace: Pace = { kind: 'every', everyUs: SECOND_US };
    const load = users(pace, [2, 2, 10]);
    const whole = freeze(makePlan({ load, requests }));
    const cut = freeze(makePlan({ load, requests }), { legUs: 4 * SECOND_US });
    const of = (frozen: FrozenPlan, leg: number) =>
      userSchedule(frozen, shardRefs(frozen, leg)[0]!);
    // Two users, four starts each, in the first leg.
    for (let i = 0; i < 8; i++) {
      expect(of(cut, 1).startOf(i)).toBe(of(whole, 0).startOf(8 + i));
    }
  });

  it('says which sessions are there from the leg’s first instant', () => {
    const load = users(NONE, [2, 6, 10]);
    const frozen = freeze(makePlan({ load }), { legUs: 5 * SECOND_US });
    const { sessions, firstUs } = userSchedule(frozen, shardRefs(frozen, 1)[0]!);
    expect(firstUs).toBe(5 * SECOND_US);
    expect(sessions.filter(({ comesUs }) => comesUs === firstUs)).toHaveLength(4);
  });
});

import { describe, expect, it } from 'vitest';
import { openSchedule } from '../../lib/load/schedule.js';
import { firstUse, rowOf, usesInAll, usesOf } from '../../lib/plan/data-pick.js';
import type { FreezeOptions } from '../../lib/plan/freeze.js';
import type { FrozenPlan, ShardRef } from '../../lib/plan/frozen-plan.js';
import type { DataSet, Plan, PlanFlow, PlanRequest } from '../../lib/plan/plan.js';
import { userSessions } from '../../lib/plan/sessions.js';
import { shuffleOf } from '../../lib/plan/shuffle.js';
import { requestShare, shardRefs } from '../../lib/plan/split.js';
import {
  chance,
  freeze,
  makePlan,
  makeRequest,
  rates,
  userStages,
} from '../support/schedule-plans.js';

const PICKS = ['unique', 'sequential', 'random'] as const;

function table(name: string, count: number, pick: DataSet['pick'] = 'unique'): DataSet {
  return {
    name,
    pick,
    columns: ['name'],
    count,
    rows: Array.from({ length: count }, (_, i) => [`${i}`]),
  };
}

function step(name: string, uses: string | null): PlanRequest {
  const path = uses === null ? '/' : `/{{ ${uses}.name | urlencode }}`;
  return { ...makeRequest(name, 0), path };
}

function flow(name: string, weight: number, requests: readonly number[]): PlanFlow {
  return {
    kind: 'steps',
    name,
    weight,
    steps: requests.map((request) => ({ kind: 'request', request })),
  };
}

/** Two flows that share `users` beside a plain request and a flow with a table of its own. */
function sharing(overrides: Partial<Plan>, count: number, pick: DataSet['pick'] = 'unique'): Plan {
  return makePlan({
    requests: [
      makeRequest('GET /', 2),
      step('login', 'users'),
      step('list', null),
      step('pay', 'users'),
      step('search', 'terms'),
    ],
    flows: [flow('buy', 3, [1, 2]), flow('pay', 2, [2, 3]), flow('search', 1, [4])],
    data: [table('users', count, pick), table('terms', count, pick)],
    ...overrides,
  });
}

const EIGHT = [
  { name: 'a', share: 3, workers: 4 },
  { name: 'b', share: 2, workers: 3 },
  { name: 'c', share: 1, workers: 1 },
];

/** Starts of a shard in its leg, in the order in which they are due: indexes of starts. */
function startsOfShard(frozen: FrozenPlan, ref: ShardRef): number[] {
  const { load } = frozen.plan;
  if (load.kind === 'amount') {
    const shuffle = shuffleOf(frozen, ref);
    return Array.from({ length: requestShare(frozen, ref)! }, (_, i) => shuffle.startOf(i));
  }
  const starts: number[] = [];
  const cursor = openSchedule(frozen, ref);
  while (cursor.advance()) starts.push(cursor.start);
  return starts;
}

/** Rows of a table that each shard uses, as the engine counts them. */
function rowsUsed(frozen: FrozenPlan, set: number): number[] {
  const uses = usesOf(frozen.plan, set);
  return frozen.legs.flatMap(({ index }) =>
    shardRefs(frozen, index).flatMap((ref) => {
      let rank = firstUse(frozen, ref, set);
      return startsOfShard(frozen, ref).flatMap((start) =>
        uses[start] ? [rowOf(frozen, set, rank++)] : [],
      );
    }),
  );
}

const sorted = (rows: readonly number[]) => [...rows].sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('a start uses a table', () => {
  it('where any of its requests does', () => {
    const plan = sharing({}, 1);
    expect(usesOf(plan, 0)).toEqual([false, true, true, false]);
    expect(usesOf(plan, 1)).toEqual([false, false, false, true]);
  });

  const request = makeRequest('GET /', 1);
  it.each<[string, Partial<PlanRequest>, boolean]>([
    ['its path', { path: '/{{ users.name }}' }, true],
    ['a header', { headers: [['x', 'a {{ pick("x", users.name) }}']] }, true],
    ['a body', { body: { encoding: 'utf8', data: '{{ users.name }}' } }, true],
    [
      'JSON',
      { body: { encoding: 'utf8', escape: 'json', data: '{"a":["{{ users[\\"name\\"] }}"]}' } },
      true,
    ],
    [
      'a key of JSON',
      { body: { encoding: 'utf8', escape: 'json', data: '{"{{ users.name }}":1}' } },
      true,
    ],
    ['its password', { basicAuth: { user: 'a', password: '{{ users.name }}' } }, true],
    [
      'a part of its form',
      {
        body: {
          encoding: 'utf8',
          data: '',
          parts: [
            {
              name: 'f',
              fileName: null,
              contentType: null,
              body: { encoding: 'utf8', data: '{{ users.name }}' },
            },
          ],
        },
      },
      true,
    ],
    ['another table of a like name', { path: '/{{ user.name }}/{{ usersx.name }}' }, false],
    [
      'text',
      {
        path: '/users.name',
        body: { encoding: 'utf8', data: '"{{ \\"users.name\\" }}"', escape: 'json' },
      },
      false,
    ],
    ['bytes of a file', { body: { encoding: 'base64', data: 'e3sgdXNlcnMubmFtZSB9fQ==' } }, false],
  ])('by %s', (_, parts, uses) => {
    const plan = makePlan({ requests: [{ ...request, ...parts }], data: [table('users', 1)] });
    expect(usesOf(plan, 0)).toEqual([uses]);
  });

  it('where its steps stand in a repetition, and wherever it is code', () => {
    const repeating: PlanFlow = {
      kind: 'steps',
      name: 'r',
      weight: 1,
      steps: [{ kind: 'repeat', times: 2, steps: [{ kind: 'request', request: 0 }] }],
    };
    const code: PlanFlow = {
      kind: 'code',
      name: 'c',
      weight: 1,
      requests: [],
      code: { sha256: '', bytes: 1, file: 'c.ts' },
    };
    const plan = makePlan({
      requests: [step('login', 'users')],
      flows: [repeating, code],
      data: [table('users', 1)],
    });
    expect(usesOf(plan, 0)).toEqual([true, true]);
  });
});

describe('unique', () => {
  it.each(['even', 'poisson'] as const)(
    'gives every row once: %s, 8 shards, 2 legs, two flows that share 10,000 rows',
    (arrivals) => {
      // Five eighths of the starts are of the two flows; the last one counts to the unit.
      const load = rates([50, 350, 40], [400, 400, 20]);
      const probe = freeze(sharing({ load, arrivals, regions: EIGHT }, 1), {
        seed: 11,
        legUs: 30e6,
      });
      const needed = usesInAll(probe, 0);
      expect(needed).toBeGreaterThan(9_000);
      const frozen = freeze(sharing({ load, arrivals, regions: EIGHT }, needed), {
        seed: 11,
        legUs: 30e6,
      });
      expect(frozen.legs).toHaveLength(2);
      expect(shardRefs(frozen, 0)).toHaveLength(8);
      expect(sorted(rowsUsed(frozen, 0))).toEqual(upTo(needed));
    },
  );

  it('gives 10,000 iterations the rows 0 to 9,999, each once', () => {
    for (const arrivals of ['even', 'poisson'] as const) {
      const flows = [flow('buy', 3, [0]), flow('pay', 2, [1])];
      const requests = [step('login', 'users'), step('pay', 'users')];
      const plan = (rate: number): Plan =>
        makePlan({
          requests,
          flows,
          arrivals,
          regions: EIGHT,
          load: rates([rate, rate, 50]),
          data: [table('users', 10_000)],
        });
      // Of random arrivals the seed decides how many there are.
      const seed = upTo(2_000).find(
        (one) => usesInAll(freeze(plan(200), { seed: one }), 0) === 10_000,
      )!;
      const frozen = freeze(plan(200), { seed, legUs: 25e6 });
      expect(frozen.legs).toHaveLength(2);
      expect(sorted(rowsUsed(frozen, 0)), arrivals).toEqual(upTo(10_000));
    }
  });

  it('does so whatever the plan: rates, shares, weights, workers, legs and seeds', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const next = chance(seed);
      const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
      const regions = upTo(whole(1, 3)).map((index) => ({
        name: `region-${index}`,
        share: whole(1, 5),
        workers: whole(1, 3),
      }));
      const amount = next() < 0.3;
      const load: Plan['load'] = amount
        ? {
            kind: 'amount',
            name: null,
            requests: whole(100, 900),
            users: whole(50, 90),
            capUs: 10e6,
            pace: { kind: 'none' },
          }
        : rates([whole(0, 20), whole(0, 60), whole(2, 9)], [whole(20, 40), whole(20, 40), 10]);
      const requests = [makeRequest('GET /', whole(1, 4)), step('a', 'users'), step('b', 'users')];
      const flows = [flow('a', whole(1, 5), [1]), flow('b', whole(1, 5), [2])];
      const plan = makePlan({
        regions,
        load,
        requests,
        flows,
        arrivals: next() < 0.5 ? 'even' : 'poisson',
        data: [table('users', 10_000)],
      });
      const options: Partial<FreezeOptions> = {
        seed,
        legUs: amount ? null : whole(2_000, 9_000) * 1_000,
      };
      const frozen = freeze(plan, options);
      const rows = rowsUsed(frozen, 0);
      expect(sorted(rows), `seed ${seed}`).toEqual(upTo(usesInAll(frozen, 0)));
      expect(rows.length).toBeGreaterThan(0);
    }
  });

  it('uses the rows in the order of the legs', () => {
    const frozen = freeze(sharing({ load: rates([200, 200, 6]), regions: EIGHT }, 1_000), {
      legUs: 2e6,
    });
    const firsts = frozen.legs.map(({ index }) =>
      firstUse(frozen, shardRefs(frozen, index)[0]!, 0),
    );
    expect(firsts).toEqual(sorted(firsts));
    expect(firsts[0]).toBe(0);
    expect(firsts[1]).toBeGreaterThan(200);
  });

  it('says that the rows are used up, should that ever be', () => {
    const frozen = freeze(sharing({}, 5));
    expect(rowOf(frozen, 0, 4)).toBe(4);
    expect(() => rowOf(frozen, 0, 5)).toThrow("the rows of 'users' are used up");
  });
});

describe('users', () => {
  it('200 over 8 shards hold 200 rows, all different, whatever the pick that lets them', () => {
    const load: Plan['load'] = {
      kind: 'closed',
      stages: userStages([0, 200, 10], [200, 200, 10], [200, 0, 10], [0, 100, 10]),
      pace: { kind: 'none' },
    };
    for (const pick of ['unique', 'sequential'] as const) {
      const frozen = freeze(sharing({ load, regions: EIGHT }, 200, pick));
      expect(usesInAll(frozen, 0)).toBe(200);
      const rows = new Map<number, Set<number>>();
      for (const ref of shardRefs(frozen, 0)) {
        for (const { user } of userSessions(frozen, ref)) {
          rows.set(user, (rows.get(user) ?? new Set()).add(rowOf(frozen, 0, user)));
        }
      }
      // Those that come twice keep theirs.
      expect([...rows.values()].every((held) => held.size === 1)).toBe(true);
      expect(sorted([...rows.values()].flatMap((held) => [...held]))).toEqual(upTo(200));
    }
  });

  it('need no rows of a table that nothing uses', () => {
    const load: Plan['load'] = {
      kind: 'closed',
      stages: userStages([9, 9, 10]),
      pace: { kind: 'none' },
    };
    const plan = makePlan({ load, data: [table('users', 3)] });
    expect(usesInAll(freeze(plan), 0)).toBe(0);
  });
});

describe('sequential and random', () => {
  const load = rates([100, 100, 30]);

  it('sequential goes round: no row is used twice more than another', () => {
    const frozen = freeze(sharing({ load, regions: EIGHT }, 70, 'sequential'), { legUs: 10e6 });
    const counts = new Array<number>(70).fill(0);
    for (const row of rowsUsed(frozen, 0)) counts[row]!++;
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  it('random takes every row about equally often, and in no order', () => {
    const frozen = freeze(sharing({ load, regions: EIGHT }, 10, 'random'));
    const rows = rowsUsed(frozen, 0);
    const counts = new Array<number>(10).fill(0);
    for (const row of rows) counts[row]!++;
    for (const count of counts) {
      expect(Math.abs(count - rows.length / 10)).toBeLessThan(5 * Math.sqrt(rows.length / 10));
    }
    // Followed by itself as often as by any other.
    const same = rows.filter((row, i) => row === rows[i + 1]).length;
    expect(Math.abs(same - rows.length / 10)).toBeLessThan(5 * Math.sqrt(rows.length / 10));
  });

  it('random is drawn anew for each table, and for each seed', () => {
    const draw = (seed: number, set: number) => {
      const frozen = freeze(sharing({}, 1_000, 'random'), { seed });
      return upTo(50).map((rank) => rowOf(frozen, set, rank));
    };
    expect(draw(1, 0)).toEqual(draw(1, 0));
    expect(draw(1, 0)).not.toEqual(draw(1, 1));
    expect(draw(1, 0)).not.toEqual(draw(2, 0));
  });

  it.each(PICKS)('%s stays within the table', (pick) => {
    const frozen = freeze(sharing({}, 3, pick));
    for (let rank = 0; rank < 3; rank++) expect(rowOf(frozen, 0, rank)).toBeOneOf([0, 1, 2]);
  });
});

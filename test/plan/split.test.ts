import { describe, expect, it } from 'vitest';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import type { Plan } from '../../lib/plan/plan.js';
import {
  connectionShare,
  fewestForAll,
  requestShare,
  sessionsAtStart,
  shardPeakRate,
  shardRefs,
  userShare,
} from '../../lib/plan/split.js';
import { freeze, makePlan, rates, SECOND_US, userStages } from '../support/schedule-plans.js';

const PLACES = [
  { name: 'us-east-1', share: 50, workers: 2 },
  { name: 'eu-west-1', share: 30, workers: 1 },
  { name: 'ap-northeast-1', share: 20, workers: 3 },
];

function amount(requests: number, users: number): Plan['load'] {
  const capUs = 60 * SECOND_US;
  return { kind: 'amount', name: null, requests, users, capUs, pace: { kind: 'none' } };
}

function perShard<T>(frozen: FrozenPlan, share: (ref: ReturnType<typeof shardRefs>[0]) => T): T[] {
  return shardRefs(frozen, 0).map(share);
}

const sum = (counts: readonly (number | null)[]) =>
  counts.reduce<number>((total, count) => total + (count ?? Number.NaN), 0);

describe('shardRefs', () => {
  it('names every worker of a leg', () => {
    const frozen = freeze(makePlan({ regions: PLACES }), { legUs: 2 * SECOND_US });
    expect(shardRefs(frozen, 3).map(({ region, leg, n }) => `${region}/${leg}/${n}`)).toEqual([
      'us-east-1/3/0',
      'us-east-1/3/1',
      'eu-west-1/3/0',
      'ap-northeast-1/3/0',
      'ap-northeast-1/3/1',
      'ap-northeast-1/3/2',
    ]);
  });
});

describe('a fixed amount', () => {
  it.each([1_000, 1_001, 997, 30, 123_456])(
    'of %d requests is split without a rest',
    (requests) => {
      const frozen = freeze(makePlan({ regions: PLACES, load: amount(requests, 30) }));
      const shares = perShard(frozen, (ref) => requestShare(frozen, ref)!);
      expect(sum(shares)).toBe(requests);
      const fair = [25, 25, 30, 20 / 3, 20 / 3, 20 / 3].map(
        (percent) => (requests * percent) / 100,
      );
      shares.forEach((share, shard) => {
        expect(Math.abs(share - fair[shard]!)).toBeLessThan(2);
      });
    },
  );

  it('is split with its users, each shard having some of both', () => {
    const frozen = freeze(makePlan({ regions: PLACES, load: amount(1_000, 100) }));
    expect(perShard(frozen, (ref) => userShare(frozen, ref))).toEqual([25, 25, 30, 7, 7, 6]);
    expect(perShard(frozen, (ref) => sessionsAtStart(frozen, ref))).toEqual([25, 25, 30, 7, 7, 6]);
  });

  it('does not exist in the other models', () => {
    const frozen = freeze(makePlan({ regions: PLACES }));
    expect(perShard(frozen, (ref) => requestShare(frozen, ref))).toEqual(Array(6).fill(null));
    expect(perShard(frozen, (ref) => userShare(frozen, ref))).toEqual(Array(6).fill(null));
  });
});

describe('a number of connections', () => {
  const withConnections = (connections: number | 'auto') =>
    freeze(makePlan({ regions: PLACES, http: { ...makePlan().http, connections } }));

  it.each([6, 7, 10, 100, 257])('of %d is split without a rest, and none is without', (number) => {
    const frozen = withConnections(number);
    const shares = perShard(frozen, (ref) => connectionShare(frozen, ref));
    expect(sum(shares)).toBe(number);
    expect(Math.min(...shares.map(Number))).toBeGreaterThanOrEqual(1);
  });

  it('follows the shares of the regions', () => {
    const frozen = withConnections(1_006);
    expect(perShard(frozen, (ref) => connectionShare(frozen, ref))).toEqual([
      251, 251, 301, 68, 68, 67,
    ]);
  });

  it('is left to the shards where it is `auto`', () => {
    const frozen = withConnections('auto');
    expect(perShard(frozen, (ref) => connectionShare(frozen, ref))).toEqual(Array(6).fill(null));
  });
});

describe('the expected peak rate', () => {
  it('is the shard’s part of the highest rate within its leg', () => {
    const load = rates([0, 1_000, 10], [400, 400, 10]);
    const frozen = freeze(makePlan({ regions: PLACES, load }), { legUs: 5 * SECOND_US });
    const peaks = frozen.legs.map(({ index }) =>
      shardRefs(frozen, index).map((ref) => shardPeakRate(frozen, ref)),
    );
    expect(peaks[0]!.slice(0, 3)).toEqual([125, 125, 150]);
    expect(peaks[1]!.slice(0, 3)).toEqual([250, 250, 300]);
    expect(peaks[3]!.slice(0, 3)).toEqual([100, 100, 120]);
    expect(sum(peaks[1]!)).toBeCloseTo(1_000);
  });
});

describe('fewestForAll', () => {
  it('is where the last shard gets its first', () => {
    const load = {
      kind: 'closed',
      stages: userStages([40, 40, 1]),
      pace: { kind: 'none' },
    } as const;
    const frozen = freeze(makePlan({ regions: PLACES, load }));
    const fewest = fewestForAll(frozen);
    const having = (users: number) => {
      const smaller = freeze(makePlan({ regions: PLACES, load: amount(users, users) }));
      return Math.min(...perShard(smaller, (ref) => userShare(smaller, ref)!));
    };
    expect(having(fewest)).toBe(1);
    expect(() => having(fewest - 1)).toThrow(`${fewest} are the fewest`);
  });
});

import { describe, expect, it } from 'vitest';
import { UsageError } from '../../lib/errors.js';
import type { Objective } from '../../lib/plan/objective.js';
import type { Load, Plan } from '../../lib/plan/plan.js';
import { guardObjectives, guardPlace, guardRows, objectiveNeeds } from '../../lib/run/guard.js';
import {
  freeze,
  makePlan,
  makeRequest,
  rateStages,
  rates,
  userStages,
} from '../support/schedule-plans.js';

const regions = [
  { name: 'us-east-1', share: 7, workers: 1 },
  { name: 'eu-west-1', share: 3, workers: 1 },
];

function percentile(hundredths: number, change: Partial<Objective> = {}): Objective {
  return {
    text: 'as written',
    among: 'all',
    measure: { kind: 'percentile', metric: 'latency', hundredths },
    comparison: '<',
    limit: 500_000,
    request: null,
    region: null,
    stage: null,
    ...change,
  };
}

function frozenWith(objective: Objective, plan: Partial<Plan> = {}, allowUndecided = false) {
  const load = rates([100, 100, 10]);
  return freeze(makePlan({ load, regions, objectives: [objective], ...plan }), { allowUndecided });
}

describe('objectiveNeeds', () => {
  it('says what a percentile needs and what the plan gives it', () => {
    const needs = objectiveNeeds(frozenWith(percentile(9_900, { region: { name: 'eu-west-1' } })));
    expect(needs.map(({ text }) => text)).toEqual([
      'p99 in eu-west-1 needs 459 requests at the least and 1,000 to be shown; the plan schedules 300',
    ]);
    expect(needs[0]).toMatchObject({ least: 459, toShow: 1_000, scheduled: 300 });
  });

  it('counts every region apart with `in every region`, all together without', () => {
    const each = objectiveNeeds(frozenWith(percentile(9_500, { region: { every: true } })));
    expect(each.map(({ region, scheduled }) => [region, scheduled])).toEqual([
      ['us-east-1', 700],
      ['eu-west-1', 300],
    ]);
    const together = objectiveNeeds(frozenWith(percentile(9_500)));
    expect(together.map(({ region, scheduled }) => [region, scheduled])).toEqual([[null, 1_000]]);
  });

  it('does not know how much code will send, only how often it is carried out', () => {
    const code = { sha256: '0'.repeat(64), bytes: 1, file: 'a.ts' };
    const plan: Partial<Plan> = {
      requests: [makeRequest('GET /', 1), makeRequest('GET /found', 0)],
      flows: [{ kind: 'code', name: 'search', weight: 1, code, requests: [1] }],
    };
    const scheduled = (change: Partial<Objective>) =>
      objectiveNeeds(frozenWith(percentile(9_500, change), plan)).map((need) => need.scheduled);
    expect(scheduled({ request: 'GET /found' })).toEqual([null]);
    expect(scheduled({ request: 'flow search' })).toEqual([null]);
    expect(scheduled({})).toEqual([null]);
    expect(scheduled({ request: 'GET /' })).toEqual([500]);
    const iteration = { kind: 'percentile', metric: 'iteration', hundredths: 9_500 } as const;
    expect(scheduled({ request: 'flow search', measure: iteration })).toEqual([500]);
    const own = frozenWith(percentile(9_500, { request: 'GET /found' }), plan);
    expect(guardObjectives(own)).toEqual([
      'p95 of "GET /found" needs 90 requests at the least and 200 to be shown; how many there will be depends on the code',
    ]);
  });

  it('counts its request, its stage, and no warm-up', () => {
    const stages = rateStages([40, 40, 5], [10, 10, 10], [30, 30, 10]).map((stage, i) => ({
      ...stage,
      warmup: i === 0,
      name: i === 2 ? 'peak' : null,
    }));
    const plan: Partial<Plan> = {
      load: { kind: 'open', stages },
      requests: [makeRequest('GET /', 3), makeRequest('POST /', 1)],
    };
    const scheduled = (change: Partial<Objective>) =>
      objectiveNeeds(frozenWith(percentile(5_000, change), plan))[0]!.scheduled;
    expect(scheduled({})).toBe(400);
    expect(scheduled({ stage: 'peak' })).toBe(300);
    expect(scheduled({ stage: '10/s' })).toBe(100);
    expect(scheduled({ request: 'POST /' })).toBe(100);
    expect(scheduled({ request: 'POST /', stage: 'peak', region: { name: 'us-east-1' } })).toBe(53);
  });

  it('writes out the whole scope', () => {
    const objective = percentile(9_990, {
      among: 'ok',
      measure: { kind: 'percentile', metric: 'ttfb', hundredths: 9_990 },
      request: 'GET /',
      region: { name: 'eu-west-1' },
      stage: '100/s',
    });
    expect(objectiveNeeds(frozenWith(objective))[0]!.text).toMatch(
      /^ok ttfb p99\.9 of "GET \/" in eu-west-1 during 100\/s needs 4,603 requests at the least /,
    );
  });

  it.each<[string, Partial<Objective>]>([
    ['errors', { measure: { kind: 'errors' } }],
    ['a rate', { measure: { kind: 'rate' } }],
    ['a mean', { measure: { kind: 'mean', metric: 'latency' } }],
    ['connections', { measure: { kind: 'percentile', metric: 'tcp', hundredths: 9_900 } }],
    ['failed requests', { among: 'failed' }],
  ])('leaves out objectives on %s', (_, change) => {
    expect(objectiveNeeds(frozenWith(percentile(9_900, change)))).toEqual([]);
  });
});

describe('guardObjectives', () => {
  it('refuses what cannot be decided, all of it at once', () => {
    const objectives = [
      percentile(9_900, { region: { every: true } }),
      percentile(9_990),
      percentile(9_500),
    ];
    const frozen = freeze(makePlan({ load: rates([100, 100, 10]), regions, objectives }));
    expect(() => guardObjectives(frozen)).toThrow(UsageError);
    expect(() => guardObjectives(frozen)).toThrow(
      [
        'the plan is too short to decide its objectives:',
        '  p99 in eu-west-1 needs 459 requests at the least and 1,000 to be shown; the plan schedules 300',
        '  p99.9 needs 4,603 requests at the least and 10,000 to be shown; the plan schedules 1,000',
        'raise the rate or the time, drop what cannot be decided, or pass --allow-undecided',
      ].join('\n'),
    );
  });

  it('only tells of it with --allow-undecided', () => {
    const objective = percentile(9_900, { region: { name: 'eu-west-1' } });
    expect(guardObjectives(frozenWith(objective, {}, true))).toEqual([
      'p99 in eu-west-1 needs 459 requests at the least and 1,000 to be shown; the plan schedules 300',
    ]);
  });

  it('tells of a percentile that can be decided and not shown', () => {
    const objective = percentile(9_900, { region: { name: 'us-east-1' } });
    expect(guardObjectives(frozenWith(objective))).toEqual([
      'p99 in us-east-1 needs 459 requests at the least and 1,000 to be shown; the plan schedules 700',
    ]);
  });

  it('decides at the least number, not one above it', () => {
    const enough = { load: rates([459, 459, 1]) };
    expect(() => guardObjectives(frozenWith(percentile(9_900), enough))).not.toThrow();
    const short = { load: rates([458, 458, 1]) };
    expect(() => guardObjectives(frozenWith(percentile(9_900), short))).toThrow('schedules 458');
  });

  it('is silent where the plan gives enough', () => {
    expect(guardObjectives(frozenWith(percentile(9_900)))).toEqual([]);
  });

  it('warns in a closed model, where answers decide the number', () => {
    const load: Load = {
      kind: 'closed',
      stages: userStages([10, 10, 1]),
      pace: { kind: 'none' },
    };
    expect(guardObjectives(frozenWith(percentile(9_900), { load }))).toEqual([
      'p99 needs 459 requests at the least and 1,000 to be shown; how many there will be depends on the answers',
    ]);
  });

  it('refuses an amount that is too small', () => {
    const capUs = 60_000_000;
    const load: Load = {
      kind: 'amount',
      name: null,
      requests: 400,
      users: 10,
      capUs,
      pace: { kind: 'none' },
    };
    expect(() => guardObjectives(frozenWith(percentile(9_900), { load }))).toThrow('schedules 400');
  });
});

describe('guardPlace', () => {
  it('does not let this machine be called somewhere else', () => {
    const frozen = frozenWith(percentile(9_500));
    expect(() => guardPlace(frozen)).toThrow('this machine is not us-east-1, eu-west-1');
    expect(() => guardPlace(frozen)).toThrow(
      'add --emulate --at eu-central-1 (where the target is)',
    );
    const here = [{ name: 'local', share: 1, workers: 2 }];
    expect(() => guardPlace(frozenWith(percentile(9_500), { regions: here }))).not.toThrow();
  });

  it('asks where the target stands only where distances depend on it', () => {
    const emulation = { rttUs: 140_000, jitterUs: 0, loss: 0 };
    const distant = regions.map((region) => ({ ...region, emulation }));
    for (const known of [{ regions: distant }, { targetAt: 'eu-central-1' }]) {
      const frozen = frozenWith(percentile(9_500), known);
      expect(() => guardPlace(frozen)).toThrow(/add --emulate$/m);
    }
  });

  it('lets a region be measured from here that is said to be emulated', () => {
    const plan = makePlan({ regions, targetAt: 'eu-central-1' });
    expect(() => guardPlace(freeze(plan, { where: 'emulated' }))).not.toThrow();
  });
});

describe('guardRows', () => {
  const planned = (load: Load, count: number, pick: 'unique' | 'sequential' = 'unique') =>
    freeze(
      makePlan({
        load,
        requests: [makeRequest('GET /', 1), { ...makeRequest('GET /a', 0), path: '/{{ ids.id }}' }],
        flows: [{ kind: 'steps', name: 'a', weight: 1, steps: [{ kind: 'request', request: 1 }] }],
        data: [{ name: 'ids', pick, columns: ['id'], count, rows: new Array(count).fill(['1']) }],
      }),
    );

  it('refuses rows that are fewer than the iterations which use one each', () => {
    const load = rates([10, 10, 10]);
    expect(() => guardRows(planned(load, 49))).toThrow('it has 49 rows, and 50 iterations use one');
    expect(() => guardRows(planned(load, 50))).not.toThrow();
    expect(() => guardRows(planned(load, 1, 'sequential'))).not.toThrow();
  });

  it('asks for one for each user', () => {
    const load: Load = {
      kind: 'closed',
      stages: userStages([0, 20, 10]),
      pace: { kind: 'none' },
    };
    expect(() => guardRows(planned(load, 19))).toThrow('20 users use one each');
    expect(() => guardRows(planned(load, 20))).not.toThrow();
  });
});

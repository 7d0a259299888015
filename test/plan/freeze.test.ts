import { describe, expect, it } from 'vitest';
import { UsageError } from '../../lib/errors.js';
import { newRunId } from '../../lib/plan/freeze.js';
import type { Load, Plan } from '../../lib/plan/plan.js';
import { headlineStage, stageSpans } from '../../lib/plan/stages.js';
import {
  freeze,
  makePlan,
  makeRequest,
  rateStages,
  rates,
  SECOND_US,
  userStages,
} from '../support/schedule-plans.js';

const TWO = [
  { name: 'near', share: 3, workers: null },
  { name: 'far', share: 1, workers: null },
];

function users(...stages: readonly (readonly [number, number, number])[]): Load {
  return { kind: 'closed', stages: userStages(...stages), pace: { kind: 'none' } };
}

function amount(requests: number, count: number): Load {
  const capUs = 60 * SECOND_US;
  return { kind: 'amount', name: null, requests, users: count, capUs, pace: { kind: 'none' } };
}

describe('freezePlan', () => {
  it('is plain data: it survives JSON and gives the same for the same seed', () => {
    const plan = makePlan({ arrivals: 'poisson', load: rates([0, 300, 20], [300, 300, 5.5]) });
    const frozen = freeze(plan);
    expect(JSON.parse(JSON.stringify(frozen))).toEqual(frozen);
    expect(freeze(plan)).toEqual(frozen);
    expect(freeze(plan, { seed: 8 }).arrivalsPerSecond).not.toEqual(frozen.arrivalsPerSecond);
  });

  it('draws a count for every second of Poisson arrivals, and for nothing else', () => {
    const load = rates([50, 50, 9.5]);
    expect(freeze(makePlan({ load, arrivals: 'poisson' })).arrivalsPerSecond).toHaveLength(10);
    expect(freeze(makePlan({ load })).arrivalsPerSecond).toBeNull();
    expect(
      freeze(makePlan({ load: users([5, 5, 10]), arrivals: 'poisson' })).arrivalsPerSecond,
    ).toBeNull();
  });

  it('keeps the seed as an unsigned 32-bit number', () => {
    expect(freeze(makePlan(), { seed: -1 }).seed).toBe(0xffffffff);
  });

  it('gives as grace the longest timeout of any request, at most two minutes', () => {
    const requests = [makeRequest('GET /', 1), { ...makeRequest('GET /slow', 1), timeoutUs: 3e7 }];
    expect(freeze(makePlan({ requests })).graceUs).toBe(30 * SECOND_US);
    const patient = [{ ...makeRequest('GET /', 1), timeoutUs: 6e8 }];
    expect(freeze(makePlan({ requests: patient })).graceUs).toBe(120 * SECOND_US);
  });

  it('makes one leg, or contiguous ones of the length asked for', () => {
    const plan = makePlan({ load: rates([10, 10, 25]) });
    expect(freeze(plan).legs).toEqual([{ index: 0, startUs: 0, endUs: 25 * SECOND_US }]);
    expect(freeze(plan, { legUs: 10 * SECOND_US }).legs).toEqual([
      { index: 0, startUs: 0, endUs: 10 * SECOND_US },
      { index: 1, startUs: 10 * SECOND_US, endUs: 20 * SECOND_US },
      { index: 2, startUs: 20 * SECOND_US, endUs: 25 * SECOND_US },
    ]);
  });
});

describe('workers of a region', () => {
  const workersOf = (load: Load, workers?: number) =>
    freeze(makePlan({ regions: TWO, load }), { workers: workers ?? null }).regions.map(
      (region) => region.workers,
    );

  it.each<[string, Load, number[]]>([
    ['1,000 starts/s', rates([0, 4_000, 10], [100, 100, 10]), [3, 1]],
    ['1,000 starts/s, and one more', rates([0, 4_004, 10]), [4, 2]],
    ['500 users', users([0, 2_000, 10], [2_000, 2_000, 5]), [3, 1]],
    ['500 users, and four more', users([2_004, 2_004, 5]), [4, 2]],
    ['500 users of an amount', amount(10_000, 4_000), [6, 2]],
  ])('are the fewest with which none exceeds %s', (_, load, expected) => {
    expect(workersOf(load)).toEqual(expected);
  });

  it('are more where each of them is allowed less', () => {
    const plan = makePlan({ regions: TWO, load: rates([0, 4_000, 10]) });
    const fewest = (workerRate: number) =>
      freeze(plan, { workerRate }).regions.map(({ workers }) => workers);
    expect(fewest(500)).toEqual([6, 2]);
    expect(fewest(5_000)).toEqual([3, 1]);
  });

  it('are what the plan says, else what was asked for', () => {
    expect(workersOf(rates([100, 100, 10]), 4)).toEqual([4, 4]);
    const regions = [{ ...TWO[0]!, workers: 2 }, TWO[1]!];
    const frozen = freeze(makePlan({ regions }), { workers: 5 });
    expect(frozen.regions.map(({ workers }) => workers)).toEqual([2, 5]);
  });
});

describe('a plan that nobody can carry out', () => {
  const refusal = (plan: Partial<Plan>, options = {}) => {
    const act = () => freeze(makePlan(plan), options);
    expect(act).toThrow(UsageError);
    return act;
  };

  it('is refused with fewer connections than workers', () => {
    const http = { ...makePlan().http, connections: 3 };
    refusal({ http }, { workers: 4 });
    expect(() => freeze(makePlan({ http }), { workers: 4 })).toThrow(
      'connections: 3 cannot be split over 4 workers; allow 4 or more, or use fewer workers',
    );
    expect(() => freeze(makePlan({ http }), { workers: 3 })).not.toThrow();
  });

  it('is refused when a worker would have nothing to do', () => {
    expect(refusal({ load: users([0, 3, 5]) }, { workers: 4 })).toThrow(
      '3 users over 4 workers by their shares leave some without any; 4 are the fewest',
    );
    expect(refusal({ load: amount(3, 10) }, { workers: 4 })).toThrow('3 requests over 4 workers');
    expect(refusal({ load: rates([1, 1, 3]) }, { workers: 4 })).toThrow('3 requests over 4');
    expect(refusal({ regions: TWO, load: users([1, 1, 3]) })).toThrow('1 user over 2 workers');
    expect(() => freeze(makePlan({ load: amount(3, 10) }), { workers: 3 })).not.toThrow();
  });

  it('is refused when it schedules nothing', () => {
    expect(refusal({ load: rates([0.1, 0.1, 3]) })).toThrow('schedules no request at all in 3 s');
    expect(refusal({ load: rates([0, 0, 3]), arrivals: 'poisson' })).toThrow('no request');
    refusal({ load: users([0, 0, 5]) });
    refusal({ load: users() });
  });

  it('is refused when an amount does not fit a leg', () => {
    expect(refusal({ load: amount(10, 1) }, { legUs: 20 * SECOND_US })).toThrow('must fit one leg');
  });

  it('is refused on AWS when its users stay for longer than a leg, unless they may begin anew', () => {
    const load = users([5, 5, 30]);
    const legs = { where: 'aws', legUs: 20 * SECOND_US } as const;
    expect(refusal({ load }, legs)).toThrow(/one leg of 20 s, .*`relog: true`/);
    expect(freeze(makePlan({ load: { ...load, relog: true } as Load }), legs).legs).toHaveLength(2);
    expect(freeze(makePlan({ load }), { where: 'aws', legUs: 30 * SECOND_US }).legs).toHaveLength(
      1,
    );
    expect(freeze(makePlan({ load: rates([5, 5, 30]) }), legs).legs).toHaveLength(2);
  });

  it.each([0, -1, 1.5])('is refused with %d workers', (workers) => {
    refusal({}, { workers });
  });
});

describe('newRunId', () => {
  const nowMs = Date.UTC(2026, 0, 21, 14, 15, 3);

  it.each([
    ['checkout', '20260121-141503-checkout-7f3a'],
    ['Prüfung: Kasse & Co. ', '20260121-141503-prufung-kasse-co-7f3a'],
    ['', '20260121-141503-7f3a'],
    ['東京', '20260121-141503-7f3a'],
  ])('makes of the name %j the id %s', (name, id) => {
    expect(newRunId(name, nowMs, '7f3a')).toBe(id);
  });

  it('is at most 60 characters of a-z, 0-9 and -', () => {
    const id = newRunId(`${'Long name '.repeat(20)}`, nowMs, '7F3A');
    expect(id.length).toBeLessThanOrEqual(60);
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });
});

describe('stageSpans', () => {
  it('lay the stages end to end and say what they ask for', () => {
    const stages = rateStages([50, 50, 10], [50, 600, 30], [0.3, 0.3, 5], [1 / 3, 0, 5]);
    const load: Load = {
      kind: 'open',
      stages: stages.map((stage, i) => ({
        ...stage,
        warmup: i === 0,
        name: i === 2 ? 'lull' : null,
      })),
    };
    expect(stageSpans(load)).toEqual([
      { name: null, title: '50/s', warmup: true, constant: true, startUs: 0, endUs: 1e7 },
      { name: null, title: '50..600/s', warmup: false, constant: false, startUs: 1e7, endUs: 4e7 },
      { name: 'lull', title: 'lull', warmup: false, constant: true, startUs: 4e7, endUs: 4.5e7 },
      {
        name: null,
        title: '0.333333..0/s',
        warmup: false,
        constant: false,
        startUs: 4.5e7,
        endUs: 5e7,
      },
    ]);
  });

  it.each<[string, Load]>([
    ['100 users', users([100, 100, 5])],
    ['1 user', users([1, 1, 5])],
    ['0..20 users', users([0, 20, 5])],
    ['20..1 users', users([20, 1, 5])],
    ['1000 requests by 100 users', amount(1_000, 100)],
    ['1 request by 1 user', amount(1, 1)],
  ])('call a stage “%s”', (title, load) => {
    expect(stageSpans(load).map((stage) => stage.title)).toEqual([title]);
  });
});

describe('headlineStage', () => {
  const spans = (...stages: readonly (readonly [number, number, number])[]) =>
    stageSpans({ kind: 'open', stages: rateStages(...stages) });

  it('is the longest of constant load', () => {
    expect(headlineStage(spans([5, 5, 9], [5, 8, 30], [8, 8, 10], [3, 3, 4]))).toBe(2);
  });

  it('is the last of equals', () => {
    expect(headlineStage(spans([5, 5, 9], [8, 8, 9], [0, 0, 9]))).toBe(1);
  });

  it('is none where only ramps, pauses or warm-ups are', () => {
    expect(headlineStage(spans([5, 6, 9], [0, 0, 20]))).toBeNull();
    const warming = spans([5, 5, 9]).map((stage) => ({ ...stage, warmup: true }));
    expect(headlineStage(warming)).toBeNull();
  });
});

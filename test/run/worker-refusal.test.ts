// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../lib/cloud/deployment.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import type { Load, Plan } from '../../lib/plan/plan.js';
import { LifeTime } from '../../lib/run/life-time.js';
import { readWorkerOrder } from '../../lib/run/worker-order.js';
import { planRefusalOf, refusalOf } from '../../lib/run/worker-refusal.js';
import { freeze, makePlan, makeRequest, rates, userStages } from '../support/schedule-plans.js';

const REGION = 'eu-west-1';
const DEPLOYMENT: Deployment = {
  prefix: 'isochrone',
  home: REGION,
  bucket: 'isochrone-111122223333-eu-west-1',
  regions: [REGION, 'us-east-1'],
  limits: { maxRate: 1_000, maxWorkerRate: 100, maxWorkers: 4, maxMinutes: 10, maxCost: null },
  allowedHosts: ['shop.example.com'],
  allowedNetworks: [],
  secrets: ['TOKEN'],
  contact: null,
  memoryMb: 1769,
  nat: false,
  allowCode: false,
};
const REF = { run: 'r', region: REGION, leg: 0, n: 0, attempt: 1 };

function frozenWith(plan: Partial<Plan> = {}, change: Partial<FrozenPlan> = {}): FrozenPlan {
  const regions = [{ name: REGION, share: 1, workers: 2 }];
  const load = rates([100, 100, 10]);
  const whole = makePlan({ target: 'https://shop.example.com', regions, load, ...plan });
  return { ...freeze(whole, { run: 'r', where: 'aws' }), ...change };
}

const CODE: Partial<Plan> = {
  requests: [{ ...makeRequest('GET /', 1), weight: 0 }],
  flows: [
    {
      ...{ kind: 'code', name: 'own', weight: 1, requests: [0] },
      code: { sha256: 'a'.repeat(64), bytes: 1, file: 'own.ts' },
    },
  ],
};

const refusal = (frozen: unknown, ref = REF, deployment = DEPLOYMENT) =>
  planRefusalOf(frozen as FrozenPlan, ref, deployment);

describe('an event', () => {
  const order = (change: object = {}, ref: object = {}) =>
    readWorkerOrder({ protocol: 1, ref: { ...REF, ...ref }, notAfterMs: 5_000, ...change });
  const here = { region: REGION, nowMs: 4_000, maxWorkers: 4 };
  const judge = (change?: object, ref?: object) => {
    const read = order(change, ref);
    return typeof read === 'string' ? read : refusalOf(read, here);
  };

  it('for this region, in time, for a worker that may be, is taken up', () => {
    expect(judge()).toBeNull();
  });

  it.each([
    [{ protocol: 2 }, {}, 'speaks protocol 2, this worker 1: deploy'],
    [{}, { region: 'us-east-1' }, 'meant for us-east-1, and this is eu-west-1'],
    [{}, { n: 4 }, 'worker 5 of eu-west-1, and this deployment allows 4'],
    [{ notAfterMs: 1_000 }, {}, 'delivered 3 s after'],
  ])('is refused with its reason: %j %j', (change, ref, reason) => {
    expect(judge(change, ref)).toContain(reason);
  });

  it.each([
    [{ protocol: 'x' }, {}],
    [{ notAfterMs: Number.POSITIVE_INFINITY }, {}],
    [{}, { run: '../other' }],
    [{}, { region: 'eu/west' }],
    [{}, { n: -1 }],
    [{}, { n: 0.5 }],
    [{}, { leg: '0' }],
    [{}, { attempt: 0 }],
  ])('that names no place to leave a reason at is none: %j %j', (change, ref) => {
    expect(typeof order(change, ref)).toBe('string');
  });
});

describe('a plan', () => {
  it('within all limits is carried out', () => {
    expect(refusal(frozenWith())).toBeNull();
    expect(refusal(frozenWith({ arrivals: 'poisson' }))).toBeNull();
    expect(refusal(frozenWith({ requests: [withHeader('a', '${secret:TOKEN}')] }))).toBeNull();
  });

  it.each<[string, FrozenPlan | object, string]>([
    ['another run', frozenWith({}, { run: 'other' }), 'that of run other'],
    ['too fast', frozenWith({ load: rates([100, 201, 10]) }), 'use 3 workers there, or deploy'],
    ['too long', frozenWith({ load: rates([1, 1, 601]) }), 'lasts 11 minutes'],
    ['a stranger', frozenWith({ target: 'https://evil.test' }), 'the target is evil.test'],
    ['no URL', frozenWith({ target: 'evil' }), 'no URL'],
    [
      'an address pinned to its name',
      frozenWith({ http: { ...makePlan().http, resolve: { 'shop.example.com': '10.0.0.1' } } }),
      '10.0.0.1 is of a private network',
    ],
    [
      'another Host',
      frozenWith({ requests: [withHeader('Host', 'evil.test')] }),
      'GET /: header host is evil.test',
    ],
    [
      'a variable of the environment',
      frozenWith({ requests: [withHeader('a', '${env:AWS_SESSION_TOKEN}')] }),
      '${env:AWS_SESSION_TOKEN} is of this machine',
    ],
    [
      'a secret that is not listed',
      frozenWith({ requests: [withHeader('a', '${secret:OTHER}')] }),
      'deploy with -c secrets=TOKEN,OTHER',
    ],
    [
      'a credential in words',
      frozenWith({ requests: [withHeader('Authorization', 'Bearer abc')] }),
      'authorization: "Bearer ${secret:TOKEN}"',
    ],
    ['code', frozenWith(CODE), "flow 'own' is code, and this deployment carries out none"],
    ['a region without workers', frozenWith({ regions: [region('ap-south-1')] }), '0 workers in'],
  ])('is refused that has %s', (_, frozen, reason) => {
    expect(refusal(frozen)).toContain(reason);
  });

  it('with code is carried out where the deployment allows code', () => {
    expect(refusal(frozenWith(CODE), REF, { ...DEPLOYMENT, allowCode: true })).toBeNull();
  });

  it('is refused where the deployment says nothing: what is not allowed is forbidden', () => {
    const limits = { maxRate: 0, maxWorkerRate: 0, maxWorkers: 0, maxMinutes: 0, maxCost: 0 };
    const nothing = { ...DEPLOYMENT, limits, allowedHosts: [], regions: [], secrets: [] };
    const told = refusal(frozenWith(), REF, nothing);
    for (const part of ['no workers in', 'allows 0:', 'allows 0/s', 'no host at all']) {
      expect(told).toContain(part);
    }
  });

  it('of users with a schedule has a rate, too; others are held to the limit', () => {
    const closed = (pace: Extract<Load, { kind: 'closed' }>['pace']): Load => ({
      kind: 'closed',
      stages: userStages([100, 100, 10]),
      pace,
    });
    expect(refusal(frozenWith({ load: closed({ kind: 'every', everyUs: 200_000 }) }))).toContain(
      'would start 250/s',
    );
    expect(refusal(frozenWith({ load: closed({ kind: 'every', everyUs: 500_000 }) }))).toBeNull();
    expect(refusal(frozenWith({ load: closed({ kind: 'none' }) }))).toBeNull();
  });
});

describe('a forged plan', () => {
  const even = frozenWith();

  it.each<[string, unknown, string]>([
    ['nothing', {}, 'damaged at plan.json'],
    ['no legs', { ...even, legs: [] }, 'plan.json.legs'],
    ['a rate of no number', withRate(even, 'fromRate', Number.NaN), 'stages[0].fromRate'],
    ['a rate below nothing', withRate(even, 'fromRate', -5), 'stages[0].fromRate'],
    ['half a worker', { ...even, regions: [{ ...even.regions[0], workers: 0.5 }] }, 'workers'],
    ['shares below 0', { ...even, regions: [{ ...even.regions[0], share: -1 }] }, 'share'],
    ['a region twice', { ...even, regions: [even.regions[0], even.regions[0]] }, 'twice'],
    ['a longer leg', { ...even, legs: [{ index: 0, startUs: 0, endUs: 20e6 }] }, 'do not join'],
    ['no such leg', { ...even, legs: [{ index: 1, startUs: 0, endUs: 10e6 }] }, 'do not join'],
    ['requests of no shape', { ...even, plan: { ...even.plan, requests: [5] } }, 'requests[0]'],
    [
      'a header of two lines',
      { ...even, plan: { ...even.plan, requests: [withHeader('a\r\nb', 'c')] } },
      'headers[0]',
    ],
    [
      'more arrivals than its rate gives',
      { ...even, arrivalsPerSecond: [100, 100, 5_000, 100, 100, 100, 100, 100, 100, 100] },
      'second 2 of the plan',
    ],
    [
      'arrivals after its end',
      { ...even, arrivalsPerSecond: [...new Array(10).fill(100), 1_000] },
      'second 10 of the plan',
    ],
    [
      'more connections than a function holds',
      { ...even, plan: { ...even.plan, http: { ...even.plan.http, connections: 50_000 } } },
      '25000 connections',
    ],
  ])('is refused that has %s', (_, frozen, reason) => {
    expect(refusal(frozen)).toContain(reason);
  });

  it('is refused for a worker that it has not', () => {
    expect(refusal(even, { ...REF, n: 2 })).toContain('2 workers in eu-west-1');
    expect(refusal(even, { ...REF, leg: 1 })).toContain('1 legs');
  });
});

describe('the time that a function has', () => {
  it('must hold a leg, its arming, its grace and its upload', () => {
    const frozen = frozenWith({ load: rates([1, 1, 540]) });
    expect(new LifeTime(() => 900_000).legProblem(frozen, 0)).toBeNull();
    // 540 s, 10 s of grace, 130 s to arm and 60 s to upload, of a function of five minutes a third.
    expect(new LifeTime(() => 300_000).legProblem(frozen, 0)).toBe(
      'it would take 614 s more, and this function has 300 s left: use shorter legs, or give the function more time',
    );
  });

  it('must hold what is left when the start is known', () => {
    let left = 900_000;
    const life = new LifeTime(() => left);
    expect(life.endProblem(700_000, 0)).toBeNull();
    left = 600_000;
    expect(life.endProblem(700_000, 0)).toContain('720 s more');
  });
});

function withHeader(name: string, value: string) {
  return { ...makeRequest('GET /', 1), headers: [[name, value] as const] };
}

function region(name: string) {
  return { name, share: 1, workers: 1 };
}

/** With another value in the first stage of its load. */
function withRate(frozen: FrozenPlan, field: string, value: number): object {
  const { load } = frozen.plan;
  const stages = load.kind === 'open' ? [{ ...load.stages[0]!, [field]: value }] : [];
  return { ...frozen, plan: { ...frozen.plan, load: { ...load, stages } } };
}

import { type FreezeOptions, freezePlan } from '../../lib/plan/freeze.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import type { Load, Plan, PlanRequest, RateStage, UserStage } from '../../lib/plan/plan.js';

export const SECOND_US = 1_000_000;

export function makePlan(overrides: Partial<Plan> = {}): Plan {
  return {
    name: 'checkout',
    target: 'http://127.0.0.1:8080',
    regions: [{ name: 'local', share: 1, workers: null }],
    load: rates([100, 100, 10]),
    arrivals: 'even',
    requests: [makeRequest('GET /', 1)],
    objectives: [],
    abort: [],
    http: {
      timeoutUs: 10 * SECOND_US,
      connectTimeoutUs: 5 * SECOND_US,
      connections: 'auto',
      expectUs: null,
      insecure: false,
      resolve: {},
      probe: true,
      serverTime: null,
    },
    ...overrides,
  };
}

export function makeRequest(name: string, weight: number): PlanRequest {
  return {
    name,
    method: 'GET',
    path: '/',
    weight,
    headers: [],
    body: null,
    expect: null,
    timeoutUs: 10 * SECOND_US,
  };
}

/** Stages as [from, to, seconds]. */
export function rates(...stages: readonly (readonly [number, number, number])[]): Load {
  return { kind: 'open', stages: rateStages(...stages) };
}

export function rateStages(
  ...stages: readonly (readonly [number, number, number])[]
): readonly RateStage[] {
  return stages.map(([fromRate, toRate, seconds]) => ({
    name: null,
    warmup: false,
    durationUs: Math.round(seconds * SECOND_US),
    fromRate,
    toRate,
  }));
}

/** Stages as [from, to, seconds]. */
export function userStages(
  ...stages: readonly (readonly [number, number, number])[]
): readonly UserStage[] {
  return stages.map(([fromUsers, toUsers, seconds]) => ({
    name: null,
    warmup: false,
    durationUs: Math.round(seconds * SECOND_US),
    fromUsers,
    toUsers,
  }));
}

export function freeze(plan: Plan, options: Partial<FreezeOptions> = {}): FrozenPlan {
  return freezePlan(plan, {
    run: '20260121-141503-checkout-7f3a',
    label: null,
    createdAtMs: Date.UTC(2026, 0, 21, 14, 15, 3),
    seed: 7,
    where: 'local',
    allowUndecided: false,
    ...options,
  });
}

/** Mulberry32: chance for property tests, the same each time. In [0, 1). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An open plan with ramps, pauses, fractions, uneven shares and weights, and several legs. */
export function randomOpenPlan(seed: number, arrivals: Plan['arrivals']): FrozenPlan {
  const next = chance(seed);
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const rate = () => (next() < 0.2 ? 0 : whole(1, 90_000) / (next() < 0.5 ? 1_000 : 300_000));
  const stages = Array.from({ length: whole(1, 5) }, () => {
    const from = decimal(rate());
    const to = next() < 0.4 ? from : decimal(rate());
    return [from, to, whole(500, 12_000) / 1_000] as const;
  });
  const regions = Array.from({ length: whole(1, 4) }, (_, index) => ({
    name: `region-${index}`,
    share: whole(1, 7),
    workers: whole(1, 3),
  }));
  const requests = Array.from({ length: whole(2, 4) }, (_, index) =>
    makeRequest(`GET /${index}`, whole(1, 6)),
  );
  // Enough for every shard to have some.
  const load = rates(...stages, [40, 40, 10]);
  const legUs = next() < 0.2 ? null : whole(3_000, 9_000) * 1_000;
  return freeze(makePlan({ regions, load, arrivals, requests }), {
    seed: Math.floor(next() * 2 ** 32),
    legUs,
  });
}

function decimal(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

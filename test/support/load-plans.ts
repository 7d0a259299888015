import { freezePlan } from '../../lib/plan/freeze.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import type { Load, Plan, PlanRequest } from '../../lib/plan/plan.js';

/** A small plan against a target on loopback, with everything else at its default. */
export function planFor(target: string, load: Load, change: Partial<Plan> = {}): Plan {
  return {
    name: 'test',
    target: target.replace(/\/$/, ''),
    regions: [{ name: 'local', share: 1, workers: null }],
    load,
    arrivals: 'even',
    requests: [requestOf('GET /')],
    objectives: [],
    abort: [],
    http: {
      timeoutUs: 2_000_000,
      connectTimeoutUs: 2_000_000,
      connections: 'auto',
      expectUs: null,
      insecure: false,
      resolve: {},
      probe: true,
      serverTime: null,
    },
    ...change,
  };
}

export function requestOf(name: string, change: Partial<PlanRequest> = {}): PlanRequest {
  const [method = 'GET', path = '/'] = name.split(' ');
  return {
    name,
    method,
    path,
    weight: 1,
    headers: [],
    body: null,
    expect: null,
    timeoutUs: 2_000_000,
    ...change,
  };
}

export function frozenFor(
  plan: Plan,
  change: Partial<Parameters<typeof freezePlan>[1]> = {},
): FrozenPlan {
  return freezePlan(plan, {
    run: 'test-run',
    label: null,
    createdAtMs: 0,
    seed: 7,
    where: 'local',
    workers: null,
    legUs: null,
    allowUndecided: true,
    ...change,
  });
}

export function constantRate(perSecond: number, seconds: number): Load {
  return {
    kind: 'open',
    stages: [
      {
        name: null,
        warmup: false,
        durationUs: seconds * 1e6,
        fromRate: perSecond,
        toRate: perSecond,
      },
    ],
  };
}

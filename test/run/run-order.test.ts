import { describe, expect, test } from 'vitest';
import { readPlan } from '../../lib/plan/read-plan.js';
import { freezeOrder, type RunOrder, readOrchestratorEvent } from '../../lib/run/run-order.js';

const order: RunOrder = {
  schema: 'isochrone.order/1',
  plan: readPlan(
    {
      text: 'name: Nightly shop\ntarget: https://shop.example.com\nfrom: [eu-west-1]\nload: [{ rate: 1/s, for: 5s }]\n',
      file: 'plan.yaml',
    },
    { env: {}, where: 'aws', readFile: () => Buffer.alloc(0) },
  ),
  label: null,
  createdAtMs: Date.UTC(2026, 0, 1),
  seed: 7,
  workers: null,
  allowUndecided: true,
  accepted: [],
};

describe('an event from a schedule', () => {
  const at = '2026-11-21T03:00:00Z';

  test('makes a run of its own instant, which sorts and is dated by it', () => {
    const { run, plan } = readOrchestratorEvent({ at, plan: order });
    expect(run).toMatch(/^20261121-030000-nightly-shop-[0-9a-f]{4}$/);
    expect(freezeOrder(run, plan as RunOrder).createdAtMs).toBe(Date.parse(at));
    const next = readOrchestratorEvent({ at: '2026-11-22T03:00:00Z', plan: order });
    expect(next.run).toMatch(/^20261122-030000-/);
  });

  test('is one run however often it is delivered', () => {
    const [one, other] = [0, 1].map(() => readOrchestratorEvent({ at, plan: order }));
    expect(other).toEqual(one);
  });

  test('is refused where nothing was put in for the instant, or the plan is elsewhere', () => {
    const left = { at: '<aws.scheduler.scheduled-time>', plan: order };
    expect(() => readOrchestratorEvent(left)).toThrow(/is no instant.*scheduled-time/);
    expect(() => readOrchestratorEvent({ at, plan: { sha256: 'a' } })).toThrow(
      /no isochrone.order/,
    );
    expect(() => readOrchestratorEvent({ plan: order })).toThrow(/must be \{ run, plan \}/);
  });
});

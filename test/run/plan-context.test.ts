// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../lib/cloud/settings.js';
import { reachOf, worstRate } from '../../lib/cloud/worst-case.js';
import { readPlan } from '../../lib/plan/read-plan.js';
import { contextOf } from '../../lib/run/plan-context.js';
import { freezeOrder } from '../../lib/run/run-order.js';

function contextFor(text: string) {
  const plan = readPlan(
    { text, file: 'plan.yaml' },
    { env: {}, where: 'aws', readFile: () => Buffer.alloc(0) },
  );
  const order = {
    schema: 'isochrone.order/1',
    plan,
    label: null,
    createdAtMs: Date.UTC(2026, 10, 21),
    seed: 7,
    workers: null,
    allowUndecided: true,
    accepted: [],
  } as const;
  return contextOf(freezeOrder('20261121-000000-shop-0001', order), DEFAULT_LIMITS);
}

test('a plan is deployed with its regions, its host and its peak rate, and usual limits besides', () => {
  expect(
    contextFor(`
target: https://shop.example.com/api
from: { eu-west-1: 75%, us-east-1: 25% }
load: [{ rate: 10..450/s, for: 1m }, { rate: 20/s, for: 5m }]
`),
  ).toEqual({
    regions: 'eu-west-1,us-east-1',
    allowedHosts: 'shop.example.com',
    maxRate: '450',
  });
});

test('what is beyond the usual limits is said, and no more than the plan takes', () => {
  expect(
    contextFor(
      `
target: http://shop.example.com:8080
from: { eu-west-1: { share: 50%, workers: 1 }, us-east-1: { share: 50%, workers: 12 } }
load: [{ rate: 3000/s, for: 90m }]
requests:
  - request: GET /
    headers: { host: other.example.com, authorization: 'Bearer \${secret:TOKEN}' }
`.replaceAll('\\$', '$'),
    ),
  ).toEqual({
    regions: 'eu-west-1,us-east-1',
    allowedHosts: 'shop.example.com:8080,other.example.com',
    maxRate: '3000',
    maxWorkers: '12',
    maxWorkerRate: '1500',
    maxMinutes: '90',
    secrets: 'TOKEN',
  });
});

test('users are deployed for as fast as their workers may go', () => {
  expect(
    contextFor(`
target: https://shop.example.com
from: [eu-west-1, us-east-1]
load: [{ users: 100, for: 1m }]
`),
  ).toMatchObject({ maxRate: '2000' });
});

test('concurrency is reserved where the account keeps 100 free, and what it has is said where not', () => {
  const account = { limit: 1_000, unreserved: 1_000 };
  expect(reachOf('a', 10, account, null)).toEqual({
    region: 'a',
    workers: 22,
    reserved: true,
    told: true,
  });
  // What is reserved for the workers already is free for them.
  const most = { limit: 1_000, unreserved: 100 };
  expect(reachOf('a', 10, most, 22)).toEqual({
    region: 'a',
    workers: 22,
    reserved: true,
    told: true,
  });
  expect(reachOf('a', 10, most, 21)).toEqual({
    region: 'a',
    workers: 121,
    reserved: false,
    told: true,
  });
  const fresh = { limit: 10, unreserved: 10 };
  expect(reachOf('b', 10, fresh, null)).toEqual({
    region: 'b',
    workers: 10,
    reserved: false,
    told: true,
  });
});

test('the worst is all workers that may run at once, each at its own limit', () => {
  const reaches = [
    { region: 'a', workers: 22, reserved: true, told: true },
    { region: 'b', workers: 10, reserved: false, told: true },
  ];
  expect(worstRate(reaches, 1_000)).toBe(32_000);
});

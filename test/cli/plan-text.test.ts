import { expect, test } from 'vitest';
import { planText } from '../../lib/cli/plan-text.js';
import { freezePlan } from '../../lib/plan/freeze.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import { readPlan } from '../../lib/plan/read-plan.js';
import { columns } from '../../lib/report/render/plain.js';
import { estimateOf, supposedSite } from '../../lib/run/cost-estimate.js';
import { expectGolden } from '../support/golden.js';

function planned(text: string, width: number, where: FrozenPlan['where'] = 'local'): string {
  const plan = readPlan(
    { text, file: 'plan.yaml' },
    {
      env: {},
      readFile: () => Buffer.from('name\nada\nbela\n'),
      bundle: () => Buffer.from('export default () => {};'),
    },
  );
  const frozen = freezePlan(plan, {
    run: '20261121-141503-checkout-7f3a',
    label: null,
    createdAtMs: 0,
    seed: 7,
    where,
    legUs: where === 'aws' ? 540e6 : null,
    allowUndecided: true,
  });
  const estimate = where === 'aws' ? estimateOf(frozen, supposedSite(frozen, {})) : null;
  return planText(frozen, { width, color: false }, estimate);
}

const OPEN = `
name: checkout
target: https://shop.example.com
load:
  - { rate: 50/s, for: 10s, warmup: true }
  - { rate: 50..600/s, for: 5m }
  - { rate: 2400/s, for: 3m, name: peak }
arrivals: poisson
requests:
  - GET /
  - { request: POST /orders, weight: 3, json: { item: 42 }, timeout: 30s }
objectives: [p95 < 500ms, p99.99 < 1s during peak, errors < 1%]
`;

test('what an open plan would do', () => {
  expectGolden('plan-open.txt', planned(OPEN, 80));
});

test('what a plan of flows would do: how often each of them, and each of its steps', () => {
  const flows = `
target: https://shop.example.com
load: [{ rate: 40/s, for: 1m }]
requests:
  - { request: GET /, weight: 2 }
  - flow: pay
    steps:
      - { request: POST /token, capture: { token: $.access } }
      - { pause: 1s..3s }
      - { repeat: 3, steps: ["GET /users/{{ token }}", GET /] }
  - flow: look
    steps: [GET /items]
objectives: ['iteration p99 < 10s of "flow pay"', 'p99 < 1s of "flow pay"']
`;
  expectGolden('plan-flows.txt', planned(flows, 80));
});

const SHOP = `
data: { customers: { csv: customers.csv }, codes: { csv: codes.csv, pick: random } }
requests:
  - { request: GET /, weight: 2 }
  - { flow: search, code: ./flows/search.ts, requests: [GET /, "GET /items/{{ codes.name }}"] }
  - flow: pay
    steps: [ "POST /token/{{ customers.name }}", { pause: 1s }, GET /payments ]
`;

test('what a plan with code and data would do: what only code knows is said to be so', () => {
  const text = `
target: https://shop.example.com
load: [{ rate: 40/s, for: 1m }]
${SHOP}
objectives: ['iteration p99 < 10s of "flow search"', 'p99 < 1s of "search › GET /"', p99 < 1s]
`;
  expectGolden('plan-code.txt', planned(text, 80));
});

test('what users of flows would do, each with a row of its own', () => {
  const text = `
target: https://shop.example.com
load: [{ users: 0..40, for: 1m }]
${SHOP}
`;
  expectGolden('plan-flows-closed.txt', planned(text, 80));
});

test('what users would do, as far as anyone can know before they have their answers', () => {
  const closed = 'target: http://a\nload: [{ users: 0..40, for: 1m }]\nobjectives: [p99 < 1s]\n';
  expectGolden('plan-closed.txt', planned(closed, 80));
});

test('how far away emulated places will seem', () => {
  const emulated = `
target: { url: https://shop.example.com, at: eu-central-1 }
from: { us-east-1: 2, tokyo: { share: 1, jitter: 5ms }, office: { rtt: 12ms, loss: 0.1% }, local: 1 }
load: [{ rate: 50/s, for: 1m }]
`;
  expectGolden('plan-emulated.txt', planned(emulated, 80, 'emulated'));
});

test('what workers on AWS would do, one after another in a run of many legs', () => {
  const aws = `
name: endurance
target: https://shop.example.com
from: { eu-west-1: { share: 2, workers: 2 }, us-east-1: 1 }
load: [{ rate: 0..90/s, for: 2h }]
limits: { cost: $2 }
`;
  expectGolden('plan-aws.txt', planned(aws, 80, 'aws'));
});

test('no line is wider than the page', () => {
  for (const width of [60, 80, 120]) {
    for (const text of [OPEN, `${OPEN.replace(/requests:[\s\S]*/, '')}${SHOP}`]) {
      const lines = planned(text, width).split('\n');
      expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(width);
    }
  }
});

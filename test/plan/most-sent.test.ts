import { expect, it } from 'vitest';
import { mostSentBy, mostSentEach } from '../../lib/plan/most-sent.js';
import { constantRate, planFor, requestOf } from '../support/load-plans.js';

const load = constantRate(1, 1);

it('a plain request comes to itself', () => {
  const plan = planFor('http://a.test', load);
  expect([mostSentBy(plan), mostSentEach(plan)]).toEqual([1, 1]);
});

it('redirects that may be followed count as if each were, by request or for all', () => {
  const requests = [
    requestOf('GET /a', { weight: 3, followRedirects: 0 }),
    requestOf('GET /b', { weight: 1 }),
  ];
  const plan = planFor('http://a.test', load, { requests });
  expect([mostSentBy(plan), mostSentEach(plan)]).toEqual([1, 1]);
  const following = { ...plan, http: { ...plan.http, followRedirects: 4 } };
  expect([mostSentBy(following), mostSentEach(following)]).toEqual([5, 2]);
});

it('a flow comes to all of its steps, however often they are repeated', () => {
  const step = { weight: 0 } as const;
  const requests = [
    requestOf('GET /', { weight: 1 }),
    requestOf('GET /a', step),
    requestOf('GET /b', { ...step, followRedirects: 2 }),
  ];
  const plan = planFor('http://a.test', load, {
    requests,
    flows: [
      {
        kind: 'steps',
        name: 'f',
        weight: 1,
        steps: [
          { kind: 'request', request: 1 },
          { kind: 'pause', minUs: 0, maxUs: 1 },
          { kind: 'repeat', times: 3, steps: [{ kind: 'request', request: 2 }] },
        ],
      },
    ],
  });
  expect([mostSentBy(plan), mostSentEach(plan)]).toEqual([10, 5.5]);
});

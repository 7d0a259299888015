import { describe, expect, test } from 'vitest';
import { planFromFlags, type RunFlags } from '../../lib/plan/from-flags.js';
import { expectGolden } from '../support/golden.js';
import { CONTEXT, mistakesIn } from '../support/plan-text.js';

const URL_GIVEN = 'https://shop.example.com/items?page=2';

const plan = (flags: Partial<RunFlags> = {}) =>
  planFromFlags({ url: URL_GIVEN, ...flags }, CONTEXT);
const stages = (flags: Partial<RunFlags>) => {
  const { load } = plan(flags);
  return load.kind === 'amount' ? [] : load.stages;
};

describe('the URL', () => {
  test('its origin is the target, its path and query the request', () => {
    expect(plan()).toMatchObject({
      name: 'shop.example.com',
      target: 'https://shop.example.com',
      requests: [{ name: 'GET /items', method: 'GET', path: '/items?page=2' }],
    });
  });

  test.each([
    ['http://a', '/'],
    ['http://a:81?x=1', '/?x=1'],
    ['http://a/b/', '/b/'],
  ])('%s requests %s', (url, path) => {
    expect(plan({ url }).requests[0]?.path).toBe(path);
  });
});

describe('load', () => {
  test('without a flag it is ten users for ten seconds', () => {
    expect(plan().load).toEqual({
      kind: 'closed',
      stages: [{ name: null, warmup: false, durationUs: 10e6, fromUsers: 10, toUsers: 10 }],
      pace: { kind: 'none' },
    });
  });

  test('--for is the measured time, of which --ramp is the beginning, after --warmup', () => {
    expect(stages({ rate: '200/s', for: '30s', ramp: '10s', warmup: '5s' })).toMatchObject([
      { warmup: true, durationUs: 5e6, fromRate: 200, toRate: 200 },
      { warmup: false, durationUs: 10e6, fromRate: 0, toRate: 200 },
      { warmup: false, durationUs: 20e6, fromRate: 200, toRate: 200 },
    ]);
  });

  test('locust -u 50 -r 5 -t 2m is --users 50 --ramp 10s --for 2m', () => {
    expect(stages({ users: '50', ramp: '10s', for: '2m' })).toMatchObject([
      { durationUs: 10e6, fromUsers: 0, toUsers: 50 },
      { durationUs: 110e6, fromUsers: 50, toUsers: 50 },
    ]);
  });

  test('a ramp as long as --for leaves nothing constant', () => {
    expect(stages({ users: '50', ramp: '2m', for: '2m' })).toHaveLength(1);
  });

  test.each([
    [{ rate: '0..200/s' }, { fromRate: 200, toRate: 200 }],
    [{ rate: '50..200/s' }, { fromRate: 50, toRate: 50 }],
    [{ users: '0..20' }, { fromUsers: 20, toUsers: 20 }],
  ])('the warm-up of %o is constant', (flags, expected) => {
    expect(stages({ ...flags, warmup: '1s' })[0]).toMatchObject({ warmup: true, ...expected });
  });

  test('--requests are worked off by one user, unless --users says more', () => {
    expect(plan({ requests: '1000' }).load).toMatchObject({ kind: 'amount', users: 1 });
    expect(plan({ requests: '1000', users: '100', for: '1m' }).load).toMatchObject({
      requests: 1000,
      users: 100,
      capUs: 60e6,
    });
  });

  test('--think, --every and --arrivals', () => {
    expect(plan({ users: '5', think: '1s..3s' }).load).toMatchObject({ pace: { maxUs: 3e6 } });
    expect(plan({ users: '5', every: '2s' }).load).toMatchObject({ pace: { everyUs: 2e6 } });
    expect(plan({ rate: '5/s', arrivals: 'poisson' }).arrivals).toBe('poisson');
  });
});

describe('the request', () => {
  const request = (flags: Partial<RunFlags>) => plan(flags).requests[0]!;

  test('-d makes it a POST, unless -X says otherwise', () => {
    expect(request({ data: 'a=1' })).toMatchObject({
      method: 'POST',
      body: { encoding: 'utf8', data: 'a=1' },
      headers: [],
    });
    expect(request({ data: 'a', method: 'PUT' })).toMatchObject({
      method: 'PUT',
      name: 'PUT /items',
    });
  });

  test('-d @file is the bytes of the file', () => {
    expect(request({ data: '@plans/body.bin' }).body?.encoding).toBe('base64');
  });

  test('--json-body is checked, and sent as JSON', () => {
    expect(request({ jsonBody: '{ "a": [1] }' })).toMatchObject({
      method: 'POST',
      body: { data: '{"a":[1]}' },
      headers: [['content-type', 'application/json']],
    });
  });

  test('-H is "name: value", and may come twice', () => {
    expect(request({ header: ['a: 1', 'b:2', 'a: x: y'] }).headers).toEqual([
      ['a', '1'],
      ['a', 'x: y'],
      ['b', '2'],
    ]);
  });

  test('--timeout, --connections and --insecure are those of http', () => {
    const { http, requests } = plan({ timeout: '3s', connections: '20', insecure: true });
    expect(http).toMatchObject({ timeoutUs: 3e6, connections: 20, insecure: true });
    expect(requests[0]?.timeoutUs).toBe(3e6);
    expect(plan({ connections: 'auto' }).http.connections).toBe('auto');
  });
});

test('--from and --workers', () => {
  expect(plan({ from: 'a=75%,b=25%', workers: '2' }).regions).toEqual([
    { name: 'a', share: 3, workers: 2 },
    { name: 'b', share: 1, workers: 2 },
  ]);
  expect(plan({ from: 'a, b' }).regions.map(({ share }) => share)).toEqual([1, 1]);
  expect(plan({ workers: '3' }).regions).toEqual([{ name: 'local', share: 1, workers: 3 }]);
});

test('--objective may speak of the request by its name', () => {
  const { objectives } = plan({ objective: ['p95 < 1s of "GET /items"', 'errors < 1%'] });
  expect(objectives.map(({ request }) => request)).toEqual(['GET /items', null]);
});

/** One golden file each: everything that a person is shown. */
const WRONG: Readonly<Record<string, Partial<RunFlags>>> = {
  'many-flags': {
    rate: '50',
    for: '10',
    header: ['x', 'X y: 3', 'content-length: 3'],
    data: '@missing',
    timeout: '5',
    connections: 'none',
    think: '1s',
    objective: ['p95 < 5', 'p95 < 5s of "GET /x"'],
    arrivals: 'random',
  },
  'rate-and-users': { rate: '5/s', users: '3' },
  'rate-and-requests': { rate: '5/s', requests: '3' },
  'warmup-of-an-amount': { requests: '10', warmup: '5s', ramp: '1s' },
  'ramp-of-a-ramp': { rate: '0..5/s', ramp: '1s' },
  'ramp-longer-than-for': { users: '5', ramp: '20s' },
  'users-as-words': { users: 'ten', ramp: '1s', warmup: '1s' },
  'more-users-than-requests': { requests: '5', users: '10' },
  'two-bodies': { data: 'x', jsonBody: '1' },
  'unknown-method': { method: 'get' },
  'no-scheme': { url: 'localhost:8080/x' },
  'no-url': { url: 'http://a b/' },
  fragment: { url: 'http://a/b#top' },
  credentials: { url: 'http://me:secret@a/' },
  'think-and-every': { users: '1', think: '1s', every: '1s' },
  regions: { from: 'a=50%,B=20%', workers: '0' },
  'region-twice': { from: 'a,a' },
};

test.each(Object.keys(WRONG))('what is shown of wrong flags: %s', (name) => {
  expectGolden(`flag-diagnostics/${name}.txt`, `${mistakesIn(() => plan(WRONG[name]))}\n`);
});

test('what is no JSON names its flag', () => {
  const shown = mistakesIn(() => plan({ jsonBody: '{a' }));
  expect(shown).toMatch(/^error: this is no JSON: /);
  expect(shown).toContain(' --> --json-body\n');
});

test('names from flags cannot reach into objects', () => {
  expect(() => plan({ from: '__proto__', workers: '3' })).toThrowError(/__proto__/);
  expect(() => plan({ header: ['__proto__: x'] })).toThrowError(/__proto__/);
  expect(({} as { workers?: unknown }).workers).toBeUndefined();
});

import { JSONPathEnvironment } from 'json-p3';
import { describe, expect, it } from 'vitest';
import { jsonEngineFor, jsonQuery } from '../../lib/load/json-query.js';
import type { Capture, PlanRequest } from '../../lib/plan/plan.js';
import { chance, makeRequest } from '../support/schedule-plans.js';

const SHOP = JSON.parse(`{
  "items": [{ "id": 1, "price": 8.5 }, { "id": 2, "price": 20 }, { "id": 3 }],
  "full name": "Ann", "none": null, "no": false, "": { "0": "zero" }, "__proto__": { "a": 1 }
}`) as unknown;

const capture = (path: string): Capture => ({ name: 'x', from: 'json', path });

function planOf(...paths: string[]): { requests: PlanRequest[] } {
  return { requests: [{ ...makeRequest('GET /', 0), captures: paths.map(capture) }] };
}

/** By the engine, as for a plan with paths that select. */
const engine = (await jsonEngineFor(planOf('$..id')))!;

describe('an engine', () => {
  it('is not even loaded for plain paths', async () => {
    expect(await jsonEngineFor(planOf('$.a[0]', '$'))).toBeNull();
    expect(await jsonEngineFor({ requests: [makeRequest('GET /', 1)] })).toBeNull();
  });

  it('is there for an expectation as for a capture', async () => {
    const test = { kind: 'exists', exists: true } as const;
    const expecting = {
      ...makeRequest('GET /', 1),
      expect: { status: null, headers: [], body: [], json: [{ path: '$[?@.a]', test }] },
    };
    expect(await jsonEngineFor({ requests: [expecting] })).not.toBeNull();
  });

  it('is missed where a path selects', () => {
    expect(() => jsonQuery('$..a', null)).toThrow('$..a');
  });
});

describe('a path', () => {
  it.each([
    ['$.items[1].id', [2]],
    ['$.items[3]', []],
    ["$['full name']", ['Ann']],
    ['$.none', [null]],
    ['$.no', [false]],
    ["$['']['0']", ['zero']],
    ['$.items.length', []],
    ['$.toString', []],
    ['$.__proto__.a', [1]],
    ["$.items['0']", []],
    ["$['full name'][0]", []],
    ["$['full name'].length", []],
    ['$.items[*].id', [1, 2, 3]],
    ['$.items[?@.price > 10].id', [2]],
    ['$..price', [8.5, 20]],
    ['$.items[-1].id', [3]],
    ['$.items[:2].id', [1, 2]],
    ['$.items[?match(@.id, "x")]', []],
    ['$.nowhere[*]', []],
  ])('%s', (path, found) => {
    const query = jsonQuery(path, engine);
    expect([...query.all(SHOP)]).toEqual(found);
    expect(query.first(SHOP)).toEqual(found[0]);
  });

  it('that is plain finds what the engine finds, in whatever there is', () => {
    const next = chance(3);
    const of = <T>(...choices: T[]) => choices[Math.floor(next() * choices.length)]!;
    const names = ['a', 'b', '0', 'length', 'constructor', '__proto__', 'é'];
    const value = (depth: number): unknown => {
      const kind = depth === 0 ? 'leaf' : of('leaf', 'list', 'object', 'object');
      if (kind === 'leaf') return of<unknown>(1, 'text', null, true, '', {}, []);
      const size = Math.floor(next() * 4);
      if (kind === 'list') return Array.from({ length: size }, () => value(depth - 1));
      const fields = Array.from({ length: size }, () => [of(...names), value(depth - 1)]);
      return JSON.parse(`{${fields.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`)}}`);
    };
    const judge = new JSONPathEnvironment();
    let found = 0;
    for (let i = 0; i < 3_000; i++) {
      const root = value(4);
      const segments = Array.from({ length: Math.floor(next() * 4) }, () =>
        next() < 0.3 ? `[${Math.floor(next() * 3)}]` : `['${of(...names)}']`,
      );
      const path = `$${segments.join('')}`;
      const expected = judge.query(path, root as never).nodes.map((node) => node.value);
      found += expected.length;
      expect([...jsonQuery(path, null).all(root)], `${path} in ${JSON.stringify(root)}`).toEqual(
        expected,
      );
    }
    expect(found).toBeGreaterThan(300);
  });

  it('looks at no more than is asked for: the first of a million costs what the first of ten does', () => {
    const query = jsonQuery('$..a', engine);
    let asked = 0;
    const root = { items: Array.from({ length: 1_000 }, () => ({ a: 1 })) };
    for (const _ of query.all(root)) if (++asked === 3) break;
    expect(asked).toBe(3);
  });
});

import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { PlanError } from '../../lib/plan/diagnostics.js';
import { readPlan } from '../../lib/plan/read-plan.js';
import { CONTEXT } from '../support/plan-text.js';

/** mulberry32: what fails can be repeated. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  maybe<T extends object>(fields: () => T): Partial<T> {
    return this.below(2) === 0 ? fields() : {};
  }

  many<T>(most: number, make: (i: number) => T): T[] {
    return Array.from({ length: 1 + this.below(most) }, (_, i) => make(i));
  }
}

type Document = Record<string, unknown>;

const duration = (dice: Dice) => `${1 + dice.below(500)}${dice.of(['ms', 's', 'm'])}`;
const rate = (dice: Dice) =>
  `${1 + dice.below(100)}${dice.of(['', `..${dice.below(900)}`])}/${dice.of(['s', 'm', 'h'])}`;
const users = (dice: Dice) =>
  dice.of([1 + dice.below(100), `${dice.below(9)}..${1 + dice.below(99)}`]);

function load(dice: Dice): Document {
  const kind = dice.of(['rate', 'users', 'requests']);
  if (kind === 'requests') {
    const requests = 100 + dice.below(1000);
    return {
      load: [
        { requests, ...dice.maybe(() => ({ users: 1 + dice.below(100), for: duration(dice) })) },
      ],
    };
  }
  const amount = () => (kind === 'rate' ? { rate: rate(dice) } : { users: users(dice) });
  return {
    load: [
      ...dice.of([[], [{ ...amount(), for: duration(dice), warmup: true }]]),
      ...dice.many(4, (i) => ({
        ...amount(),
        for: duration(dice),
        ...dice.maybe(() => ({ name: `stage ${i}` })),
      })),
    ],
    ...(kind === 'rate'
      ? dice.maybe(() => ({ arrivals: dice.of(['even', 'poisson']) }))
      : dice.of([{}, { think: '1s..3s' }, { every: '2s' }])),
  };
}

function request(dice: Dice, i: number): unknown {
  const line = `${dice.of(['GET', 'POST', 'DELETE'])} /${i}${dice.of(['', '?a=[1]&b={2}', '/ü'])}`;
  if (dice.below(3) === 0) return line;
  return {
    request: line,
    ...dice.maybe(() => ({ name: `request ${i}`, weight: 1 + dice.below(5) })),
    ...dice.maybe(() => ({ headers: { 'x-a': dice.of(['1', ['a', 'b']]) } })),
    ...dice.of([
      {},
      { json: { deep: [null, 1.5, 'x'] } },
      { form: { a: 1, b: ['x'] } },
      { body: '' },
    ]),
    ...dice.maybe(() => ({
      expect: dice.of([{ status: '2xx' }, { status: [200, '201..204'] }, { body: ['/a+/i', 'b'] }]),
      timeout: '30s',
    })),
  };
}

function planDocument(dice: Dice): Document {
  const regions = ['a', 'b', 'c'].slice(0, 1 + dice.below(3));
  return {
    target: dice.of(['http://127.0.0.1:8080', 'https://a.example/api/', { url: 'http://[::1]' }]),
    ...load(dice),
    ...dice.maybe(() => ({
      from: dice.of([
        regions,
        Object.fromEntries(regions.map((name) => [name, 1 + dice.below(9)])),
        { a: '33.3%', b: '66.7%' },
      ]),
    })),
    ...dice.maybe(() => ({ requests: dice.many(4, (i) => request(dice, i)) })),
    ...dice.maybe(() => ({
      objectives: dice.many(3, () =>
        dice.of(['p95 < 500ms', 'ok p99.9 <= 1s in every region', 'errors < 0.5%', 'rate > 9/s']),
      ),
    })),
    ...dice.maybe(() => ({
      http: { timeout: '7s', connections: dice.of(['auto', 5]), resolve: { a: '::1' } },
    })),
  };
}

const file = 'plan.yaml';

test('every plan within the language is read, in YAML and in JSON, and survives JSON', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const written = planDocument(new Dice(seed));
    const plan = readPlan({ text: stringify(written), file }, CONTEXT);
    expect(JSON.parse(JSON.stringify(plan)), `seed ${seed}`).toEqual(plan);
    expect(readPlan({ text: JSON.stringify(written), file }, CONTEXT), `seed ${seed}`).toEqual(
      plan,
    );
    expect(plan.regions.reduce((sum, { share }) => sum + share, 0)).toBeGreaterThan(0);
  }
});

const DEBRIS = [
  ...'{}[]:,-#&*!|>%@`"\'?\t\n/<.~0'.split(''),
  ...[
    '{{ x }}',
    'null',
    '.nan',
    '-1',
    '1e999',
    '__proto__: 1\n',
    '<<: *a',
    '&a ',
    '*a',
    '- ',
    ': ',
  ],
  ...[
    '\u0000',
    '\ud800',
    '\u2028',
    '$'.concat('{env:X}'),
    '? [a]\n: b\n',
    '!!set',
    '---\n',
    'flow: ',
  ],
];

test('no change to the text of a plan ends in anything but a plan or its mistakes', () => {
  let refused = 0;
  for (let seed = 1; seed <= 1500; seed++) {
    const dice = new Dice(seed);
    let text = stringify(planDocument(dice), { collectionStyle: dice.of(['any', 'flow']) });
    for (let changes = 1 + dice.below(3); changes > 0; changes--) {
      const at = dice.below(text.length + 1);
      text = text.slice(0, at) + dice.of(DEBRIS) + text.slice(at + dice.below(12));
    }
    if (!isReadOrRefused(text, seed)) refused++;
  }
  expect(refused).toBeGreaterThan(500);
});

const JUNK = [null, 0, -1, 1e300, true, '', 'x', [], {}, [null], { x: null }, [[]], '1..2', '{{}}'];

test('no value in the wrong place ends in anything but a plan or its mistakes', () => {
  let refused = 0;
  for (let seed = 1; seed <= 1500; seed++) {
    const dice = new Dice(seed);
    const changed = withJunk(planDocument(dice), dice);
    if (!isReadOrRefused(JSON.stringify(changed), seed)) refused++;
  }
  expect(refused).toBeGreaterThan(500);
});

function withJunk(value: unknown, dice: Dice): unknown {
  if (dice.below(12) === 0) return dice.of(JUNK);
  if (Array.isArray(value)) return value.map((one) => withJunk(one, dice));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      dice.below(30) === 0 ? dice.of(['x', 'flow', 'rtt', 'name', 'for']) : key,
      withJunk(one, dice),
    ]),
  );
}

function isReadOrRefused(text: string, seed: number): boolean {
  try {
    const plan = readPlan({ text, file }, CONTEXT);
    expect(JSON.parse(JSON.stringify(plan)), `seed ${seed}`).toEqual(plan);
    return true;
  } catch (error) {
    if (!(error instanceof PlanError)) throw new Error(`seed ${seed}:\n${text}`, { cause: error });
    for (const { message, place } of error.diagnostics) {
      expect(message, `seed ${seed}`).not.toMatch(/undefined|\[object|Invalid input/);
      if (place)
        expect(place.start + place.length, text).toBeLessThanOrEqual(place.text.length + 1);
    }
    return false;
  }
}

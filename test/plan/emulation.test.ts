import { describe, expect, test } from 'vitest';
import { UsageError } from '../../lib/errors.js';
import { planFromFlags } from '../../lib/plan/from-flags.js';
import { type PlanOverrides, readPlan } from '../../lib/plan/read-plan.js';
import { CONTEXT, mistakesIn } from '../support/plan-text.js';
import { freeze } from '../support/schedule-plans.js';

const LOAD = 'load: [{ rate: 50/s, for: 10s }]\n';
const AT = 'target: { url: https://shop.example.com, at: eu-central-1 }\n';

interface Flags {
  readonly emulate?: boolean;
  readonly at?: string;
  readonly overrides?: PlanOverrides;
}

const read = (text: string, flags: Flags = { emulate: true }) =>
  readPlan({ text: LOAD + text, file: 'plan.yaml' }, { ...CONTEXT, ...flags });

const distances = (text: string, flags?: Flags) =>
  Object.fromEntries(
    freeze(read(text, flags), { where: 'emulated' }).regions.map(({ name, emulated }) => [
      name,
      emulated,
    ]),
  );

const trips = (text: string, flags?: Flags) =>
  Object.values(distances(text, flags)).map((one) => one?.roundTripUs ?? null);

describe('the round trip', () => {
  test('comes from the distance between the place and where the target stands', () => {
    const found = distances(`${AT}from: [frankfurt, eu-central-1, dublin, us-east-1, sydney]\n`);
    expect(found.frankfurt).toEqual({ roundTripUs: 2_000, jitterUs: 0, loss: 0 });
    expect(found['eu-central-1']).toEqual(found.frankfurt);
    const us = Object.values(found).map((one) => one!.roundTripUs);
    expect(us).toEqual([...us].sort((a, b) => a - b));
    expect(new Set(us).size).toBe(4);
  });

  test('that the plan gives wins, and needs no map', () => {
    const from =
      'from: { tokyo: { rtt: 140ms, jitter: 5ms, loss: 0.1% }, moon-base: { rtt: 2.5s } }';
    expect(distances(`target: https://a.example\n${from}\n`)).toEqual({
      tokyo: { roundTripUs: 140_000, jitterUs: 5_000, loss: 0.001 },
      'moon-base': { roundTripUs: 2_500_000, jitterUs: 0, loss: 0 },
    });
  });

  test('comes from the distance where the plan gives jitter and loss alone', () => {
    const found = distances(
      `${AT}from: { tokyo: { jitter: 5ms }, osaka: { loss: 1% }, paris: 2 }\n`,
    );
    expect(found.tokyo).toMatchObject({ jitterUs: 5_000, loss: 0 });
    expect(found.osaka).toMatchObject({ jitterUs: 0, loss: 0.01 });
    expect(found.tokyo!.roundTripUs).toBeGreaterThan(found.paris!.roundTripUs);
  });

  test('of this machine itself is what it is', () => {
    expect(distances(`${AT}from: [tokyo, local]\n`).local).toBeNull();
  });

  test('is left alone where nothing is emulated', () => {
    const plan = read(`${AT}from: { tokyo: { rtt: 140ms } }\n`, {});
    expect(freeze(plan).regions).toEqual([{ name: 'tokyo', share: 1, workers: 1, emulated: null }]);
  });
});

describe('where the target stands', () => {
  test('--at says it in place of the plan', () => {
    const from = 'from: [tokyo]\n';
    expect(trips(`${AT}${from}`, { emulate: true, at: 'osaka' })).toEqual(
      trips(`target: { url: https://a.example, at: osaka }\n${from}`),
    );
  });

  test('stays when --target changes the URL', () => {
    const overrides = { target: 'http://127.0.0.1:8080' };
    const plan = read(`${AT}from: [tokyo]\n`, { emulate: true, overrides });
    expect(plan).toMatchObject({ target: 'http://127.0.0.1:8080', targetAt: 'eu-central-1' });
  });
});

describe('mistakes', () => {
  const said = (text: string, flags: Flags = { emulate: true }) =>
    mistakesIn(() => read(text, flags));

  test('neither a place of the target nor a round trip: said once, with what to write', () => {
    const text = said('target: https://a.example\nfrom: [tokyo, sydney]\n');
    expect(text).toContain('it must be known where the target stands');
    expect(text).toContain('pass --at eu-central-1, or write target: { url: https://…, at: ');
    expect(text).toContain('plan.yaml:2:');
    expect(text).toMatch(/^1 mistake in plan\.yaml$/m);
  });

  test.each([
    ['a region', `${AT}from: [tokio, sydney]\n`, "nobody knows where 'tokio' is", "'tokyo'"],
    ['a region in a map', `${AT}from: { eu-west1: 1 }\n`, "where 'eu-west1' is", "'eu-west-1'"],
    [
      'the target',
      'target: { url: http://a, at: frankfort }\nfrom: [tokyo]\n',
      "'frankfort'",
      "'frankfurt'",
    ],
  ])('a misspelt place of %s suggests the nearest name', (_, text, message, meant) => {
    expect(said(text)).toContain(message);
    expect(said(text)).toContain(`did you mean ${meant}?`);
  });

  test('a place that nobody knows needs its round trip', () => {
    expect(said(`${AT}from: [the-far-side-of-the-moon]\n`)).toContain(
      'needs its round trip: from: { the-far-side-of-the-moon: { rtt: 140ms } }',
    );
  });

  test('names of AWS regions to come are nobody’s business without emulation', () => {
    expect(read('target: https://a.example\nfrom: [xy-north-9]\n', {}).regions).toHaveLength(1);
  });

  test('where the target stands is checked in any case', () => {
    expect(said('target: { url: http://a, at: atlantis }\n', {})).toContain("'atlantis'");
  });

  test('there is nothing to emulate on this machine alone', () => {
    expect(said(AT)).toContain('there is no place whose distance could be emulated');
  });

  test('this machine has no distance', () => {
    const text = said('target: https://a.example\nfrom: { local: { rtt: 20ms } }\n', {});
    expect(text).toContain('local is this machine itself, at no distance');
  });

  test.each([
    ['rtt: 140', 'rtt must be a duration'],
    ['rtt: 140', 'give it a unit: 140s or 140ms'],
    ['jitter: fast', 'jitter must be a duration'],
    ['loss: 0.001', 'loss must be a percentage with at most two decimals'],
    ['loss: 101%', "loss must be at most 100%, not '101%'"],
    ['rttt: 5ms', "did you mean 'rtt'?"],
  ])('from: { tokyo: { %s } }', (field, message) => {
    expect(said(`${AT}from: { tokyo: { ${field} } }\n`)).toContain(message);
  });

  test('a plan that nobody checked for it is refused when it is frozen', () => {
    const plan = read('target: https://a.example\nfrom: [tokyo]\n', {});
    expect(() => freeze(plan, { where: 'emulated' })).toThrow(UsageError);
    expect(() => freeze(read(AT, {}), { where: 'emulated' })).toThrow('no place whose distance');
  });
});

describe('flags', () => {
  const url = 'https://a.example/';
  const flags = (more: object) => planFromFlags({ url, rate: '5/s', ...more }, CONTEXT);

  test('--from with --emulate, and --emulate with places, are the same', () => {
    const plan = flags({ from: 'tokyo=3,paris=1', emulate: true, at: 'milan' });
    expect(plan.regions).toMatchObject([
      { name: 'tokyo', share: 3 },
      { name: 'paris', share: 1 },
    ]);
    expect(plan.targetAt).toBe('milan');
    expect(flags({ emulate: 'tokyo=3,paris=1', at: 'milan' })).toEqual(plan);
  });

  test.each([
    [{ emulate: 'tokio', at: 'paris' }, "'tokio'", '--emulate tokio'],
    [{ from: 'tokio', emulate: true, at: 'paris' }, "'tokio'", '--from tokio'],
    [{ from: 'tokyo', emulate: true, at: 'pariss' }, "'pariss'", '--at pariss'],
    [{ from: 'tokyo', emulate: 'paris', at: 'paris' }, 'says already', '--emulate paris'],
    [{ emulate: 'tokyo' }, 'where the target stands', 'https://a.example'],
    [{ emulate: true, at: 'paris' }, 'no place', 'name some: --from tokyo,eu-west-1'],
  ])('%j is refused, and shown', (given, message, shown) => {
    const text = mistakesIn(() => flags(given));
    expect(text).toContain(message);
    expect(text).toContain(shown);
  });
});

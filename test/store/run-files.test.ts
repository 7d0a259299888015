import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import type { Manifest } from '../../lib/measure/manifest.js';
import type { FrozenPlan, ShardRef } from '../../lib/plan/frozen-plan.js';
import type { Control } from '../../lib/store/control.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { FragmentFeed } from '../../lib/store/fragment-feed.js';
import {
  type FragmentRef,
  fragmentId,
  fragmentKey,
  parseFragmentKey,
  runFiles,
  splitRunFolder,
} from '../../lib/store/run-files.js';
import { runState } from '../support/run-state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();
let count = 0;
const freshStore = () => FolderStore.open(join(scratch, `store-${++count}`));

const RUN = '20261121-141503-checkout-7f3a';
const shard = (part: Partial<ShardRef> = {}): ShardRef => ({
  run: RUN,
  region: 'eu-west-1',
  leg: 0,
  n: 0,
  attempt: 1,
  ...part,
});
const ARMED: Control = {
  schema: 'isochrone.control/1',
  startAtMs: null,
  legs: [{ state: 'armed', void: [] }],
  stop: null,
};
const order = (cause: string) => ({ atMs: 7, cause, by: 'user' }) as const;

test('everything lies where the documentation of results says', async () => {
  const store = freshStore();
  const files = runFiles(store, RUN);
  const second = shard({ n: 3, attempt: 2 });
  await files.plan.create({ schema: 'isochrone.plan/1' } as FrozenPlan);
  await files.control.create(ARMED);
  await files.state.write(runState(RUN));
  await files.progress.write({ run: RUN } as never);
  await files.manifests.create(second, { schema: 'isochrone.manifest/1' } as Manifest);
  await files.claims.create(second, { nonce: 'n1', atMs: 1 });
  await files.ready.create(second, { atMs: 2 });
  await files.refused.create(second, { nonce: 'n2', atMs: 3, reason: 'a second delivery' });
  await files.fragments.create(second, 12, Buffer.from('f'));
  await files.merged.write('all.frag', Buffer.from('m'));
  await files.partials.write('p.frag', Buffer.from('p'));
  await files.report.write('report.json', '{}');
  const sha256 = await files.inputs.put(Buffer.from('abc'));
  expect(await store.list('')).toEqual([
    `raw/${RUN}/claims/eu-west-1/0/3.2`,
    `raw/${RUN}/fragments/eu-west-1/0/000012/3.2.frag`,
    `raw/${RUN}/inputs/${sha256}`,
    `raw/${RUN}/partials/p.frag`,
    `raw/${RUN}/ready/eu-west-1/0/3.2`,
    `raw/${RUN}/refused/eu-west-1/0/3.2.n2`,
    `runs/${RUN}/control.json`,
    `runs/${RUN}/manifests/eu-west-1/0/3.2.json`,
    `runs/${RUN}/merged/all.frag`,
    `runs/${RUN}/plan.json`,
    `runs/${RUN}/progress.json`,
    `runs/${RUN}/report/report.json`,
    `runs/${RUN}/state.json`,
  ]);
  expect(sha256).toMatch(/^ba7816bf/);
  expect(files.report.address('report.json')).toBe(
    `${store.address}/runs/${RUN}/report/report.json`,
  );
});

test('objects of shards are read back, and listed for the run or for one place', async () => {
  const files = runFiles(freshStore(), RUN);
  const refs = [shard(), shard({ n: 1 }), shard({ leg: 1 }), shard({ region: 'local' })];
  for (const ref of refs)
    expect(await files.claims.create(ref, { nonce: 'a', atMs: 1 })).toBe(true);
  expect(await files.claims.create(shard(), { nonce: 'b', atMs: 2 })).toBe(false);
  expect(await files.claims.read(shard())).toEqual({ nonce: 'a', atMs: 1 });
  expect(await files.claims.read(shard({ n: 9 }))).toBeNull();
  expect(await files.claims.list()).toEqual(refs);
  expect(await files.claims.list({ region: 'eu-west-1', leg: 0 })).toEqual(refs.slice(0, 2));
});

test('each delivery that was refused has its own reason', async () => {
  const files = runFiles(freshStore(), RUN);
  const refusals = ['a', 'b'].map((nonce) => ({ nonce, atMs: 1, reason: `reason ${nonce}` }));
  for (const refusal of refusals) await files.refused.create(shard(), refusal);
  expect(await files.refused.list()).toEqual(
    refusals.map((refusal) => ({ ref: shard(), refusal })),
  );
});

describe('fragments', () => {
  const at = (seq: number, part: Partial<ShardRef> = {}): FragmentRef => ({ ...shard(part), seq });

  test('a key tells whose fragment it is', () => {
    const key = fragmentKey(shard({ n: 12, attempt: 2, leg: 3 }), 45);
    expect(key).toBe(`raw/${RUN}/fragments/eu-west-1/3/000045/12.2.frag`);
    expect(parseFragmentKey(key)).toEqual(at(45, { n: 12, attempt: 2, leg: 3 }));
    expect(fragmentId(shard({ n: 12, attempt: 2, leg: 3 }), 45)).toBe('eu-west-1/3/12.2/45');
    expect(parseFragmentKey(`raw/${RUN}/claims/eu-west-1/3/12.2`)).toBeNull();
    expect(parseFragmentKey(`${key}.tmp`)).toBeNull();
  });

  test('a fragment is written once', async () => {
    const { fragments } = runFiles(freshStore(), RUN);
    expect(await fragments.create(shard(), 1, Buffer.from('first'))).toBe(true);
    expect(await fragments.create(shard(), 1, Buffer.from('again'))).toBe(false);
    expect(Buffer.from((await fragments.read(at(1)))!).toString()).toBe('first');
    expect(await fragments.read(at(2))).toBeNull();
  });

  test('those of a place are listed from a seq on, that one included', async () => {
    const { fragments } = runFiles(freshStore(), RUN);
    for (const seq of [0, 1, 2, 10, 11]) await fragments.create(shard(), seq, Buffer.from(''));
    await fragments.create(shard({ leg: 1 }), 10, Buffer.from(''));
    const place = { region: 'eu-west-1', leg: 0 };
    expect(await fragments.listFrom(place, 2)).toEqual([at(2), at(10), at(11)]);
    expect(await fragments.listFrom(place, 0)).toHaveLength(5);
    expect(await fragments.list()).toHaveLength(6);
  });

  test('a feed tells each fragment once, late ones too, and whoever takes it over as well', async () => {
    const { fragments } = runFiles(freshStore(), RUN);
    let feed = new FragmentFeed(fragments, 12);
    feed.open({ region: 'eu-west-1', leg: 0 });
    feed.open({ region: 'local', leg: 0 });
    const write = (seq: number, part: Partial<ShardRef> = {}) =>
      fragments.create(shard(part), seq, Buffer.from(''));
    const told = async () => {
      const fresh = await feed.fresh(() => true);
      for (const ref of fresh) feed.take(ref);
      feed = new FragmentFeed(fragments, 12, JSON.parse(JSON.stringify(feed.memory())));
      return fresh;
    };
    expect(await told()).toEqual([]);
    await write(0);
    await write(0, { region: 'local' });
    expect(await told()).toEqual([at(0), at(0, { region: 'local' })]);
    expect(await told()).toEqual([]);
    for (let seq = 1; seq < 40; seq++) await write(seq);
    expect(await told()).toHaveLength(39);
    await write(30, { n: 1 });
    await write(28, { n: 1 });
    await write(1, { region: 'local' });
    const late = [at(28, { n: 1 }), at(30, { n: 1 }), at(1, { region: 'local' })];
    expect(await told()).toEqual(late);
    expect(await told()).toEqual([]);
    await write(29, { n: 1 });
    expect(await told()).toEqual([at(29, { n: 1 })]);
    expect(await told()).toEqual([]);
  });

  test('a feed tells again what was not taken, and nothing of legs that are closed or not due', async () => {
    const { fragments } = runFiles(freshStore(), RUN);
    const feed = new FragmentFeed(fragments, 12);
    feed.open({ region: 'eu-west-1', leg: 0 });
    await fragments.create(shard(), 0, Buffer.from(''));
    expect(await feed.fresh((leg) => leg > 0)).toEqual([]);
    expect(await feed.fresh(() => true)).toEqual([at(0)]);
    expect(await feed.fresh(() => true)).toEqual([at(0)]);
    feed.close(() => true);
    expect(await feed.fresh(() => true)).toEqual([]);
  });
});

describe('control', () => {
  async function controlled() {
    const store = freshStore();
    const { control } = runFiles(store, RUN);
    expect(await control.create(ARMED)).toBe(true);
    return { store, control };
  }

  test('is created once', async () => {
    const { control } = await controlled();
    expect(await control.create({ ...ARMED, startAtMs: 1 })).toBe(false);
    expect(await control.read()).toEqual(ARMED);
  });

  test('updates that meet are all kept', async () => {
    const { control } = await controlled();
    const attempts = Array.from({ length: 20 }, (_, n) => `eu-west-1/${n}.1`);
    await Promise.all(
      attempts.map((attempt) =>
        control.update((now) => ({
          ...now,
          legs: now.legs.map((leg) => ({ ...leg, void: [...leg.void, attempt] })),
        })),
      ),
    );
    const { legs } = (await control.read())!;
    expect([...legs[0]!.void].sort()).toEqual([...attempts].sort());
  });

  test('of many that stop a run, the first is believed by all', async () => {
    const { control } = await controlled();
    const causes = ['a', 'b', 'c', 'd'];
    const results = await Promise.all(
      causes.map((cause) => control.update((now) => ({ ...now, stop: order(cause) }))),
    );
    const stored = await control.read();
    expect(causes).toContain(stored!.stop!.cause);
    for (const result of results) expect(result).toEqual(stored);
  });

  test('a stopped run does not go', async () => {
    const { control } = await controlled();
    await control.update((now) => ({ ...now, stop: order('user') }));
    const after = await control.update((now) => ({
      ...now,
      startAtMs: 9,
      legs: [{ state: 'go', void: [] }],
    }));
    expect(after.stop).toEqual(order('user'));
    expect(await control.read()).toEqual({ ...ARMED, stop: order('user') });
  });

  test('null leaves it as it is', async () => {
    const { control } = await controlled();
    expect(await control.update(() => null)).toEqual(ARMED);
  });

  test('a step backward is refused and not written', async () => {
    const { store, control } = await controlled();
    await expect(control.update((now) => ({ ...now, legs: [] }))).rejects.toThrow(
      `refused to write ${store.address}/runs/${RUN}/control.json: it removes a leg`,
    );
    expect(await control.read()).toEqual(ARMED);
  });

  test('a run without one cannot be controlled', async () => {
    const { control } = runFiles(freshStore(), RUN);
    await expect(control.update((now) => now)).rejects.toThrow(UnavailableError);
  });
});

describe('damage is told by name', () => {
  test.each([
    ['', /control\.json is damaged \(.*JSON.*\): restore it/],
    ['{"schema":"isochrone.cont', /control\.json is damaged \(.*JSON.*\): restore it/],
    ['[]', /control\.json is damaged \(it holds no JSON object\)/],
    ['{"schema":"isochrone.control/2"}', /schema "isochrone\.control\/2" where this version reads/],
    ['{}', /says schema undefined where/],
  ])('%j', async (text, message) => {
    const store = freshStore();
    await store.write(`runs/${RUN}/control.json`, Buffer.from(text));
    const reading = runFiles(store, RUN).control.read();
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(UnavailableError);
  });
});

test("a run's folder names its store", () => {
  expect(splitRunFolder(`/data/isochrone-runs/runs/${RUN}/`)).toEqual({
    store: '/data/isochrone-runs',
    run: RUN,
  });
  expect(splitRunFolder(`/data/${RUN}`)).toBeNull();
  expect(splitRunFolder('/data/runs/Not A Run')).toBeNull();
});

import { describe, expect, test } from 'vitest';
import { parseAbort } from '../../lib/plan/parse-abort.js';
import { CLOUD_TIMING } from '../../lib/run/cloud-timing.js';
import { orchestrate } from '../../lib/run/orchestrate.js';
import { type Journal, plainJournal } from '../../lib/run/ports.js';
import type { Progress } from '../../lib/store/progress.js';
import { constantRate, frozenFor, planFor } from '../support/load-plans.js';
import { replayed } from '../support/replayed-journal.js';
import { SimulatedCloud } from '../support/simulated-cloud.js';

const REGIONS = ['eu', 'us', 'ap'];
const LEG_US = 100e6;

class Killed extends Error {}

/** A number from 0 to below 1 after the other, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Seven minutes in legs of 100 s, from three regions with two workers each. */
function cloud(...abort: string[]): SimulatedCloud {
  const scope = { requests: ['GET /'], regions: REGIONS, stages: [] };
  const plan = planFor('https://shop.example.com', constantRate(18, 420), {
    regions: REGIONS.map((name) => ({ name, share: 1, workers: 2 })),
    abort: abort.map((text) => parseAbort(text, scope)),
  });
  return new SimulatedCloud(frozenFor(plan, { where: 'aws', legUs: LEG_US }));
}

interface Led {
  readonly cloud: SimulatedCloud;
  /** By the instant of the run, µs. */
  readonly told: ReadonlyMap<number, Progress>;
  readonly invocations: number;
  readonly kills: number;
}

interface Leading {
  readonly sliceMs?: number;
  /** After so many requests to the store or to Lambda the process dies, again and again. */
  readonly killAfter?: () => number;
}

async function led(of: SimulatedCloud, { sliceMs, killAfter }: Leading): Promise<Led> {
  const told = new Map<number, Progress>();
  let left = killAfter?.() ?? Number.POSITIVE_INFINITY;
  let kills = 0;
  const perhapsDie = () => {
    left--;
    // A dead process asks for nothing more, whatever it was in the middle of.
    if (left <= 0) throw new Killed();
  };
  of.store.onRequest = perhapsDie;
  const run = (journal: Journal) =>
    orchestrate(of.files, {
      freeze: async () => ({ frozen: of.frozen, refusal: null }),
      invoker: {
        start: async (ref) => {
          perhapsDie();
          await of.start(ref);
        },
        gone: () => null,
      },
      merger: of,
      clock: of.clock,
      journal,
      timing: { ...CLOUD_TIMING, sliceMs: sliceMs ?? Number.POSITIVE_INFINITY },
      onProgress: (progress) => told.set(progress.elapsedUs, progress),
    });
  if (sliceMs === undefined) {
    await run(plainJournal);
    return { cloud: of, told, invocations: 1, kills };
  }
  const { invocations } = await replayed(
    run,
    async (invoke) => {
      await invoke();
      of.time.pass(1_000);
      if (left > 0) return;
      kills++;
      left = killAfter!();
      of.time.pass(1_000);
    },
    (error) => error instanceof Killed,
  );
  of.store.onRequest = () => {};
  return { cloud: of, told, invocations, kills };
}

/** What is told of the measurement; of workers an orchestrator that was away knows later. */
function figuresOf({ toldAtMs: _, workers: __, regions, ...all }: Progress) {
  return { ...all, regions: regions.map(({ workers: _, ...region }) => region) };
}

async function expectSame(one: Led, other: Led): Promise<void> {
  expect(other.told.size).toBeGreaterThan(200);
  for (const [elapsedUs, progress] of other.told) {
    const same = one.told.get(elapsedUs);
    if (!same || elapsedUs < 0 || same.phase !== progress.phase) continue;
    expect(figuresOf(progress), `at ${elapsedUs / 1e6} s`).toEqual(figuresOf(same));
  }
  const [a, b] = await Promise.all([one, other].map(({ cloud: of }) => of.files.progress.read()));
  const { elapsedUs: _, toldAtMs: __, ...last } = a!;
  expect(b).toMatchObject(last);
  expect([...other.cloud.answers]).toEqual([...one.cloud.answers]);
  expect(other.cloud.fired.map((times) => times.length)).toEqual(one.cloud.fired.map(() => 1));
}

describe('whoever takes a run over', () => {
  const whole = led(cloud(), {});

  test('tells what one tells that was never interrupted, slice by slice', async () => {
    for (const sliceMs of [5_000, 11_000, 40_000]) {
      const sliced = await led(cloud(), { sliceMs });
      expect(sliced.invocations).toBeGreaterThan(400_000 / (sliceMs + 1_000));
      await expectSame(await whole, sliced);
      const { started } = sliced.cloud;
      expect(new Set(started).size).toBe(started.length);
    }
  });

  test('counts nothing twice and leaves nothing out, wherever the one before it was killed', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const next = random(seed);
      const broken = await led(cloud(), {
        sliceMs: 5_000 + Math.floor(next() * 60) * 1_000,
        killAfter: () => 1 + Math.floor(next() * 400),
      });
      expect(broken.kills).toBeGreaterThan(5);
      await expectSame(await whole, broken);
    }
  });

  test('knows who is lost, who was replaced, and how all others ended', async () => {
    const troubled = () => {
      const of = cloud();
      of.dead.add('us/1/0.1/7');
      of.dead.add('ap/2/1.1');
      return of;
    };
    const one = await led(troubled(), {});
    const last = (await one.cloud.files.progress.read())!;
    expect(last.workers).toEqual({ planned: 30, ready: 30, reported: 29, lost: 1, silent: 0 });
    expect(one.cloud.started).toContain('ap/2/1.2');
    const next = random(99);
    for (let round = 0; round < 4; round++) {
      const killAfter = () => 1 + Math.floor(next() * 500);
      const other = await led(troubled(), { sliceMs: 23_000, killAfter });
      const told = (await other.cloud.files.progress.read())!;
      expect(told.workers).toEqual(last.workers);
      expect(told.regions).toEqual(last.regions);
      expect((await other.cloud.files.control.read())!.legs[2]!.void).toEqual(['ap/1.1']);
    }
  });

  test('reads again only the latest of what was told, however long the run is', async () => {
    const sliced = cloud();
    let again = 0;
    const read = new Map<string, number>();
    const reads: number[] = [];
    const { asked } = sliced.store;
    const running = led(sliced, { sliceMs: 10_000 });
    sliced.store.onRequest = (what, key) => {
      if (what !== 'read' || !key.endsWith('.frag')) return;
      again += read.has(key) ? 1 : 0;
      read.set(key, (read.get(key) ?? 0) + 1);
      reads.push(asked.reads);
    };
    const { invocations } = await running;
    // Ten seconds and two windows back, at a fragment every five: four of each that lives.
    expect(again).toBeGreaterThan(invocations);
    expect(again / invocations).toBeLessThanOrEqual(4 * 6 * 1.2);
    // Each is read soon after it was written, or not at all.
    expect(Math.max(...read.values())).toBeLessThanOrEqual(4);
  });
});

describe('abort rules', () => {
  test('hold across the ends of slices as if there were none', async () => {
    const failing = () => {
      const of = cloud('errors > 50% over 20s');
      of.fails = (second) => second >= 95;
      return of;
    };
    const one = await led(failing(), {});
    const { stop } = (await one.cloud.files.control.read())!;
    expect(stop).toMatchObject({ by: 'abort-rule' });
    expect(stop!.cause).toMatch(/^abort rule errors > 50% over 20s: .* from 1m 30s to 1m 50s$/);
    for (const sliceMs of [3_000, 5_000, 7_000, 9_000, 16_000]) {
      const other = await led(failing(), { sliceMs });
      expect((await other.cloud.files.control.read())!.stop!.cause).toBe(stop!.cause);
    }
  });

  test('are not judged by windows of which only a part was told to who judges', async () => {
    // All is well but for few answers: a rule that misses any of them would hold.
    const { frozen } = cloud();
    const rate = frozen.regions.length * 2 * 3;
    const quick = await led(cloud(`rate < ${rate - 1}/s over 30s`), { sliceMs: 5_000 });
    expect((await quick.cloud.files.control.read())!.stop).toBeNull();
  });
});

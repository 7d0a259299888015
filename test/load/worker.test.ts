import { afterEach, describe, expect, it, vi } from 'vitest';
import { work } from '../../lib/load/worker.js';
import { PROTOCOL } from '../../lib/plan/frozen-plan.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import type { Store } from '../../lib/store/store.js';
import { constantRate } from '../support/load-plans.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import {
  expectProven,
  FACTS,
  type RigOptions,
  ready,
  settingFor,
  storeBut,
  type WorkerRig,
  workerRig,
} from '../support/worker-rig.js';

const folder = FolderStore.open(temporaryFolder());
const rigs: WorkerRig[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const { server } of rigs.splice(0)) await server.close();
});

async function rig(options: RigOptions = {}): Promise<WorkerRig> {
  const made = await workerRig(folder, options);
  rigs.push(made);
  return made;
}

const setting = (run: string, store: Store = folder, leaseMs?: number) =>
  settingFor(run, store, leaseMs);

/** A worker cuts a fragment every five seconds; here so often that a short run has many. */
function cutOften(): void {
  const real = globalThis.setInterval;
  const sooner = (turn: () => void, ms: number) => real(turn, ms === 5_000 ? 120 : ms);
  vi.spyOn(globalThis, 'setInterval').mockImplementation(sooner as typeof setInterval);
}

async function expectSilence({ server }: WorkerRig): Promise<void> {
  const heard = server.count();
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(server.count()).toBe(heard);
  expect(server.connections()).toBe(0);
}

describe('a worker', () => {
  it('claims, says that it is ready, waits for the go, sends its share and proves it', async () => {
    const here = await rig();
    const { files, ref, server } = here;
    const working = work(ref, setting(ref.run));
    await ready(here, ref);
    expect(await files.claims.list()).toEqual([ref]);
    expect(server.count()).toBe(0);
    await here.go();
    await working;
    expect(server.count()).toBe(30);
    const manifest = await expectProven(here);
    expect(manifest).toMatchObject({ worker: { ...FACTS, pacer: 'timer' }, stoppedAtUs: null });
    expect(manifest.totals).toMatchObject({ scheduled: 30, ok: 30, sent: 30 });
    expect(manifest.startedAtMs).toBe((await files.control.read())!.startAtMs);
    expect(await here.refusals()).toEqual([]);
    await expectSilence(here);
  });

  it('works once, however often the same attempt is delivered', async () => {
    const here = await rig();
    const { files, ref, server } = here;
    const deliveries = [1, 2, 3].map(() => work(ref, setting(ref.run)));
    await ready(here, ref);
    await vi.waitUntil(async () => (await here.refusals()).length === 2);
    await here.go();
    await Promise.all(deliveries);
    await work(ref, setting(ref.run));
    expect(await here.refusals()).toEqual(
      Array(3).fill(expect.stringContaining('second delivery')),
    );
    expect(server.count()).toBe(30);
    expect(await files.manifests.list()).toEqual([ref]);
    await expectProven(here);
  });

  it('leaves without sending when its attempt is void; the one in its place does the work', async () => {
    const here = await rig();
    const { files, ref, server } = here;
    const shared = setting(ref.run);
    const second = { ...ref, attempt: 2 };
    const first = work(ref, shared);
    await ready(here, ref);
    await files.control.update((now) => ({
      ...now,
      legs: [{ state: 'armed', void: ['local/0.1'] }],
    }));
    await first;
    expect(await here.refusals()).toEqual([expect.stringContaining('void')]);
    const working = work(second, shared);
    await ready(here, second);
    await here.go();
    await working;
    expect(server.count()).toBe(30);
    expect(await files.manifests.list()).toEqual([second]);
    expect((await files.fragments.list()).every(({ attempt }) => attempt === 2)).toBe(true);
  });

  it('is not woken by a go that comes along with its own voiding', async () => {
    const here = await rig();
    const { files, ref } = here;
    const working = work(ref, setting(ref.run));
    await ready(here, ref);
    await files.control.update((now) => ({
      ...now,
      startAtMs: Date.now(),
      legs: [{ state: 'go', void: ['local/0.1'] }],
    }));
    await working;
    await expectNothingSent(here, 'void');
  });

  it('leaves without sending when the run is stopped before the go', async () => {
    const here = await rig();
    const working = work(here.ref, setting(here.ref.run));
    await ready(here, here.ref);
    await here.stop();
    await working;
    await expectNothingSent(here, 'stopped before the start: Ctrl-C');
  });

  it('does not touch a plan of another protocol', async () => {
    const here = await rig({ frozen: { protocol: PROTOCOL + 1 } });
    await work(here.ref, setting(here.ref.run));
    await expectNothingSent(here, `protocol ${PROTOCOL + 1}, this worker ${PROTOCOL}`);
    expect(await here.files.claims.list()).toEqual([]);
  });

  it('does not begin without a plan', async () => {
    const ref = { run: 'unplanned', region: 'local', leg: 0, n: 0, attempt: 1 };
    await work(ref, setting(ref.run));
    const [refused] = await runFiles(folder, ref.run).refused.list();
    expect(refused).toMatchObject({
      ref,
      refusal: { reason: expect.stringContaining('plan.json') },
    });
  });

  it('says that it did nothing where it hears of the go and of a stop at once', async () => {
    const here = await rig({ load: constantRate(200, 5) });
    await here.go();
    await here.stop();
    await work(here.ref, setting(here.ref.run));
    await expectSilence(here);
    const { stoppedAtUs, totals, firstLagUs } = await expectProven(here);
    expect(totals.scheduled).toBe(Math.round((stoppedAtUs! * 200) / 1e6));
    expect([totals.sent, firstLagUs]).toEqual([0, null]);
    expect(here.server.count()).toBe(0);
    expect(await here.refusals()).toEqual([]);
  });

  it('stops at once when told to, and accounts for what it cut', async () => {
    const here = await rig({ load: constantRate(200, 5), character: { delayMs: 60 } });
    const working = work(here.ref, setting(here.ref.run));
    await ready(here, here.ref);
    await here.go();
    await vi.waitUntil(() => here.server.count() > 50);
    await here.stop();
    await working;
    await expectSilence(here);
    const { stoppedAtUs, totals } = await expectProven(here);
    expect(stoppedAtUs).toBeGreaterThan(0);
    expect(stoppedAtUs).toBeLessThan(5e6);
    // All that was due by then, at 200 a second, and nothing that was due later.
    expect(totals.scheduled).toBe(Math.ceil((stoppedAtUs! * 200) / 1e6 - 0.5));
    expect(totals.cutStop).toBeGreaterThan(0);
    expect(totals.droppedGenerator).toBe(0);
  });
});

async function expectNothingSent(here: WorkerRig, reason: string): Promise<void> {
  expect(await here.refusals()).toEqual([expect.stringContaining(reason)]);
  expect(here.server.count()).toBe(0);
  expect(await here.files.manifests.list()).toEqual([]);
  expect(await here.files.fragments.list()).toEqual([]);
  await expectSilence(here);
}

describe('a worker that loses sight of control', () => {
  const BLINDNESS: readonly [string, Store['read']][] = [
    ['cannot be read', () => Promise.reject(new Error('the store is away'))],
    ['is gone', () => Promise.resolve(null)],
    ['never answers', () => new Promise(() => {})],
    ['is damaged', async () => ({ bytes: Buffer.from('{"schema":'), tag: 'x' })],
  ];

  /** A store whose control.json turns blind when told to. */
  function blindable(blind: Store['read']) {
    let isBlind = false;
    const store = storeBut(folder, {
      read: (key) => (isBlind && key.endsWith('/control.json') ? blind(key) : folder.read(key)),
    });
    return {
      store,
      blind: (yes: boolean) => {
        isBlind = yes;
      },
    };
  }

  it.each(BLINDNESS)('falls silent when it %s, and owns up to the rest', async (_, blindness) => {
    const here = await rig({ load: constantRate(200, 5), character: { delayMs: 60 } });
    const eyes = blindable(blindness);
    const working = work(here.ref, setting(here.ref.run, eyes.store, 250));
    await ready(here, here.ref);
    await here.go();
    await vi.waitUntil(() => here.server.count() > 30);
    eyes.blind(true);
    await working;
    await expectSilence(here);
    const manifest = await expectProven(here);
    const { totals, stoppedAtUs, lapsedAtUs, startedAtMs, endedAtMs } = manifest;
    // The whole leg is accounted for, long before its time is over.
    expect(totals.scheduled).toBe(1_000);
    expect(totals.cutStop).toBeGreaterThan(0);
    expect(totals.droppedGenerator).toBe(1_000 - totals.ok - totals.cutStop);
    expect(totals.droppedGenerator).toBeGreaterThan(0);
    expect(here.server.count()).toBeLessThanOrEqual(totals.sent);
    expect(stoppedAtUs).toBeNull();
    expect(lapsedAtUs! / 1_000).toBeGreaterThan(250);
    expect(lapsedAtUs! / 1_000).toBeLessThanOrEqual(endedAtMs - startedAtMs);
    expect(endedAtMs - startedAtMs).toBeLessThan(5_000);
  });

  it('goes on when it was blind for less than its lease', async () => {
    const here = await rig({ load: constantRate(100, 0.8) });
    const eyes = blindable(BLINDNESS[0]![1]);
    const working = work(here.ref, setting(here.ref.run, eyes.store, 5_000));
    await ready(here, here.ref);
    await here.go();
    await vi.waitUntil(() => here.server.count() > 10);
    eyes.blind(true);
    await vi.waitUntil(() => here.server.count() > 40);
    eyes.blind(false);
    await working;
    expect(here.server.count()).toBe(80);
    expect((await expectProven(here)).totals.ok).toBe(80);
  });

  it('leaves without sending when that happens before the go', async () => {
    const here = await rig();
    const eyes = blindable(BLINDNESS[0]![1]);
    const working = work(here.ref, setting(here.ref.run, eyes.store, 200));
    await ready(here, here.ref);
    eyes.blind(true);
    await working;
    await here.go();
    await expectNothingSent(here, 'could not be read before the start');
  });
});

describe('a worker whose store fails for a while', () => {
  it('loses no fragment: each is written once, in order, and stands in the manifest', async () => {
    cutOften();
    const here = await rig({ load: constantRate(200, 1) });
    const created: string[] = [];
    let refused = 0;
    let unheard = 0;
    const store = storeBut(folder, {
      create: async (key, bytes) => {
        if (!key.includes('/fragments/')) return folder.create(key, bytes);
        // First the store is away; then it does what it is told, but its answer is lost.
        if (refused < 3) {
          refused++;
          throw new Error('the store is away');
        }
        const done = await folder.create(key, bytes);
        if (done) created.push(key);
        if (done && unheard < 1) {
          unheard++;
          throw new Error('the answer was lost');
        }
        return done;
      },
    });
    const working = work(here.ref, setting(here.ref.run, store));
    await ready(here, here.ref);
    await here.go();
    await working;
    expect([refused, unheard]).toEqual([3, 1]);
    expect(created).toEqual([...new Set(created)].sort());
    const { fragments, totals } = await expectProven(here);
    expect(fragments.length).toBe(created.length);
    expect(fragments.length).toBeGreaterThanOrEqual(5);
    expect(totals).toMatchObject({ scheduled: 200, ok: 200 });
    expect(here.server.count()).toBe(200);
  });

  it('writes its manifest when it can', async () => {
    const here = await rig();
    let refused = 0;
    const store = storeBut(folder, {
      create: (key, bytes) => {
        if (!key.includes('/manifests/') || refused >= 2) return folder.create(key, bytes);
        refused++;
        return Promise.reject(new Error('the store is away'));
      },
    });
    const working = work(here.ref, setting(here.ref.run, store));
    await ready(here, here.ref);
    await here.go();
    await working;
    expect(refused).toBe(2);
    await expectProven(here);
  });
});

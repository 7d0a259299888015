import { afterEach, expect, it } from 'vitest';
import { work } from '../../lib/load/worker.js';
import type { Manifest } from '../../lib/measure/manifest.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import type { Store } from '../../lib/store/store.js';
import { constantRate } from '../support/load-plans.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { ready, settingFor, storeBut, type WorkerRig, workerRig } from '../support/worker-rig.js';

const folder = FolderStore.open(temporaryFolder());
const rigs: WorkerRig[] = [];
afterEach(async () => {
  for (const { server } of rigs.splice(0)) await server.close();
});

async function manifestOf(store: Store, seconds = 0.3): Promise<Manifest> {
  const rig = await workerRig(folder, { load: constantRate(100, seconds) });
  rigs.push(rig);
  const working = work(rig.ref, settingFor(rig.ref.run, store));
  await ready(rig, rig.ref);
  await rig.go();
  await working;
  return (await rig.files.manifests.read(rig.ref))!;
}

it('a worker says how its thread fared, and that its clock is the one of the disk', async () => {
  const { health, clock } = await manifestOf(folder, 1.2);
  expect(health.delay!.p99Us).toBeGreaterThanOrEqual(0);
  expect(health.busy!.share).toBeGreaterThan(0);
  expect(health.busy!.share).toBeLessThanOrEqual(1);
  expect(health.memory.rssBytes).toBeGreaterThan(health.memory.heapBytes);
  // One clock: what it seems to be off is within what is uncertain of it.
  expect(Math.abs(clock!.offsetMs)).toBeLessThanOrEqual(clock!.uncertaintyMs + 1);
  expect(Math.abs(clock!.driftMs!)).toBeLessThanOrEqual(2 * clock!.uncertaintyMs + 50);
});

it('a clock that was set wrong is found out, whatever the schedule says', async () => {
  const ahead = storeBut(folder, {
    now: async () => {
      const { atMs, tickMs } = await folder.now();
      return { atMs: atMs - 400, tickMs };
    },
  });
  const { clock } = await manifestOf(ahead);
  expect(Math.abs(clock!.offsetMs - 400)).toBeLessThanOrEqual(clock!.uncertaintyMs + 1);
});

it('a store that does not tell the time keeps nobody from working', async () => {
  const silent = storeBut(folder, { now: () => Promise.reject(new Error('away')) });
  const { clock, totals } = await manifestOf(silent);
  expect(clock).toBeNull();
  expect(totals.ok).toBe(30);
});

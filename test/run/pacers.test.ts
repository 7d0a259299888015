import { afterAll, expect, it } from 'vitest';
import { runLocally } from '../../lib/run/local-run.js';
import { threadsOf } from '../../lib/run/machine.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { constantRate, frozenFor, planFor } from '../support/load-plans.js';
import { type RemoteTarget, remoteTarget } from '../support/remote-target.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const store = FolderStore.open(folder);
const entry = new URL('../../dist/lib/run/load-thread.js', import.meta.url);
let target: RemoteTarget | null = null;
afterAll(() => target?.close());

it.each([
  [1, 1, 'timer'],
  [2, 1, 'spin'],
  [8, 7, 'spin'],
])(
  '%d cores run %d load threads, and one that shares its core does not spin: %s',
  (cores, threads, pacer) => {
    expect(threadsOf(cores)).toEqual({ threads, pacer });
  },
);

it('five shards on two cores have one pacer, and leave the other core unspun', async () => {
  target = await remoteTarget();
  const regions = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, share: 1, workers: null }));
  // Instants a millisecond apart: a pacer that may spin never rests.
  const plan = planFor(target.url, constantRate(1_000, 3), { regions });
  const frozen = frozenFor(plan, { run: 'five-shards', createdAtMs: Date.now() });
  const before = process.cpuUsage();
  const fromMs = performance.now();
  await runLocally(frozen, { store, folder, entry, threads: threadsOf(2).threads });
  const { user, system } = process.cpuUsage(before);
  const cores = (user + system) / 1000 / (performance.now() - fromMs);

  const files = runFiles(store, frozen.run);
  const manifests = await Promise.all(
    regions.map(({ name: region }) =>
      files.manifests.read({ run: frozen.run, region, leg: 0, n: 0, attempt: 1 }),
    ),
  );
  expect(manifests.map((manifest) => manifest?.worker.thread)).toEqual([0, 0, 0, 0, 0]);
  expect(new Set(manifests.map((manifest) => manifest?.worker.threads))).toEqual(new Set([1]));
  // All threads of this process together: two that spin would take two cores.
  expect(cores).toBeLessThan(1.25);
});

import { expect, test } from 'vitest';
import { collectRun } from '../../lib/run/collect.js';
import { freeze, orderStop } from '../../lib/run/orchestrate.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { constantRate, frozenFor, planFor } from '../support/load-plans.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const START_MS = 1_000_000;

test('of a leg that was armed and never let go nothing is lost, and nobody is missed, whenever the stop came', async () => {
  const plan = planFor('http://127.0.0.1:9', constantRate(10, 40));
  const frozen = frozenFor(plan, { run: 'armed', where: 'aws', legUs: 20e6 });
  const files = runFiles(FolderStore.open(temporaryFolder()), frozen.run);
  await freeze(frozen, files);
  const [first, second] = frozen.legs;
  await files.control.update((now) => ({
    ...now,
    startAtMs: START_MS,
    legs: [
      { state: 'go', void: [] },
      { state: 'armed', void: [] },
    ],
  }));
  // Workers without a manifest are counted to 10 s after it: into the second leg, had it begun.
  const atMs = START_MS + second!.startUs / 1_000 - 1_000;
  const order = { atMs, by: 'user', cause: 'isochrone stop' } as const;
  const control = await orderStop(files, order);
  const { record } = await collectRun(files, frozen, control, { kind: 'stopped', order }, atMs);
  const planned = record.shards.map(({ leg, planned }) => [
    leg,
    planned?.flat().reduce((a, b) => a + b, 0),
  ]);
  expect(planned).toEqual([[first!.index, 200]]);
});

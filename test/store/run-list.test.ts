import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { listRuns } from '../../lib/store/run-list.js';
import { runState } from '../support/run-state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();

test('a store without runs lists none', async () => {
  expect(await listRuns(FolderStore.open(join(scratch, 'none')))).toEqual([]);
});

test('runs come newest first, within a second too, and a damaged one hides no other', async () => {
  const store = FolderStore.open(join(scratch, 'some'));
  const add = (run: string, createdAtMs: number) =>
    runFiles(store, run).state.write(runState(run, { createdAtMs }));
  await add('20261121-141503-checkout-7f3a', 300);
  await add('20261121-141503-checkout-1111', 700);
  await add('20261122-000000-search-aaaa', 9_000);
  await add('20251231-235959-zebra-ffff', 1);
  await store.write('runs/20261121-150000-broken-0000/state.json', Buffer.from('{"sch'));
  await mkdir(join(store.address, 'runs/20261123-000000-empty-0000'));
  await mkdir(join(store.address, 'runs/Not a run'));
  await writeFile(join(store.address, 'runs/20261124-000000-file-0000'), '');

  const runs = await listRuns(store);
  expect(runs.map(({ run }) => run)).toEqual([
    '20261123-000000-empty-0000',
    '20261122-000000-search-aaaa',
    '20261121-150000-broken-0000',
    '20261121-141503-checkout-1111',
    '20261121-141503-checkout-7f3a',
    '20251231-235959-zebra-ffff',
  ]);
  expect(runs[0]!.damage).toMatch(/20261123-000000-empty-0000\/state\.json is missing$/);
  expect(runs[2]!.damage).toMatch(/state\.json is damaged/);
  expect(runs[1]!.state).toEqual(runState('20261122-000000-search-aaaa', { createdAtMs: 9_000 }));
});

test('a store of hundreds is listed whole', async () => {
  const store = FolderStore.open(join(scratch, 'hundreds'));
  for (let i = 100; i < 300; i++) {
    const run = `20261121-141${i}-load-0000`;
    await store.create(runFiles(store, run).state.key, Buffer.from(JSON.stringify(runState(run))));
  }
  const runs = await listRuns(store);
  expect(runs).toHaveLength(200);
  expect(runs.every(({ damage }) => damage === null)).toBe(true);
});

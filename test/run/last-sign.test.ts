import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadReport } from '../../lib/run/conclude.js';
import { followRun } from '../../lib/run/follow.js';
import { isLost } from '../../lib/run/last-sign.js';
import { freeze } from '../../lib/run/orchestrate.js';
import { freezeOrder } from '../../lib/run/run-order.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import type { Store } from '../../lib/store/store.js';
import { progressOf } from '../support/live-progress.js';
import { constantRate, planFor } from '../support/load-plans.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();
const RUN = '20261121-141503-checkout-7f3a';
const CREATED_MS = 1_000_000;
const S = 1_000;
let count = 0;

/** A run of 60 s on AWS, with 10 s of grace, as its orchestrator made it known. */
async function cloudRun() {
  const store = FolderStore.open(join(scratch, String(++count)));
  const files = runFiles(store, RUN);
  const region = { name: 'eu-west-1', share: 1, workers: 1 };
  const plan = { ...planFor('http://127.0.0.1:9', constantRate(1, 60)), regions: [region] };
  const order = {
    schema: 'isochrone.order/1',
    plan,
    label: null,
    createdAtMs: CREATED_MS,
    seed: 1,
    workers: null,
    allowUndecided: true,
    accepted: [],
  } as const;
  const frozen = freezeOrder(RUN, order);
  await freeze(frozen, files);
  const state = (await files.state.read())!;
  const graceMs = frozen.graceUs / 1_000;
  return { store, files, state, graceMs };
}

describe('a run on AWS is lost', () => {
  test('five minutes after the deadline of one that has not begun to send', async () => {
    const { files, state, graceMs } = await cloudRun();
    // To arm, the load, the grace, the last uploads; and then to merge.
    const lostMs = CREATED_MS + 130 * S + 60 * S + graceMs + 60 * S + 300 * S;
    expect(await isLost(files, state, lostMs - 1)).toBe(false);
    expect(await isLost(files, state, lostMs)).toBe(true);
  });

  test('counted from its start where it has begun, and from its stop where it was stopped', async () => {
    const { files, state, graceMs } = await cloudRun();
    const startAtMs = CREATED_MS + 20 * S;
    await files.control.update((now) => ({ ...now, startAtMs }));
    const lostMs = startAtMs + 60 * S + graceMs + 60 * S + 300 * S;
    expect(await isLost(files, state, lostMs - 1)).toBe(false);
    expect(await isLost(files, state, lostMs)).toBe(true);
    const stop = { atMs: startAtMs + 5 * S, by: 'user', cause: 'isochrone stop' } as const;
    await files.control.update((now) => ({ ...now, stop }));
    const sooner = stop.atMs + 15 * S + 300 * S;
    expect(await isLost(files, state, sooner - 1)).toBe(false);
    expect(await isLost(files, state, sooner)).toBe(true);
  });

  test('not while it tells how far it is, whatever its deadline', async () => {
    const { files, state } = await cloudRun();
    const nowMs = CREATED_MS + 9_000 * S;
    await files.progress.write(progressOf({ run: RUN, toldAtMs: nowMs - 10 * S }));
    expect(await isLost(files, state, nowMs)).toBe(false);
  });
});

test('who follows a run on AWS does not take silence for its end', async () => {
  const { store } = await cloudRun();
  let nowMs = CREATED_MS;
  const followed = await followRun(store, RUN, {
    clock: { nowMs: () => nowMs },
    wait: async () => {
      nowMs += 20 * S;
    },
  });
  expect(followed).toEqual({ kind: 'vanished', seenAtMs: CREATED_MS });
  expect(nowMs - CREATED_MS).toBeGreaterThan(550 * S);
});

describe('the report of a run that was lost', () => {
  const readOnly = (store: Store): Store => ({
    address: store.address,
    read: (key) => store.read(key),
    list: (prefix, after) => store.list(prefix, after),
    folders: (prefix) => store.folders(prefix),
    create: () => Promise.reject(new Error('nothing may be written')),
    write: () => Promise.reject(new Error('nothing may be written')),
    swap: () => Promise.reject(new Error('nothing may be written')),
    now: () => store.now(),
  });

  test('is made in a store of ours, as nobody but merge writes into its own', async () => {
    const { store } = await cloudRun();
    const own = FolderStore.open(join(scratch, String(++count)));
    const later = CREATED_MS + 3_600 * S;
    const report = await loadReport(readOnly(store), RUN, later, own);
    expect(report.verdict).toMatchObject({ status: 'broken', exitCode: 3 });
    expect((await runFiles(own, RUN).state.read())?.phase).toBe('ended');
    expect(await loadReport(own, RUN)).toEqual(report);
  });

  test('is not made while merge may still make it', async () => {
    const { store, files, state } = await cloudRun();
    const soon = CREATED_MS + 60 * S;
    await expect(loadReport(readOnly(store), RUN, soon)).rejects.toThrow('is still running');
    await files.state.write({ ...state, phase: 'merging', end: { kind: 'complete' } });
    await expect(loadReport(readOnly(store), RUN, soon)).rejects.toThrow('is still being merged');
  });

  test('says how it ended where that is known', async () => {
    const { store, files, state } = await cloudRun();
    await files.state.write({
      ...state,
      phase: 'merging',
      end: { kind: 'cancelled', cause: 'no' },
    });
    const own = FolderStore.open(join(scratch, String(++count)));
    const report = await loadReport(readOnly(store), RUN, CREATED_MS + 3_600 * S, own);
    expect(report.verdict).toMatchObject({ status: 'cancelled', cause: 'no' });
  });
});

import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import { freeze } from '../../lib/run/orchestrate.js';
import { stopRun } from '../../lib/run/stop-run.js';
import type { RunState } from '../../lib/store/control.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { constantRate, frozenFor, planFor } from '../support/load-plans.js';
import { runState } from '../support/run-state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const store = FolderStore.open(temporaryFolder());
const PATIENCE = { patienceMs: 300 };

let runs = 0;
/** A run that nobody leads; `change` is where it is. */
async function run(change: Partial<RunState>) {
  const id = `stop-${++runs}`;
  const files = runFiles(store, id);
  const createdAtMs = Date.now();
  const plan = planFor('http://127.0.0.1:9', constantRate(1, 60));
  await freeze(frozenFor(plan, { run: id, createdAtMs }), files);
  await files.state.write(runState(id, { createdAtMs, end: null, verdict: null, ...change }));
  return { id, files };
}

describe('what stop says it did', () => {
  test('nothing, where the run is over', async () => {
    const { id, files } = await run({ phase: 'ended', end: { kind: 'complete' } });
    expect(await stopRun(store, id)).toMatchObject({ kind: 'over', order: null });
    expect((await files.control.read())?.stop).toBeNull();
  });

  test('nothing, where all has been sent and is being merged', async () => {
    const { id, files } = await run({ phase: 'merging', end: { kind: 'complete' } });
    expect(await stopRun(store, id, PATIENCE)).toEqual({ kind: 'told', order: null });
    expect((await files.control.read())?.stop).toBeNull();
  });

  test('it told a run that takes its time', async () => {
    const { id, files } = await run({ phase: 'running' });
    const order = { by: 'user', cause: 'isochrone stop' };
    expect(await stopRun(store, id, PATIENCE)).toMatchObject({ kind: 'told', order });
    expect((await files.control.read())?.stop).toMatchObject(order);
  });

  test('an earlier order stands', async () => {
    const { id, files } = await run({ phase: 'running' });
    const order = { atMs: 1, by: 'interrupt', cause: 'Ctrl-C' } as const;
    await files.control.update((now) => ({ ...now, stop: order }));
    expect(await stopRun(store, id, PATIENCE)).toEqual({ kind: 'told', order });
  });

  test('nobody leads it any more: workers elsewhere are told, and nobody waits', async () => {
    const { id, files } = await run({ phase: 'running', createdAtMs: 1_000 });
    expect(await stopRun(store, id)).toEqual({ kind: 'silent', seenAtMs: 1_000 });
    expect((await files.control.read())?.stop).toMatchObject({ by: 'user' });
  });

  test('there is no such run', async () => {
    await expect(stopRun(store, 'none')).rejects.toThrow(UnavailableError);
  });
});

import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
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
async function run(change: Partial<RunState>, frozen: Partial<FrozenPlan> = {}) {
  const id = `stop-${++runs}`;
  const files = runFiles(store, id);
  const createdAtMs = Date.now();
  const plan = planFor('http://127.0.0.1:9', constantRate(1, 60));
  await freeze({ ...frozenFor(plan, { run: id, createdAtMs }), ...frozen }, files);
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

  test('the execution of a run on AWS is ended by force, after the run was told', async () => {
    const { id, files } = await run({ phase: 'running' }, { where: 'aws', execution: 'arn:x' });
    const forced: unknown[] = [];
    const force = async (...args: unknown[]) => {
      forced.push([...args, (await files.control.read())?.stop?.by]);
    };
    expect(await stopRun(store, id, { ...PATIENCE, force })).toMatchObject({ kind: 'told' });
    expect(forced).toEqual([['arn:x', 'isochrone stop --force', 'user']]);
  });

  test('a run of this machine has none: it was told, and that is said', async () => {
    const { id, files } = await run({ phase: 'running' });
    const stopped = stopRun(store, id, { ...PATIENCE, force: async () => {} });
    await expect(stopped).rejects.toThrow(/--force is for runs that are led on AWS/);
    expect((await files.control.read())?.stop).toMatchObject({ by: 'user' });
  });
});

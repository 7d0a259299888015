import { UnavailableError } from '../errors.js';
import type { RunState } from './control.js';
import { runFiles, runIds } from './run-files.js';
import type { Store } from './store.js';

/** A run as it is listed: its state, or why that cannot be told. */
export type ListedRun =
  | { readonly run: string; readonly state: RunState; readonly damage: null }
  | { readonly run: string; readonly state: null; readonly damage: string };

/** So many states are read at a time: a store of thousands must not run out of open files. */
const AT_ONCE = 32;

/** All runs, newest first. A damaged one hides no other. */
export async function listRuns(store: Store): Promise<ListedRun[]> {
  const ids = await runIds(store);
  const runs: ListedRun[] = [];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const batch = ids.slice(from, from + AT_ONCE).map((run) => listed(store, run));
    runs.push(...(await Promise.all(batch)));
  }
  return runs.sort(newestFirst);
}

async function listed(store: Store, run: string): Promise<ListedRun> {
  const files = runFiles(store, run);
  try {
    const state = await files.state.read();
    if (state !== null) return { run, state, damage: null };
    return { run, state: null, damage: `${store.address}/${files.state.key} is missing` };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { run, state: null, damage: error.message };
  }
}

/** An id begins with its second, `20261121-141503`; within one second the state knows better. */
function newestFirst(a: ListedRun, b: ListedRun): number {
  const second = (listed: ListedRun) => listed.run.slice(0, 15);
  if (second(a) !== second(b)) return second(a) < second(b) ? 1 : -1;
  const byState = (b.state?.createdAtMs ?? 0) - (a.state?.createdAtMs ?? 0);
  if (byState !== 0) return byState;
  return a.run < b.run ? 1 : -1;
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { distance } from 'fastest-levenshtein';
import { UnavailableError, UsageError } from '../errors.js';
import { FolderStore } from '../store/folder-store.js';
import { openStoreAt } from '../store/open-store.js';
import { isRunId, REPORT_IN_RUN_FOLDER, runFiles, splitRunFolder } from '../store/run-files.js';
import { type ListedRun, listRuns } from '../store/run-list.js';
import { isS3Address, splitRunAddress } from '../store/s3-address.js';
import type { Store } from '../store/store.js';

/** What a RUN on the command line stands for. */
export type FoundRun =
  | { readonly kind: 'run'; readonly store: Store; readonly run: string }
  | { readonly kind: 'report-file'; readonly path: string };

const CANDIDATES_SHOWN = 5;

/**
 * Finds a run by its id, the unique start of one, its label, `latest`, its folder or that of its
 * store, their address in S3, or its report.json. What looks like a path is one; anything else is looked for in the
 * store first and on the disk then.
 */
export async function findRun(form: string, store: Store): Promise<FoundRun> {
  if (form === '') throw new UsageError('RUN is empty: give an id, a label, "latest" or a path');
  if (isS3Address(form)) return atTheAddress(form);
  const looksLikePath = /^[./\\~]|^[a-z]:[\\/]|[\\/]$|\.json$/i.test(form);
  const runs = looksLikePath ? [] : await listRuns(store);
  const run = looksLikePath ? null : amongRuns(form, runs, store);
  if (run !== null) return { kind: 'run', store, run };
  if (!looksLikePath && (await isOrdered(form, store))) return { kind: 'run', store, run: form };
  const atPath = await atThePath(form);
  if (atPath !== null) return atPath;
  if (looksLikePath) throw new UsageError(`there is no ${form}: no such file or folder`);
  throw unknownRun(form, runs, store);
}

/** One that a deployment was asked for, and has not begun yet: its whole id stands for it. */
async function isOrdered(form: string, store: Store): Promise<boolean> {
  return isRunId(form) && (await runFiles(store, form).inputs.any());
}

/** null: none of them is meant. */
function amongRuns(form: string, runs: readonly ListedRun[], store: Store): string | null {
  if (form === 'latest') {
    const [newest] = runs;
    if (newest !== undefined) return newest.run;
    throw new UsageError(`there is no latest run: ${store.address} holds none`);
  }
  if (runs.some(({ run }) => run === form)) return form;
  const labelled = runs.filter(({ state }) => state?.label === form);
  const meant = labelled.length > 0 ? labelled : runs.filter(({ run }) => run.startsWith(form));
  if (meant.length < 2) return meant[0]?.run ?? null;
  const how = labelled.length > 0 ? 'are labelled' : 'begin with';
  throw new UsageError(
    `${meant.length} runs in ${store.address} ${how} "${form}": say which by more of its id\n${shown(meant)}`,
  );
}

async function atTheAddress(address: string): Promise<FoundRun> {
  const split = splitRunAddress(address);
  if (split !== null) return { kind: 'run', store: await openStoreAt(split.store), run: split.run };
  const store = await openStoreAt(address);
  const [newest] = await listRuns(store);
  if (newest !== undefined) return { kind: 'run', store, run: newest.run };
  throw new UsageError(`${address} holds no run: give a run's address, or that of its store`);
}

async function atThePath(path: string): Promise<FoundRun | null> {
  const kind = await kindOf(path);
  if (kind === null) return null;
  if (kind === 'file') {
    if (path.endsWith('.json')) return { kind: 'report-file', path };
    throw new UsageError(`${path} is no report: give a report.json, a run or a run's folder`);
  }
  const split = splitRunFolder(path);
  if (split !== null) {
    const store = FolderStore.open(split.store);
    return { kind: 'run', store, run: split.run };
  }
  const store = FolderStore.open(path);
  const [newest] = await listRuns(store);
  if (newest !== undefined) return { kind: 'run', store, run: newest.run };
  const report = join(path, REPORT_IN_RUN_FOLDER);
  if ((await kindOf(report)) === 'file') return { kind: 'report-file', path: report };
  throw new UsageError(
    `${path} holds no run: give a run's folder, the folder that runs are kept in, or a report.json`,
  );
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw new UnavailableError(`cannot read ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function unknownRun(form: string, runs: readonly ListedRun[], store: Store): UsageError {
  const where = `no run in ${store.address} has the id or label "${form}"`;
  if (runs.length === 0) return new UsageError(`${where}: it holds no runs yet`);
  const near = nearest(form, runs);
  if (near.length === 0) {
    return new UsageError(`${where}: see its ${runs.length} with "isochrone runs"`);
  }
  return new UsageError(`${where}: did you mean one of these?\n${shown(near)}`);
}

/** Those that a third of the letters, at most, keeps from being meant; the nearest first. */
function nearest(form: string, runs: readonly ListedRun[]): ListedRun[] {
  return runs
    .map((run) => ({
      run,
      away: Math.min(...namesOf(run, form).map((name) => distance(form, name))),
    }))
    .filter(({ away }) => away <= Math.max(1, form.length / 3))
    .sort((a, b) => a.away - b.away)
    .map(({ run }) => run);
}

/** What the user may have been about to type: the id, as much of it as was typed, the label. */
function namesOf({ run, state }: ListedRun, form: string): string[] {
  const names = [run, run.slice(0, form.length)];
  if (state !== null) names.push(state.name, ...(state.label === null ? [] : [state.label]));
  return names;
}

function shown(runs: readonly ListedRun[]): string {
  const lines = runs.slice(0, CANDIDATES_SHOWN).map(({ run, state }) => {
    return `  ${run}${state?.label ? `  ${state.label}` : ''}`;
  });
  const rest = runs.length - CANDIDATES_SHOWN;
  return [...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])].join('\n');
}

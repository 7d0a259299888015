import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnavailableError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { codeFlowsOf } from '../plan/starts.js';
import { freeze } from '../run/orchestrate.js';
import { runFiles, runLogPath } from '../store/run-files.js';
import { isS3Address } from '../store/s3-address.js';
import type { Store } from '../store/store.js';
import type { OutputFile } from './output-files.js';
import { print, say, type Terminal } from './terminal/terminal.js';

export interface DetachOptions {
  readonly store: Store;
  readonly folder: string;
  readonly out: readonly OutputFile[];
  readonly quiet: boolean;
  /** What must stand behind other commands for them to find the run. */
  readonly storeFlag: string;
}

/**
 * Hands a run to a process of its own, in a session of its own: no terminal and no shell takes it
 * along when it closes. The plan is frozen first, so that others can watch and stop it at once.
 */
export async function detach(
  frozen: FrozenPlan,
  { store, folder, out, quiet, storeFlag }: DetachOptions,
  terminal: Terminal,
): Promise<void> {
  const { run } = frozen;
  await freeze(frozen, runFiles(store, run));
  // A log is appended to, which no bucket can do.
  const logPath = isS3Address(folder) ? join(tmpdir(), `${run}.log`) : runLogPath(folder, run);
  const log = await open(logPath, 'a');
  const outputs = out.flatMap(({ format, path }) => ['--out', `${format}=${path}`]);
  // What lies in the store anybody may have written who can write there.
  const code = codeFlowsOf(frozen.plan).flatMap(({ code }) => ['--code', code.sha256]);
  // The program that this process runs, under whatever name it was started.
  const [, program = ''] = process.argv;
  const child = spawn(
    process.execPath,
    [...process.execArgv, program, 'lead', run, '--store', folder, ...outputs, ...code],
    {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...terminal.env },
      windowsHide: true,
    },
  );
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new UnavailableError(
      `cannot start a process to lead ${run}: ${(error as Error).message}`,
      { cause: error },
    );
  } finally {
    await log.close();
  }
  child.unref();
  print(terminal, run);
  if (quiet) return;
  say(terminal, `it goes on without this terminal; what it says stands in ${logPath}`);
  say(terminal, `  isochrone watch ${run}${storeFlag}`);
  say(terminal, `  isochrone stop ${run}${storeFlag}`);
}

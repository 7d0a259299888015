import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import { FolderStore } from '../store/folder-store.js';
import type { Terminal } from './terminal/terminal.js';

export const DEFAULT_STORE = './isochrone-runs';

export interface StoreOption {
  readonly store?: string;
}

export function addStoreOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--store <folder>',
      `where runs are kept (default: ISOCHRONE_STORE, or\n${DEFAULT_STORE})`,
    ),
  );
}

/** The folder that was asked for, made by the first thing written into it. */
export function openStore(
  options: StoreOption,
  terminal: Terminal,
): { store: FolderStore; folder: string } {
  const folder = options.store ?? (terminal.env.ISOCHRONE_STORE || DEFAULT_STORE);
  if (/^[a-z0-9]+:\/\//i.test(folder)) {
    throw new UsageError(
      `${folder} cannot hold runs in this version: only a folder can, as in --store ${DEFAULT_STORE}`,
    );
  }
  if (folder.trim() === '') throw new UsageError('--store needs the path of a folder');
  return { store: FolderStore.open(folder), folder };
}

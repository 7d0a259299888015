import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import type { Deployed } from '../run/deployed.js';
import { type OpenedStore, openStoreAt } from '../store/open-store.js';
import { isS3Address } from '../store/s3-address.js';
import type { Terminal } from './terminal/terminal.js';

export const DEFAULT_STORE = './isochrone-runs';
const AWS = 'aws';

export interface StoreOption {
  readonly store?: string;
  readonly on?: string;
}

/** A store as a command uses it. */
export interface KeptIn {
  readonly store: OpenedStore;
  /** Its address, as threads and other processes open it. */
  readonly folder: string;
  /** What must stand behind other commands for them to look into the same store: ` --on aws`. */
  readonly flag: string;
}

export function addStoreOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--store <folder>',
      `where runs are kept: a folder, or s3://bucket/prefix\n(default: ISOCHRONE_STORE, or ${DEFAULT_STORE})`,
    ),
  );
}

export function onOption(description: string): Option {
  return new Option('--on <where>', description).choices([AWS]);
}

/** Of commands about runs that are kept somewhere already. */
export function addWhereOptions(command: Command): Command {
  return addStoreOption(command).addOption(onOption('runs that are kept in the deployed bucket'));
}

/** The store that was asked for; a folder is made by the first thing written into it. */
export async function openStore(options: StoreOption, terminal: Terminal): Promise<KeptIn> {
  if (options.on !== undefined) return openOnAws(options, terminal);
  const folder = options.store ?? (terminal.env.ISOCHRONE_STORE || DEFAULT_STORE);
  if (/^[a-z0-9]+:\/\//i.test(folder) && !isS3Address(folder)) {
    throw new UsageError(
      `${folder} cannot hold runs: a folder can, as in --store ${DEFAULT_STORE}, or S3, as in --store s3://bucket/prefix`,
    );
  }
  if (folder.trim() === '')
    throw new UsageError('--store needs the path of a folder, or s3://bucket/prefix');
  const flag = options.store === undefined ? '' : ` --store ${folder}`;
  return { store: await openStoreAt(folder), folder, flag };
}

/** The deployment that is meant, and its bucket: found before anything else is done. */
export async function openOnAws(
  { store }: StoreOption,
  { env }: Terminal,
): Promise<KeptIn & { readonly deployed: Deployed }> {
  if (store !== undefined) {
    throw new UsageError(
      '--on aws keeps runs in the bucket that is deployed, and --store elsewhere: choose one of them',
    );
  }
  // Whoever measures from this machine neither waits for the AWS SDK nor needs it.
  const { findDeployed } = await import('../run/deployed.js');
  const deployed = await findDeployed(env);
  return { store: deployed.store, folder: deployed.store.address, flag: ' --on aws', deployed };
}

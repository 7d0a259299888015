import { FolderStore } from './folder-store.js';
import { isS3Address, readS3Address } from './s3-address.js';
import type { Store } from './store.js';

export interface OpenedStore extends Store {
  /** Finds out by doing it whether the store can be written; throws UnavailableError if not. */
  probe(): Promise<void>;
}

/**
 * The store at an address: a folder, or `s3://bucket/prefix`. The AWS SDK is loaded for the latter
 * only, so that a run on this machine neither waits for it nor needs it.
 */
export async function openStoreAt(address: string): Promise<OpenedStore> {
  if (!isS3Address(address)) return FolderStore.open(address);
  const { S3Store } = await import('./s3-store.js');
  return S3Store.open(readS3Address(address));
}

import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './folder-trouble.js';

/** The calls by which a folder store touches its disk; tests put a faulty one in its place. */
export type Disk = Pick<
  typeof fs,
  'link' | 'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'rm' | 'rmdir' | 'stat' | 'unlink'
>;

export const disk: Disk = fs;

/**
 * Writes a file that did not exist. With `sync` it waits until the disk has it: milliseconds on a
 * good disk, tens of them on a slow one.
 */
export async function writeNew(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  sync: boolean,
): Promise<void> {
  const file = await disk.open(path, 'wx');
  try {
    await file.writeFile(bytes);
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Makes a folder and those above it. Not by mkdir's own `recursive`, which never comes back from
 * places such as /proc, where a folder exists in which none can be made.
 */
export async function makeFolder(disk: Disk, path: string): Promise<void> {
  try {
    await disk.mkdir(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(disk, dirname(path));
    await disk.mkdir(path).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
  }
}

// Compare-and-set of a file among processes and threads that know nothing of each other and may
// die at any step.
//
// The new content is written to `.NAME.<token>.tmp/<token>`, where the token is a name that never
// comes again. Renaming that folder to `.NAME.lock` takes the lock: the system refuses it unless
// `.NAME.lock` is absent or empty. Whoever holds the lock compares, then renames
// `.NAME.lock/<token>` to NAME, which publishes the content and empties the lock in one step.
//
// A holder that died leaves its token in the lock. Anyone who has seen the same token for
// PATIENCE_MS removes it, by its name. To do so to a holder that merely slept is harmless: its
// own rename then finds no token, and it begins anew. So no clock and no process id decides
// whether an update is lost; they only decide how soon a dead holder is passed.
import { createHash, randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../errors.js';
import { type Disk, writeNew } from './disk.js';
import { errorCode } from './folder-trouble.js';

/** A lock is held for a few system calls; this is a hundred times as long. */
const PATIENCE_MS = 500;
const GIVE_UP_MS = 20_000;

/** How systems say that the folder to be replaced is not empty, or exists at all (Windows). */
const TAKEN = new Set(['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES']);

/** Same content, same tag: an exchange cares what is stored, not who stored it. */
export function tagOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Replaces the file if its tag is `expected` (null: if there is none), and tells whether it did.
 * The folder around it must exist.
 */
export async function exchange(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  expected: string | null,
): Promise<boolean> {
  const hidden = join(dirname(path), `.${basename(path)}`);
  const lock = `${hidden}.lock`;
  while ((await tagAt(disk, path)) === expected) {
    const token = randomUUID();
    const own = `${hidden}.${token}.tmp`;
    try {
      await disk.mkdir(own);
      await writeNew(disk, join(own, token), bytes, true);
      await take(disk, own, lock);
    } catch (error) {
      await disk.rm(own, { recursive: true, force: true });
      throw error;
    }
    const held = join(lock, token);
    try {
      if ((await tagAt(disk, path)) !== expected) return false;
      await disk.rename(held, path);
      return true;
    } catch (error) {
      // Our token was removed by someone who took us for dead: nothing was published.
      if (errorCode(error) !== 'ENOENT') throw error;
    } finally {
      await unless(['ENOENT'], disk.unlink(held));
      await unless(['ENOENT', ...TAKEN], disk.rmdir(lock));
    }
  }
  return false;
}

async function tagAt(disk: Disk, path: string): Promise<string | null> {
  try {
    return tagOf(await disk.readFile(path));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function take(disk: Disk, own: string, lock: string): Promise<void> {
  const begunMs = performance.now();
  let holder: string | undefined;
  let sinceMs = begunMs;
  for (;;) {
    try {
      return await disk.rename(own, lock);
    } catch (error) {
      const nowMs = performance.now();
      if (!TAKEN.has(errorCode(error) ?? '')) throw error;
      if (nowMs - begunMs > GIVE_UP_MS) {
        throw new UnavailableError(
          `cannot change ${lock.replace(/\.lock$/, '')}: ${lock} stayed taken for ${GIVE_UP_MS / 1000} s; remove it if nothing uses this folder`,
          { cause: error },
        );
      }
      const [token] = (await unless(['ENOENT'], disk.readdir(lock))) ?? [];
      if (token === undefined) {
        await unless(['ENOENT', ...TAKEN], disk.rmdir(lock));
      } else if (token !== holder) {
        holder = token;
        sinceMs = nowMs;
      } else if (nowMs - sinceMs > PATIENCE_MS) {
        await unless(['ENOENT'], disk.unlink(join(lock, token)));
      }
      await sleep(1 + Math.random() * 4);
    }
  }
}

/** The call's result, or undefined where it failed in one of the ways that mean "no longer so". */
async function unless<T>(codes: readonly string[], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

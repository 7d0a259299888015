import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type Disk, makeFolder, disk as realDisk, writeNew } from './disk.js';
import { exchange, tagOf } from './exchange.js';
import { errorCode, folderTrouble } from './folder-trouble.js';
import { checkKey, checkPrefix, isKeyName } from './key.js';
import type { Store, Stored, StoreTime } from './store.js';

/** How file systems say that they have no hard links (exFAT, some network shares). */
const NO_LINKS = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV']);

/** File systems stamp files at ticks of their kernel's clock; FAT does at every other second. */
const TICK_MS = 10;
const COARSE_TICK_MS = 2_000;

/**
 * A store in a folder, shared by any number of processes and threads without a server.
 *
 * Every object is written whole to a hidden file beside it and then given its name in one step,
 * so that a reader never sees half of it and a writer that dies leaves nothing but that file.
 *
 * `write` and `swap` wait until the disk has the content before they name it, so that a power cut
 * leaves the old control order or report, or the new one, and never an empty file. `create` does
 * not wait: fragments and claims are many, a worker must not hang on a disk while it makes load,
 * and a fragment that a power cut took is missed by its digest in the manifest.
 *
 * A key is changed either by `swap` or by `write`, not by both: `write` asks nobody.
 */
export class FolderStore implements Store {
  readonly address: string;
  readonly #disk: Disk;
  #links = true;
  #prepared: Promise<void> | null = null;

  /** Touches nothing: the folder is made by the first write. */
  static open(folder: string, disk: Disk = realDisk): FolderStore {
    return new FolderStore(folder, disk);
  }

  private constructor(folder: string, disk: Disk) {
    this.address = folder.length > 1 ? folder.replace(/\/+$/, '') : folder;
    this.#disk = disk;
  }

  /** Finds out by doing it whether the folder can be written; throws UnavailableError if not. */
  async probe(): Promise<void> {
    await this.#attempt('write', async () => {
      const path = join(this.address, `.probe.${randomUUID()}`);
      await this.#prepare();
      await this.#place(path, Buffer.from('probe\n'), true, (from) =>
        this.#disk.rename(from, path),
      );
      await this.#disk.unlink(path);
    });
  }

  async read(key: string): Promise<Stored | null> {
    checkKey(key);
    return this.#attempt('read', async () => {
      try {
        const bytes = await this.#disk.readFile(join(this.address, key));
        return { bytes, tag: tagOf(bytes) };
      } catch (error) {
        if (['ENOENT', 'EISDIR'].includes(errorCode(error) ?? '')) return null;
        throw error;
      }
    });
  }

  async list(prefix: string, after = ''): Promise<string[]> {
    checkPrefix(prefix);
    const keys: string[] = [];
    await this.#attempt('read', () => this.#walk(parentOf(prefix), prefix, after, keys));
    // Not the order of a walk: "a-b" stands before "a/b".
    return keys.sort();
  }

  async folders(prefix: string): Promise<string[]> {
    checkPrefix(prefix);
    const parent = parentOf(prefix);
    const entries = await this.#attempt('read', () => this.#entries(parent));
    return entries
      .filter((entry) => entry.isFolder && `${parent}${entry.name}/`.startsWith(prefix))
      .map((entry) => `${parent}${entry.name}/`)
      .sort();
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    checkKey(key);
    const path = join(this.address, key);
    return this.#attempt('write', async () => {
      if (this.#links) {
        const outcome = await this.#place(path, bytes, false, (from) => this.#link(from, path));
        if (outcome !== 'unsupported') return outcome === 'linked';
        this.#links = false;
      }
      await makeFolder(this.#disk, dirname(path));
      return exchange(this.#disk, path, bytes, null);
    });
  }

  async write(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    const path = join(this.address, key);
    await this.#attempt('write', () =>
      this.#place(path, bytes, true, (from) => this.#disk.rename(from, path)),
    );
  }

  async swap(key: string, bytes: Uint8Array, tag: string): Promise<string | null> {
    checkKey(key);
    const done = await this.#attempt('write', () =>
      exchange(this.#disk, join(this.address, key), bytes, tag),
    );
    return done ? tagOf(bytes) : null;
  }

  async now(): Promise<StoreTime> {
    return this.#attempt('write', async () => {
      await this.#prepare();
      const path = join(this.address, `.clock.${randomUUID()}`);
      await writeNew(this.#disk, path, Buffer.from('now\n'), false);
      try {
        const { mtimeMs } = await this.#disk.stat(path);
        return { atMs: mtimeMs, tickMs: mtimeMs % 1000 === 0 ? COARSE_TICK_MS : TICK_MS };
      } finally {
        await this.#disk.rm(path, { force: true });
      }
    });
  }

  async #attempt<T>(act: 'read' | 'write', work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw folderTrouble(error, act, this.address);
    }
  }

  /** Writes the bytes to a hidden file beside `path` and lets `publish` give them their name. */
  async #place<T>(
    path: string,
    bytes: Uint8Array,
    sync: boolean,
    publish: (from: string) => Promise<T>,
  ): Promise<T> {
    await this.#prepare();
    const from = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
    try {
      try {
        await writeNew(this.#disk, from, bytes, sync);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error;
        await makeFolder(this.#disk, dirname(path));
        await writeNew(this.#disk, from, bytes, sync);
      }
      return await publish(from);
    } finally {
      await this.#disk.rm(from, { force: true });
    }
  }

  async #link(from: string, path: string): Promise<'linked' | 'exists' | 'unsupported'> {
    try {
      await this.#disk.link(from, path);
      return 'linked';
    } catch (error) {
      const code = errorCode(error) ?? '';
      if (code === 'EEXIST') return 'exists';
      if (NO_LINKS.has(code)) return 'unsupported';
      throw error;
    }
  }

  #prepare(): Promise<void> {
    this.#prepared ??= this.#makeFolder().catch((error: unknown) => {
      this.#prepared = null;
      throw error;
    });
    return this.#prepared;
  }

  /** A folder that was there and holds anything is the user's: no `.gitignore` is put into it. */
  async #makeFolder(): Promise<void> {
    await makeFolder(this.#disk, this.address);
    if ((await this.#disk.readdir(this.address)).length > 0) return;
    try {
      await writeNew(this.#disk, join(this.address, '.gitignore'), Buffer.from('*\n'), false);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }

  async #walk(parent: string, prefix: string, after: string, keys: string[]): Promise<void> {
    for (const { name, isFolder } of await this.#entries(parent)) {
      const key = `${parent}${name}`;
      if (!isFolder) {
        if (key.startsWith(prefix) && key > after) keys.push(key);
        continue;
      }
      const below = `${key}/`;
      const within = below.startsWith(prefix) || prefix.startsWith(below);
      // All keys of a folder sort as its name does, unless `after` itself lies in it.
      const passed = below < after && !after.startsWith(below);
      if (within && !passed) await this.#walk(below, prefix, after, keys);
    }
  }

  async #entries(parent: string): Promise<{ name: string; isFolder: boolean }[]> {
    try {
      const entries = await this.#disk.readdir(join(this.address, parent), { withFileTypes: true });
      return entries
        .filter((entry) => isKeyName(entry.name) && (entry.isDirectory() || entry.isFile()))
        .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }
}

function parentOf(prefix: string): string {
  return prefix.slice(0, prefix.lastIndexOf('/') + 1);
}

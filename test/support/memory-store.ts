import { createHash } from 'node:crypto';
import type { Store, Stored, StoreTime } from '../../lib/store/store.js';

/** What one page of a listing holds in S3. */
const PAGE = 1_000;

interface Folder {
  keys: string[];
  sorted: boolean;
}

/** A store in memory that counts what a bucket would be asked for. */
export class MemoryStore implements Store {
  readonly address = 'memory:';
  readonly asked = { lists: 0, reads: 0, writes: 0 };
  /** Called with every object as it is written. */
  onWrite: (key: string, bytes: Uint8Array) => void = () => {};
  /** Called before every request; may throw. */
  onRequest: (what: 'list' | 'read' | 'write', key: string) => void = () => {};
  readonly #objects = new Map<string, Stored>();
  /** By every prefix that ends with a slash. */
  readonly #folders = new Map<string, Folder>();

  async read(key: string): Promise<Stored | null> {
    this.onRequest('read', key);
    this.asked.reads++;
    return this.#objects.get(key) ?? null;
  }

  async list(prefix: string, after: string = ''): Promise<string[]> {
    this.onRequest('list', prefix);
    const folder = this.#folders.get(prefix);
    if (folder && !folder.sorted) folder.keys.sort();
    if (folder) folder.sorted = true;
    const keys = (folder?.keys ?? []).filter((key) => key > after);
    this.asked.lists += Math.max(1, Math.ceil(keys.length / PAGE));
    return keys;
  }

  async folders(prefix: string): Promise<string[]> {
    const keys = this.#folders.get(prefix)?.keys ?? [];
    const names = keys.map((key) => key.slice(0, key.indexOf('/', prefix.length) + 1));
    return [...new Set(names.filter((name) => name !== ''))].sort();
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    this.onRequest('write', key);
    this.asked.writes++;
    if (this.#objects.has(key)) return false;
    this.put(key, bytes);
    return true;
  }

  async write(key: string, bytes: Uint8Array): Promise<void> {
    this.onRequest('write', key);
    this.asked.writes++;
    this.put(key, bytes);
  }

  async swap(key: string, bytes: Uint8Array, tag: string): Promise<string | null> {
    this.onRequest('write', key);
    this.asked.writes++;
    return this.#objects.get(key)?.tag === tag ? this.put(key, bytes) : null;
  }

  async now(): Promise<StoreTime> {
    throw new Error('nobody asks a memory for the time');
  }

  /** As somebody whose requests are not counted. */
  put(key: string, bytes: Uint8Array): string {
    const tag = createHash('sha256').update(bytes).digest('hex');
    if (!this.#objects.has(key)) this.#file(key);
    this.#objects.set(key, { bytes, tag });
    this.onWrite(key, bytes);
    return tag;
  }

  #file(key: string): void {
    for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) {
      const prefix = key.slice(0, at + 1);
      const folder = this.#folders.get(prefix) ?? { keys: [], sorted: true };
      this.#folders.set(prefix, folder);
      folder.keys.push(key);
      folder.sorted = false;
    }
  }
}

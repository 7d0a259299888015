import { describe, expect, test } from 'vitest';
import type { Store } from '../../lib/store/store.js';

const bytes = (text: string) => Buffer.from(text);
const textOf = async (store: Store, key: string) => {
  const stored = await store.read(key);
  return stored && Buffer.from(stored.bytes).toString();
};

/** What every store does, whatever it keeps things in; `fresh` opens an empty one. */
export function storeContract(fresh: () => Store): void {
  describe('objects', () => {
    test('what was written is read back, and what was not is null', async () => {
      const store = fresh();
      expect(await store.read('runs/a/plan.json')).toBeNull();
      await store.write('runs/a/plan.json', bytes('one'));
      await store.write('runs/a/plan.json', bytes('two'));
      expect(await textOf(store, 'runs/a/plan.json')).toBe('two');
      expect(await store.read('runs/a')).toBeNull();
    });

    test('what is read in time is read', async () => {
      const store = fresh();
      await store.write('control', bytes('go'));
      const stored = await store.read('control', { withinMs: 5_000 });
      expect(Buffer.from(stored!.bytes).toString()).toBe('go');
      expect(await store.read('none', { withinMs: 5_000 })).toBeNull();
    });

    test('create leaves what is there as it is', async () => {
      const store = fresh();
      expect(await store.create('claim', bytes('first'))).toBe(true);
      expect(await store.create('claim', bytes('second'))).toBe(false);
      expect(await store.create('claim', bytes('first'))).toBe(false);
      expect(await textOf(store, 'claim')).toBe('first');
    });

    test('swap replaces only what has the tag', async () => {
      const store = fresh();
      await store.create('other', bytes('another'));
      const { tag: foreign } = (await store.read('other'))!;
      expect(await store.swap('c', bytes('x'), foreign)).toBeNull();
      expect(await store.read('c')).toBeNull();
      await store.create('c', bytes('0'));
      const { tag } = (await store.read('c'))!;
      const next = await store.swap('c', bytes('1'), tag);
      expect(next).toBe((await store.read('c'))!.tag);
      expect(await store.swap('c', bytes('2'), tag)).toBeNull();
      expect(await textOf(store, 'c')).toBe('1');
      expect(await store.swap('c', bytes('3'), next!)).not.toBeNull();
      expect(await textOf(store, 'c')).toBe('3');
    });

    test('an empty object is an object', async () => {
      const store = fresh();
      expect(await store.create('empty', new Uint8Array())).toBe(true);
      expect((await store.read('empty'))!.bytes).toHaveLength(0);
    });

    test('bytes are kept as they are, and only those of the view that was given', async () => {
      const store = fresh();
      const all = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256);
      const view = all.subarray(1_000, 299_000);
      await store.write('binary', view);
      expect(Buffer.compare((await store.read('binary'))!.bytes, view)).toBe(0);
    });
  });

  describe('races', () => {
    test('of twenty who create an object one does, and what was written is its bytes', async () => {
      const store = fresh();
      for (const key of ['race/a', 'race/b', 'race/c']) {
        const names = Array.from({ length: 20 }, (_, i) => `${key} by ${i}`);
        const won = await Promise.all(names.map((name) => store.create(key, bytes(name))));
        const winners = names.filter((_, i) => won[i]);
        expect(winners).toHaveLength(1);
        expect(await textOf(store, key)).toBe(winners[0]);
      }
    });

    test('a counter that many swap, each under its name, loses no update', async () => {
      const store = fresh();
      await store.create('counter', bytes('0 by nobody'));
      const add = async (name: number) => {
        for (;;) {
          const stored = (await store.read('counter'))!;
          const value = Number.parseInt(Buffer.from(stored.bytes).toString(), 10);
          const next = bytes(`${value + 1} by ${name}`);
          if ((await store.swap('counter', next, stored.tag)) !== null) return;
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, name) => add(name)));
      expect(await textOf(store, 'counter')).toMatch(/^8 by [0-7]$/);
    });
  });

  describe('listing', () => {
    const keys = ['a-b/x', 'a.b/x', 'a/b/1', 'a/b/2', 'a/c', 'a0', 'b/d/e/f'];

    async function filled() {
      const store = fresh();
      for (const key of keys.toReversed()) await store.write(key, bytes(key));
      return store;
    }

    test('keys come in the order of their characters, not of folders', async () => {
      expect(await (await filled()).list('')).toEqual(keys);
    });

    test('a prefix may end within a name, and after leaves out itself and all before', async () => {
      const store = await filled();
      for (const prefix of ['', 'a', 'a/', 'a/b', 'a/b/', 'b/d/e/f', 'none/']) {
        for (const after of ['', ...keys, 'a/b/', 'a/b/1.', 'zz']) {
          const expected = keys.filter((key) => key.startsWith(prefix) && key > after);
          expect(await store.list(prefix, after), `${prefix} after ${after}`).toEqual(expected);
        }
      }
    });

    test('folders are those one level below a prefix', async () => {
      const store = await filled();
      expect(await store.folders('')).toEqual(['a-b/', 'a.b/', 'a/', 'b/']);
      expect(await store.folders('a')).toEqual(['a-b/', 'a.b/', 'a/']);
      expect(await store.folders('a/')).toEqual(['a/b/']);
      expect(await store.folders('none/')).toEqual([]);
    });

    test('a store that holds nothing yet lists nothing', async () => {
      const store = fresh();
      expect(await store.list('')).toEqual([]);
      expect(await store.folders('')).toEqual([]);
    });
  });

  describe('what time it is', () => {
    test('is told by the store, to a tick', async () => {
      const store = fresh();
      const beforeMs = Date.now();
      const { atMs, tickMs } = await store.now();
      const afterMs = Date.now() + 1;
      expect(atMs + tickMs).toBeGreaterThanOrEqual(beforeMs);
      expect(atMs).toBeLessThanOrEqual(afterMs);
      expect(await store.list('')).toEqual([]);
    });
  });

  describe('keys', () => {
    const BAD = ['', '/', '/etc/passwd', '../x', 'a/../../x', 'a/..', 'a//b', 'a/', './a'];
    const STRANGE = ['.gitignore', 'a/.hidden', 'a b', 'a\\b', 'a\0b', 'ä', 'C:x', 'a/b\n'];

    test.each([...BAD, ...STRANGE])('%j is refused, whatever is asked', async (key) => {
      const store = fresh();
      const refusal = /cannot be a key/;
      await expect(store.read(key)).rejects.toThrow(refusal);
      await expect(store.create(key, bytes('x'))).rejects.toThrow(refusal);
      await expect(store.write(key, bytes('x'))).rejects.toThrow(refusal);
      await expect(store.swap(key, bytes('x'), '')).rejects.toThrow(refusal);
    });

    const PREFIXES = ['../', '/', 'a/../', '.git', 'a//'];
    test.each(PREFIXES)('%j is refused as a prefix', async (prefix) => {
      const store = fresh();
      await expect(store.list(prefix)).rejects.toThrow(/cannot be a key/);
      await expect(store.folders(prefix)).rejects.toThrow(/cannot be a key/);
    });
  });
}

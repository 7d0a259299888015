import * as fs from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import type { Disk } from '../../lib/store/disk.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();
let count = 0;
const fresh = () => join(scratch, `store-${++count}`);
const bytes = (text: string) => Buffer.from(text);
const textOf = async (store: FolderStore, key: string) => {
  const stored = await store.read(key);
  return stored && Buffer.from(stored.bytes).toString();
};

describe('objects', () => {
  test('what was written is read back, and what was not is null', async () => {
    const store = FolderStore.open(fresh());
    expect(await store.read('runs/a/plan.json')).toBeNull();
    await store.write('runs/a/plan.json', bytes('one'));
    await store.write('runs/a/plan.json', bytes('two'));
    expect(await textOf(store, 'runs/a/plan.json')).toBe('two');
    expect(await store.read('runs/a')).toBeNull();
  });

  test('create leaves what is there as it is', async () => {
    const store = FolderStore.open(fresh());
    expect(await store.create('claim', bytes('first'))).toBe(true);
    expect(await store.create('claim', bytes('second'))).toBe(false);
    expect(await textOf(store, 'claim')).toBe('first');
  });

  test('swap replaces only what has the tag', async () => {
    const store = FolderStore.open(fresh());
    expect(await store.swap('c', bytes('x'), 'no tag')).toBeNull();
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
    const store = FolderStore.open(fresh());
    expect(await store.create('empty', new Uint8Array())).toBe(true);
    expect((await store.read('empty'))!.bytes).toHaveLength(0);
  });
});

describe('what time it is', () => {
  test('is told by the disk, to a tick, and leaves nothing behind', async () => {
    const folder = fresh();
    const store = FolderStore.open(folder);
    // A file that is written after our look at the clock and before the next one lies between them.
    const beforeMs = Date.now();
    const { atMs, tickMs } = await store.now();
    const afterMs = Date.now() + 1;
    expect(atMs + tickMs).toBeGreaterThanOrEqual(beforeMs);
    expect(atMs).toBeLessThanOrEqual(afterMs);
    expect((await fs.readdir(folder)).filter((name) => name !== '.gitignore')).toEqual([]);
  });

  test('is not exact on a disk that stamps files every other second', async () => {
    const stat = (async () => ({ mtimeMs: 1_700_000_002_000 })) as unknown as Disk['stat'];
    const store = FolderStore.open(fresh(), { ...fs, stat });
    expect(await store.now()).toEqual({ atMs: 1_700_000_002_000, tickMs: 2_000 });
  });
});

describe('listing', () => {
  const keys = ['a-b/x', 'a.b/x', 'a/b/1', 'a/b/2', 'a/c', 'a0', 'b/d/e/f'];

  async function filled() {
    const store = FolderStore.open(fresh());
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

  test('a folder that does not exist is an empty store', async () => {
    const store = FolderStore.open(fresh());
    expect(await store.list('')).toEqual([]);
    expect(await store.folders('')).toEqual([]);
  });

  test('hidden files, locks and names that cannot be keys are not listed', async () => {
    const store = await filled();
    await fs.mkdir(join(store.address, 'a', '.c.lock'));
    await fs.writeFile(join(store.address, 'a', '.c.lock', 'token'), '');
    await fs.writeFile(join(store.address, 'a', '.c.1234.tmp'), '');
    await fs.writeFile(join(store.address, 'my notes.txt'), '');
    expect(await store.list('')).toEqual(keys);
    expect(await store.folders('a/')).toEqual(['a/b/']);
  });

  test('what is passed by is not looked into', async () => {
    const looked: string[] = [];
    const readdir = (async (path: string, options: { withFileTypes: true }) => {
      looked.push(basename(path));
      return fs.readdir(path, options);
    }) as unknown as Disk['readdir'];
    const store = FolderStore.open(fresh(), { ...fs, readdir });
    for (let seq = 0; seq < 50; seq++) await store.create(`f/${100 + seq}/x`, bytes(''));
    looked.length = 0;
    expect(await store.list('f/', 'f/148.')).toEqual(['f/148/x', 'f/149/x']);
    expect(looked).toEqual(['f', '148', '149']);
  });
});

describe('keys', () => {
  const BAD = [
    '',
    '/',
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a/..',
    'a//b',
    'a/',
    './a',
    '.gitignore',
  ];
  const STRANGE = ['a/.hidden', 'a b', 'a\\b', 'a\0b', 'ä', 'C:x', 'a/b\n'];

  test.each([...BAD, ...STRANGE])('%j is refused, whatever is asked', async (key) => {
    const store = FolderStore.open(fresh());
    const refusal = /cannot be a key/;
    await expect(store.read(key)).rejects.toThrow(refusal);
    await expect(store.create(key, bytes('x'))).rejects.toThrow(refusal);
    await expect(store.write(key, bytes('x'))).rejects.toThrow(refusal);
    await expect(store.swap(key, bytes('x'), '')).rejects.toThrow(refusal);
    await expect(fs.stat(store.address)).rejects.toThrow('ENOENT');
  });

  test.each(['../', '/', 'a/../', '.git', 'a//'])('%j is refused as a prefix', async (prefix) => {
    const store = FolderStore.open(fresh());
    await expect(store.list(prefix)).rejects.toThrow(/cannot be a key/);
    await expect(store.folders(prefix)).rejects.toThrow(/cannot be a key/);
  });
});

describe('the folder', () => {
  test('opening and reading make nothing', async () => {
    const store = FolderStore.open(fresh());
    await store.read('a');
    await expect(fs.stat(store.address)).rejects.toThrow('ENOENT');
  });

  test('the first write makes it, with a .gitignore that hides all of it', async () => {
    const store = FolderStore.open(join(fresh(), 'deep', 'runs'));
    await store.create('a', bytes(''));
    expect(await fs.readFile(join(store.address, '.gitignore'), 'utf8')).toBe('*\n');
  });

  test("a folder with the user's files gets no .gitignore", async () => {
    const folder = fresh();
    await fs.mkdir(folder);
    await fs.writeFile(join(folder, 'README'), '');
    await FolderStore.open(folder).write('a', bytes(''));
    expect((await fs.readdir(folder)).sort()).toEqual(['README', 'a']);
  });

  test('no hidden file stays behind', async () => {
    const store = FolderStore.open(fresh());
    await store.probe();
    await store.write('a/w', bytes('1'));
    await store.create('a/c', bytes('1'));
    await store.create('a/c', bytes('2'));
    await store.swap('a/c', bytes('3'), (await store.read('a/c'))!.tag);
    await store.swap('a/c', bytes('4'), 'stale');
    const names = await fs.readdir(store.address, { recursive: true });
    expect(names.sort()).toEqual(['.gitignore', 'a', 'a/c', 'a/w']);
  });

  test('one that vanished between two writes is made again', async () => {
    const store = FolderStore.open(fresh());
    await store.write('a/b', bytes('1'));
    await fs.rm(store.address, { recursive: true });
    await store.write('a/b', bytes('2'));
    expect(await textOf(store, 'a/b')).toBe('2');
  });
});

describe('trouble is told with what to do', () => {
  /** Permission bits do not bind root, so the errors that they cause are injected. */
  const failing = (call: keyof Disk, code: string): Disk => ({
    ...fs,
    [call]: async () => {
      throw Object.assign(new Error(`${code}: injected`), { code });
    },
  });

  test.each([
    ['mkdir', 'EACCES', '(permission denied): choose another place with --store DIR'],
    ['mkdir', 'EROFS', '(the file system is read-only): choose another place with --store DIR'],
    ['open', 'EACCES', '(permission denied): choose another place with --store DIR'],
    ['open', 'EROFS', '(the file system is read-only): choose another place with --store DIR'],
    ['open', 'ENOSPC', '(disk full): free some space, or choose another place with --store DIR'],
    ['open', 'EMFILE', '(too many open files): allow more with "ulimit -n 8192"'],
    ['rename', 'EACCES', '(permission denied): choose another place with --store DIR'],
    ['rename', 'EIO', '(EIO: injected): choose another place with --store DIR'],
  ] as const)('%s fails with %s', async (call, code, message) => {
    const folder = fresh();
    const store = FolderStore.open(folder, failing(call, code));
    for (const attempt of [() => store.probe(), () => store.write('a', bytes('1'))]) {
      const error = await attempt().then(
        () => null,
        (error: unknown) => error,
      );
      expect(error).toBeInstanceOf(UnavailableError);
      expect((error as Error).message).toContain(`cannot write to ${folder} ${message}`);
    }
  });

  test('a disk that fills up half-way leaves the old object and nothing else', async () => {
    const folder = fresh();
    await FolderStore.open(folder).write('a', bytes('old'));
    const open = (async (path: string, flags: string) => {
      const file = await fs.open(path, flags);
      file.writeFile = async (data) => {
        await file.write((data as Uint8Array).subarray(0, 2));
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      };
      return file;
    }) as unknown as Disk['open'];
    const store = FolderStore.open(folder, { ...fs, open });
    const { tag } = (await store.read('a'))!;
    await expect(store.write('a', bytes('new'))).rejects.toThrow(/disk full/);
    await expect(store.create('b', bytes('new'))).rejects.toThrow(/disk full/);
    await expect(store.swap('a', bytes('new'), tag)).rejects.toThrow(/disk full/);
    expect(await textOf(store, 'a')).toBe('old');
    expect((await fs.readdir(folder)).sort()).toEqual(['.gitignore', 'a']);
  });

  test('a file where the folder should be, or above it', async () => {
    const file = fresh();
    await fs.writeFile(file, '');
    for (const folder of [file, join(file, 'below')]) {
      const store = FolderStore.open(folder);
      const message = `${folder} (a file stands where a folder is needed)`;
      await expect(store.probe()).rejects.toThrow(`cannot write to ${message}`);
      await expect(store.create('a', bytes(''))).rejects.toThrow(`cannot write to ${message}`);
      await expect(store.list('')).rejects.toThrow(`cannot read from ${message}`);
      await expect(store.read('a')).rejects.toThrow(UnavailableError);
    }
  });

  test.runIf(process.platform === 'linux')('a place where nobody can write', async () => {
    await expect(FolderStore.open('/proc/isochrone-runs').probe()).rejects.toThrow(
      'cannot write to /proc/isochrone-runs (',
    );
  });

  test('a failed probe does not spoil the next one', async () => {
    let broken = true;
    const mkdir = (async (path: string) => {
      if (broken) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return fs.mkdir(path);
    }) as unknown as Disk['mkdir'];
    const store = FolderStore.open(fresh(), { ...fs, mkdir });
    await expect(store.probe()).rejects.toThrow(/permission denied/);
    broken = false;
    await store.probe();
  });
});

test('where there are no hard links, create still leaves what is there', async () => {
  const link = async () => {
    throw Object.assign(new Error('ENOTSUP'), { code: 'ENOTSUP' });
  };
  const store = FolderStore.open(fresh(), { ...fs, link });
  expect(await store.create('a/b', bytes('first'))).toBe(true);
  expect(await store.create('a/b', bytes('second'))).toBe(false);
  expect(await store.create('x/y', bytes('third'))).toBe(true);
  expect(await textOf(store, 'a/b')).toBe('first');
  const names = await fs.readdir(store.address, { recursive: true });
  expect(names.sort()).toEqual(['.gitignore', 'a', 'a/b', 'x', 'x/y']);
});

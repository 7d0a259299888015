import * as fs from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import type { Disk } from '../../lib/store/disk.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { storeContract } from './store-contract.js';

const scratch = temporaryFolder();
let count = 0;
const fresh = () => join(scratch, `store-${++count}`);
const bytes = (text: string) => Buffer.from(text);
const textOf = async (store: FolderStore, key: string) => {
  const stored = await store.read(key);
  return stored && Buffer.from(stored.bytes).toString();
};

storeContract(() => FolderStore.open(fresh()));

describe('what time it is', () => {
  test('is asked of the disk, and the asking leaves nothing behind', async () => {
    const folder = fresh();
    await FolderStore.open(folder).now();
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

test('what cannot be a key makes no folder', async () => {
  const store = FolderStore.open(fresh());
  await expect(store.write('../x', bytes('x'))).rejects.toThrow(/cannot be a key/);
  await expect(fs.stat(store.address)).rejects.toThrow('ENOENT');
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

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

interface Took {
  readonly cpuSeconds: number;
  readonly aboveMb: number;
  readonly megabytes: number;
}

// What is asked of a run of ten hours, thirty regions and a hundred requests.
const MOST_CPU_SECONDS = 10;
const MOST_ABOVE_MB = 300;
const MOST_MEGABYTES = 3;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'page-weight-'));
  buildSync({
    entryPoints: [fileURLToPath(new URL('./vast-run.ts', import.meta.url))],
    outfile: join(folder, 'vast-run.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function took(what: 'merge' | 'page'): Took {
  const args = ['--expose-gc', join(folder, 'vast-run.mjs'), what, join(folder, `${what}.html`)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Took;
}

test('the page of the largest report is light, and made quickly and in little memory', () => {
  const { cpuSeconds, aboveMb, megabytes } = took('page');
  expect(megabytes).toBeLessThan(MOST_MEGABYTES);
  expect(cpuSeconds).toBeLessThan(MOST_CPU_SECONDS);
  expect(aboveMb).toBeLessThan(MOST_ABOVE_MB);
});

test('from merged measurements to the page it takes no longer, and no more memory', () => {
  const { cpuSeconds, aboveMb } = took('merge');
  expect(cpuSeconds).toBeLessThan(MOST_CPU_SECONDS);
  expect(aboveMb).toBeLessThan(MOST_ABOVE_MB);
});

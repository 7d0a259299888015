// What does a worker function cost before it does anything? The CPU time of a process that imports
// the bundle, against one that imports an empty handler, and the size of what must be loaded.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { judge, median, say } from './figures.js';

const LARGEST_BYTES = 1_200_000;
const MOST_TIMES = 3;
const MOST_MORE_MS = 150;
const smoke = process.argv.includes('--smoke');
const rounds = smoke ? 3 : 15;

const folder = mkdtempSync(join(tmpdir(), 'isochrone-cold-start-'));
const empty = join(folder, 'index.mjs');
writeFileSync(empty, 'export async function handler() {}\n');
const worker = 'dist/functions/worker/index.mjs';

/** CPU time of a whole process that imports a module, ms. */
function cpuMs(module: string): number {
  const code = `await import(${JSON.stringify(pathToFileURL(module).href)});
    const { user, system } = process.cpuUsage();
    console.log((user + system) / 1000);
    process.exit(0);`;
  const args = ['--input-type=module', '--eval', code];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

const seen = { empty: [] as number[], worker: [] as number[] };
cpuMs(empty);
cpuMs(worker);
for (let round = 0; round < rounds; round++) {
  seen.empty.push(cpuMs(empty));
  seen.worker.push(cpuMs(worker));
}
rmSync(folder, { recursive: true });

const emptyMs = median(seen.empty);
const workerMs = median(seen.worker);
const { size } = statSync(worker);
say(`CPU time until a function's code is loaded, ${rounds} interleaved rounds, medians:`);
say(`  an empty handler  ${emptyMs.toFixed(0)} ms`);
say(`  our worker        ${workerMs.toFixed(0)} ms, of ${(size / 1000).toFixed(0)} kB`);
say(`ratio ${(workerMs / emptyMs).toFixed(2)}`);
process.exitCode = judge([
  [`the worker's bundle is under ${LARGEST_BYTES / 1e6} MB`, size < LARGEST_BYTES],
  [
    `loading it costs at most ${MOST_TIMES} times an empty handler and ${MOST_MORE_MS} ms`,
    workerMs <= MOST_TIMES * emptyMs + MOST_MORE_MS,
  ],
]);

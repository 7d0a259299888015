import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../node_modules/.cache/isochrone', import.meta.url));

/**
 * The folder of a Python environment that holds these packages of PyPI; null: none can be made.
 * It is kept, and marked when it is whole: what was broken off is made anew.
 */
export function pythonEnvironment(name, packages) {
  const folder = join(CACHE, name);
  const marker = join(folder, 'whole');
  if (existsSync(marker)) return folder;
  rmSync(folder, { recursive: true, force: true });
  const run = (program, ...args) =>
    spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  const made =
    run('python3', '-m', 'venv', folder) &&
    run(join(folder, 'bin/python'), '-m', 'pip', 'install', '--quiet', ...packages);
  if (!made) return null;
  writeFileSync(marker, '');
  return folder;
}

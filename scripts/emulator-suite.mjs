// Runs the suite that deploys into an emulator of AWS and goes on from there, on a cloud on loopback.
// Without what it needs it is skipped, loudly; in CI that is a failure.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The emulator, and the command line of AWS, which judges what the documents say. */
const PYTHON_PACKAGES = ['moto[server]==5.2.5', 'awscli==1.46.3'];
const NEEDED = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'monmaptool', 'jq'];

const { env } = process;
const root = fileURLToPath(new URL('..', import.meta.url));
const on = (value) => !['', '0', 'false', undefined].includes(value);

const isThere = (program) =>
  (env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Made aside and renamed when it is whole: what was broken off is made anew. */
function emulator() {
  const folder = join(root, 'node_modules/.cache/isochrone/moto-5.2.5');
  const marker = join(folder, 'whole');
  if (existsSync(marker)) return folder;
  rmSync(folder, { recursive: true, force: true });
  const run = (program, ...args) =>
    spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  const python = join(folder, 'bin/python');
  const made =
    run('python3', '-m', 'venv', folder) &&
    run(python, '-m', 'pip', 'install', '--quiet', ...PYTHON_PACKAGES) &&
    run('touch', `${marker}.new`);
  if (made) renameSync(`${marker}.new`, marker);
  return made ? folder : null;
}

const missing = NEEDED.filter((program) => !isThere(program));
const folder = missing.length === 0 ? emulator() : null;
if (folder === null) {
  const required = on(env.CI) || on(env.ISOCHRONE_REQUIRE_CLOUD);
  const what = missing.length > 0 ? missing.join(', ') : 'Python with venv, or moto from PyPI,';
  process.stderr.write(`
################################################################################
  THE EMULATOR SUITE ${required ? 'CANNOT RUN' : 'WAS SKIPPED'}: no ${what} on this machine.
  apt-get install radosgw ceph-mon ceph-osd ceph-common jq python3-venv
################################################################################
`);
  process.exit(required ? 1 : 0);
}

const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const config = ['--config', 'vitest.emulator.config.ts'];
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', ...config, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit', env: { ...env, ISOCHRONE_EMULATOR: folder } },
);
process.exit(status ?? 1);

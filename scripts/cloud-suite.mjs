// Runs the suite that judges the cloud on loopback: a real S3 server, and a double of Lambda.
// Without that server it is skipped, loudly; in CI that is a failure.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'monmaptool'];
const { env } = process;
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

const missing = NEEDED.filter((program) => !isThere(program));
if (missing.length > 0) {
  const required = on(env.CI) || on(env.ISOCHRONE_REQUIRE_CLOUD);
  process.stderr.write(`
################################################################################
  THE CLOUD SUITE ${required ? 'CANNOT RUN' : 'WAS SKIPPED'}: no ${missing.join(', ')} on this machine.
  It needs a real S3 server:  apt-get install radosgw ceph-mon ceph-osd ceph-common
################################################################################
`);
  process.exit(required ? 1 : 0);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const config = ['--config', 'vitest.cloud.config.ts'];
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', ...config, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);

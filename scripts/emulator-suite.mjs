// Runs the suite that deploys into an emulator of AWS and goes on from there, on a cloud on loopback.
import { missingOf, skipped } from './needs.mjs';
import { pythonEnvironment } from './python-environment.mjs';
import { runSuite } from './suite.mjs';

/** The emulator, and the command line of AWS, which judges what the documents say. */
const PYTHON_PACKAGES = ['moto[server]==5.2.5', 'awscli==1.46.3'];
const NEEDED = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'monmaptool', 'jq'];

const missing = missingOf(NEEDED);
const folder = missing.length === 0 ? pythonEnvironment('moto-5.2.5', PYTHON_PACKAGES) : null;
if (folder === null) {
  const what = missing.length > 0 ? missing.join(', ') : 'Python with venv, or moto from PyPI,';
  const code = skipped('THE EMULATOR SUITE', 'ISOCHRONE_REQUIRE_CLOUD', [
    `no ${what} on this machine.`,
    'apt-get install radosgw ceph-mon ceph-osd ceph-common jq python3-venv',
  ]);
  process.exit(code);
}
process.exit(runSuite('vitest.emulator.config.ts', { ISOCHRONE_EMULATOR: folder }));

// Runs the suite that judges the cloud on loopback: a real S3 server, and a double of Lambda.
import { missingOf, skipped } from './needs.mjs';
import { runSuite } from './suite.mjs';

const NEEDED = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'monmaptool'];

const missing = missingOf(NEEDED);
if (missing.length > 0) {
  const code = skipped('THE CLOUD SUITE', 'ISOCHRONE_REQUIRE_CLOUD', [
    `no ${missing.join(', ')} on this machine.`,
    'It needs a real S3 server:  apt-get install radosgw ceph-mon ceph-osd ceph-common',
  ]);
  process.exit(code);
}
process.exit(runSuite('vitest.cloud.config.ts'));

import { defineConfig } from 'vitest/config';

/** The suite that needs a real S3 server, started once for all of it: scripts/cloud-suite.mjs. */
export default defineConfig({
  test: {
    include: ['test/cloud/**/*.test.ts'],
    globalSetup: ['test/support/cloud/suite.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});

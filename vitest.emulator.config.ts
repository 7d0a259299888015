import { defineConfig } from 'vitest/config';

/** The suite that deploys into an emulator of AWS: scripts/emulator-suite.mjs. */
export default defineConfig({
  test: {
    include: ['test/emulator/**/*.test.ts'],
    globalSetup: ['test/support/cloud/emulator-suite.ts'],
    // Most of it is waiting: two files side by side are twice as fast on two cores.
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});

import { defineConfig } from 'vitest/config';

/** One works with a rate that two cores just reach, the other with tens of milliseconds. */
const ALONE = ['test/cloud/stop.test.ts', 'test/cloud/clocks.test.ts'];

const limits = {
  testTimeout: 240_000,
  hookTimeout: 120_000,
};

/** The suite that needs a real S3 server, started once for all of it: scripts/cloud-suite.mjs. */
export default defineConfig({
  test: {
    globalSetup: ['test/support/cloud/suite.ts'],
    projects: [
      {
        test: {
          ...limits,
          name: 'alone',
          include: ALONE,
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...limits,
          name: 'two',
          include: ['test/cloud/**/*.test.ts'],
          exclude: ALONE,
          // Most of it is waiting: two files side by side are twice as fast on two cores.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

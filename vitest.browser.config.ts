import { defineConfig } from 'vitest/config';

/** The suite that needs a browser: scripts/browser-suite.mjs finds it. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

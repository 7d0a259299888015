import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need more than Node: npm run test:cloud, test:emulator, test:browser.
    exclude: ['test/cloud/**', 'test/emulator/**', 'test/browser/**'],
    // Two noisy cores: tests that make load must not compete with each other.
    fileParallelism: false,
    // Tests that say so run side by side: those to which it does not matter when they are served.
    maxConcurrency: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Runs that are killed and failed at each file operation belong to the campaigns, which CI runs a short one of.
    exclude: ['test/interop/**', ...(process.env['CAMPAIGN'] === undefined ? ['test/e2e/torture*.test.ts'] : [])],
    // Far more than any test takes on a free machine: these end what hangs, not what is slow.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Most of a test's time is spent in children; one worker per core keeps two cores busy.
    maxWorkers: '100%',
    // A test that no one finds, and one that passes only alone, are worth nothing.
    passWithNoTests: false,
    sequence: { shuffle: { files: true, tests: false } },
  },
});

import { defineConfig } from 'vitest/config';

/** The built program against servers that nobody here wrote: `npm run test:interop`. */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    testTimeout: 60_000,
    // A server of another language takes its time to start.
    hookTimeout: 180_000,
    passWithNoTests: false,
  },
});

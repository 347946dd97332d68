import { defineConfig } from 'vitest/config';

/** The rows of hostile cases, and what tries each backend, CI or shell with the built program: more than half of all time. */
export const SYSTEM = [
  'test/vectors/**/*.test.ts',
  'test/e2e/{ci-jobs,dev-command,fetch-files,hostile,hostile-backends,hostile-text,leak}.test.ts',
  'test/e2e/{mask,mask-signals,masks,masks-untold,policy,run-signals,run-ways-out,token-init}.test.ts',
  'test/contract/shell-trace-redaction.test.ts',
];

/** Runs that are killed and failed at each file operation. */
const KILLED = ['test/e2e/torture*.test.ts'];

/** What every suite of ours is run with. */
export const TIMES = {
  // Far more than any test takes on a free machine: these end what hangs, not what is slow.
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // Most of a test's time is spent in children; one worker per core keeps two cores busy.
  maxWorkers: '100%',
  // A test that no one finds, and one that passes only alone, are worth nothing.
  passWithNoTests: false,
  sequence: { shuffle: { files: true, tests: false } },
} as const;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Named on the command line of a campaign they are found all the same.
    exclude: ['test/interop/**', ...(process.env['CAMPAIGN'] === undefined ? [...SYSTEM, ...KILLED] : [])],
    ...TIMES,
  },
});

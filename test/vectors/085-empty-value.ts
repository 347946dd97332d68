import { vector } from '../support/vectors.ts';

/** Conjur cannot hold an empty value. */
const EMPTY = new Map([['ci/x', Buffer.alloc(0)]]);

export default vector({
  row: 85,
  title: 'empty value',
  cases: [
    { backend: 'fortipam', secrets: EMPTY, args: ['fetch', '--format', 'dotenv', 'A=ci/x'], exit: 0, stdout: "A=''\n" },
    {
      name: 'no mask for it, and no warning',
      backend: 'fortipam',
      env: { GITLAB_CI: undefined, GITHUB_ACTIONS: 'true' },
      secrets: EMPTY,
      args: ['fetch', '--format', 'dotenv', 'A=ci/x'],
      exit: 0,
      stdout: "A=''\n",
      saysNot: [/^::add-mask::$/m, /warning/],
    },
    {
      name: '--require-nonempty',
      backend: 'fortipam',
      secrets: EMPTY,
      args: ['fetch', '--require-nonempty', '--format', 'dotenv', 'A=ci/x'],
      exit: 65,
      reason: 'VALUE_EMPTY',
    },
  ],
});

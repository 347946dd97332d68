import { vector } from '../support/vectors.ts';
import { bash, script } from '../support/shell.ts';

/** More than a pipe holds. */
const BIG = new Map([['prod/big', Buffer.alloc(900_000, 'x')]]);

export default vector({
  row: 118,
  title: 'reader closes early, /dev/full',
  cases: [
    {
      name: 'reader gone',
      run: bash('set -o pipefail; secretctl fetch --format raw A=prod/big | head -c 1 >/dev/null'),
      secrets: BIG,
      exit: 74,
      reason: 'STDOUT_CLOSED',
    },
    {
      name: '/dev/full',
      run: script('secretctl fetch --format json A=prod/db/password > /dev/full'),
      exit: 74,
      reason: 'DISK_FULL',
    },
  ],
});

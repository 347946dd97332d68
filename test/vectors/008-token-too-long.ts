import { vector } from '../support/vectors.ts';

export default vector({
  row: 8,
  title: '17 KiB and 10 MB tokens',
  cases: [
    {
      name: '17 KiB',
      env: { SECRETCTL_ID_TOKEN: `YWJj.${'A'.repeat(17 * 1024)}.ZGVm` },
      exit: 65,
      reason: 'TOKEN_TOO_LONG',
      says: [/16/],
      packets: 0,
    },
    {
      name: '10 MB in a file',
      files: { 'token.jwt': `YWJj.${'A'.repeat(10_000_000)}.ZGVm` },
      args: ['fetch', '--token-file', 'token.jwt', 'A=prod/db/password'],
      exit: 65,
      reason: 'TOKEN_TOO_LONG',
      packets: 0,
    },
    {
      name: '10 MB on standard input',
      stdin: `YWJj.${'A'.repeat(10_000_000)}.ZGVm`,
      args: ['fetch', '--token-stdin', 'A=prod/db/password'],
      exit: 65,
      reason: 'TOKEN_TOO_LONG',
      packets: 0,
    },
  ],
});

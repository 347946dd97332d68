import { vector } from '../support/vectors.ts';

export default vector({
  row: 108,
  title: 'no file can be made there',
  cases: [
    {
      args: ['fetch', '--format', 'json', '-o', '/sys/out.json', 'A=prod/db/password'],
      exit: 74,
      reason: 'WRITE_FAILED',
    },
  ],
});

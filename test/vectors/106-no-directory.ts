import { vector } from '../support/vectors.ts';

export default vector({
  row: 106,
  title: 'parent missing',
  cases: [
    {
      args: ['fetch', '--format', 'json', '-o', 'not/there/out.json', 'A=prod/db/password'],
      exit: 73,
      reason: 'NO_DIRECTORY',
      packets: 0,
    },
  ],
});

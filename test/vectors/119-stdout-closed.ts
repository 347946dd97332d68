import { vector } from '../support/vectors.ts';
import { script } from '../support/shell.ts';

export default vector({
  row: 119,
  title: 'stdout closed',
  cases: [
    {
      name: 'closed',
      run: script('secretctl fetch --format json A=prod/db/password >&-'),
      exit: 74,
      reason: 'STDOUT_CLOSED',
      packets: 0,
    },
    {
      name: '/dev/null',
      run: script('secretctl fetch --format json A=prod/db/password >/dev/null'),
      exit: 74,
      reason: 'STDOUT_CLOSED',
      packets: 0,
    },
    {
      name: '--discard',
      run: script('secretctl fetch --discard --format json A=prod/db/password >/dev/null'),
      exit: 0,
      stdout: '',
    },
  ],
});

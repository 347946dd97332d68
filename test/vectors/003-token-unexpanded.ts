import { vector } from '../support/vectors.ts';

export default vector({
  row: 3,
  title: 'token variable not expanded',
  cases: [
    { env: { SECRETCTL_ID_TOKEN: '$CI_JOB_JWT' }, exit: 66, reason: 'TOKEN_UNEXPANDED', packets: 0 },
    {
      name: 'with braces',
      env: { SECRETCTL_ID_TOKEN: '${MY_TOKEN}' },
      exit: 66,
      reason: 'TOKEN_UNEXPANDED',
      packets: 0,
    },
  ],
});

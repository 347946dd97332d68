import { vector } from '../support/vectors.ts';

export default vector({
  row: 1,
  title: 'token variable unset',
  cases: [
    {
      name: 'GitLab',
      env: { SECRETCTL_ID_TOKEN: undefined },
      exit: 66,
      reason: 'TOKEN_MISSING',
      says: [/SECRETCTL_ID_TOKEN/, /id_tokens/],
      packets: 0,
    },
    {
      name: 'a variable named by hand',
      env: { SECRETCTL_ID_TOKEN: undefined },
      args: ['fetch', '--token-env', 'MY_TOKEN', 'A=prod/db/password'],
      exit: 66,
      reason: 'TOKEN_MISSING',
      says: [/MY_TOKEN/, /id_tokens/],
      packets: 0,
    },
  ],
});

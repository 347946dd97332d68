import { vector } from '../support/vectors.ts';

export default vector({
  row: 2,
  title: 'token variable empty or blank',
  cases: [
    { name: 'empty', env: { SECRETCTL_ID_TOKEN: '' }, exit: 66, reason: 'TOKEN_EMPTY', packets: 0 },
    { name: 'spaces', env: { SECRETCTL_ID_TOKEN: '  \n ' }, exit: 66, reason: 'TOKEN_EMPTY', packets: 0 },
  ],
});

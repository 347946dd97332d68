import { vector } from '../support/vectors.ts';

export default vector({
  row: 6,
  title: 'two, four or five parts',
  cases: [
    { name: 'two', env: { SECRETCTL_ID_TOKEN: 'YWJj.ZGVm' }, exit: 65, reason: 'TOKEN_FORMAT', packets: 0 },
    { name: 'four', env: { SECRETCTL_ID_TOKEN: 'YWJj.ZGVm.Z2hp.amts' }, exit: 65, reason: 'TOKEN_FORMAT', packets: 0 },
    {
      name: 'five',
      env: { SECRETCTL_ID_TOKEN: 'YWJj.ZGVm.Z2hp.amts.bW5v' },
      exit: 65,
      reason: 'TOKEN_ENCRYPTED',
      packets: 0,
    },
  ],
});

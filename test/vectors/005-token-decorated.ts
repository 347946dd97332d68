import { vector } from '../support/vectors.ts';

export default vector({
  row: 5,
  title: 'prefix, quotes, inner spaces',
  cases: [
    {
      name: 'Bearer',
      before: (stage) => ({ SECRETCTL_ID_TOKEN: `Bearer ${stage.env['SECRETCTL_ID_TOKEN']}` }),
      exit: 65,
      reason: 'TOKEN_FORMAT',
      says: [/Bearer/],
      packets: 0,
    },
    {
      name: 'quotes',
      before: (stage) => ({ SECRETCTL_ID_TOKEN: `"${stage.env['SECRETCTL_ID_TOKEN']}"` }),
      exit: 65,
      reason: 'TOKEN_FORMAT',
      says: [/quot/],
      packets: 0,
    },
    {
      name: 'a space inside',
      before: (stage) => ({ SECRETCTL_ID_TOKEN: stage.env['SECRETCTL_ID_TOKEN']?.replace('.', '. ') }),
      exit: 65,
      reason: 'TOKEN_FORMAT',
      says: [/space/],
      packets: 0,
    },
  ],
});

import { vector } from '../support/vectors.ts';

export default vector({
  row: 36,
  title: 'a derived name that is dangerous',
  cases: [
    {
      args: ['fetch', '--format', 'dotenv', 'prod/ld_preload'],
      exit: 73,
      reason: 'NAME_FORBIDDEN',
      says: [/LD_PRELOAD/, /LD_PRELOAD=prod\/ld_preload/],
      packets: 0,
    },
  ],
});

import { vector } from '../support/vectors.ts';

export default vector({
  row: 34,
  title: 'two references map to one name',
  cases: [
    {
      args: ['fetch', 'prod/db/password', 'staging/db/password'],
      exit: 64,
      reason: 'NAME_CLASH',
      says: [/prod\/db\/password/, /staging\/db\/password/],
      packets: 0,
    },
  ],
});

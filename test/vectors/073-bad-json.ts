import { vector } from '../support/vectors.ts';

export default vector({
  row: 73,
  title: 'malformed JSON',
  cases: [
    {
      name: 'exchange',
      faults: ['exchange:badjson*9'],
      exit: 76,
      reason: 'BAD_JSON',
      says: [/position|character|offset/],
    },
    {
      name: 'batch read',
      faults: ['read:badjson*9'],
      args: ['fetch', '--format', 'json', 'A=prod/db/password', 'B=prod/db/url'],
      exit: 76,
      reason: 'BAD_JSON',
    },
  ],
});

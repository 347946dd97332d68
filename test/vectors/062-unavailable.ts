import { vector } from '../support/vectors.ts';

export default vector({
  row: 62,
  title: '503 for ever',
  cases: [
    {
      faults: ['exchange:503*99'],
      exit: 69,
      reason: 'UNAVAILABLE',
      packets: 4,
      says: [/POST https:\/\/\S+\/authn-jwt\/\S+ with status 503.*tried 4 times in \d+ s/, /run the job again/],
    },
  ],
});

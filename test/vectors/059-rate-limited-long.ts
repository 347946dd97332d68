import { vector } from '../support/vectors.ts';

export default vector({
  row: 59,
  title: '429 with a long Retry-After',
  cases: [
    {
      name: 'seconds',
      faults: ['read:429*9;retry-after=3600'],
      exit: 75,
      reason: 'RATE_LIMITED',
      says: [/3600|3,600/, /hint: run the job again after that/],
    },
    {
      name: 'at the exchange',
      faults: ['exchange:429*9;retry-after=3600'],
      exit: 75,
      reason: 'RATE_LIMITED',
      packets: 1,
    },
    {
      name: 'a date',
      faults: [`exchange:429*9;retry-after=${new Date(Date.now() + 3_600_000).toUTCString()}`],
      exit: 75,
      reason: 'RATE_LIMITED',
      packets: 1,
    },
  ],
});

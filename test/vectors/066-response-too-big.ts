import { vector } from '../support/vectors.ts';

export default vector({
  row: 66,
  title: 'endless body',
  cases: [
    { name: 'read', faults: ['read:bigbody'], exit: 76, reason: 'RESPONSE_TOO_BIG' },
    { name: 'exchange', faults: ['exchange:bigbody'], exit: 76, reason: 'RESPONSE_TOO_BIG' },
  ],
});

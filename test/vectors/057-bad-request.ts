import { vector } from '../support/vectors.ts';

export default vector({
  row: 57,
  title: '422 or 400',
  cases: [
    { name: '422', faults: ['read:422*9'], exit: 76, reason: 'BAD_REQUEST' },
    { name: '400 at the exchange', faults: ['exchange:400*9'], exit: 76, reason: 'BAD_REQUEST' },
  ],
});

import { vector } from '../support/vectors.ts';

export default vector({
  row: 72,
  title: '200 with nothing usable',
  cases: [
    { name: 'read', faults: ['read:empty*9'], exit: 76, reason: 'UNEXPECTED_ANSWER' },
    { name: 'exchange', faults: ['exchange:empty*9'], exit: 76, reason: 'UNEXPECTED_ANSWER' },
  ],
});

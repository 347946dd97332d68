import { vector } from '../support/vectors.ts';

export default vector({
  row: 61,
  title: '503 three times, then 200',
  cases: [
    { name: 'read', faults: ['read:503*3'], exit: 0 },
    { name: 'exchange', faults: ['exchange:503*3'], exit: 0 },
  ],
});

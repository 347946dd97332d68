import { vector } from '../support/vectors.ts';

export default vector({
  row: 70,
  title: 'reset after the request was sent',
  cases: [
    { name: 'read', faults: ['read:reset*1'], exit: 0 },
    { name: 'exchange', faults: ['exchange:reset*1'], exit: 0 },
  ],
});

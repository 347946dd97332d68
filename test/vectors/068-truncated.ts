import { vector } from '../support/vectors.ts';

export default vector({
  row: 68,
  title: 'body cut',
  cases: [
    { name: 'once', faults: ['read:cut*1'], exit: 0 },
    { name: 'always', faults: ['read:cut*99'], exit: 76, reason: 'TRUNCATED', says: [/hint: this may pass/] },
    { name: 'at the exchange', faults: ['exchange:cut*99'], exit: 76, reason: 'TRUNCATED' },
  ],
});

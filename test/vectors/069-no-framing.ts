import { vector } from '../support/vectors.ts';

export default vector({
  row: 69,
  title: 'body ended only by closing',
  cases: [
    { faults: ['read:noframing*9'], exit: 76, reason: 'FRAMING' },
    { name: 'at the exchange', faults: ['exchange:noframing*9'], exit: 76, reason: 'FRAMING' },
  ],
});

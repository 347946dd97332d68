import { vector } from '../support/vectors.ts';

export default vector({
  row: 63,
  title: 'accepts, then silent',
  cases: [{ faults: ['exchange:silent'], exit: 69, reason: 'TIMEOUT_HEADERS', says: [/15 s/], packets: 1 }],
});

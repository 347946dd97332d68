import { vector } from '../support/vectors.ts';

export default vector({
  row: 67,
  title: 'compressed answers',
  cases: [{ faults: ['read:gzip*9'], exit: 76, reason: 'ENCODING_REFUSED' }],
});

import { vector } from '../support/vectors.ts';

export default vector({
  row: 58,
  title: '429 with Retry-After: 2',
  cases: [{ faults: ['read:429*1;retry-after=2'], exit: 0 }],
});

import { vector } from '../support/vectors.ts';
import { expect } from 'vitest';

export default vector({
  row: 53,
  title: '401 at the exchange',
  cases: [
    {
      faults: ['exchange:401*4'],
      exit: 77,
      reason: 'AUTH_REFUSED',
      says: [/issuer/i, /audience/i, /subject/i, /RS256/, /clock/i],
    },
    {
      name: 'at most one more try',
      faults: ['exchange:401*9'],
      exit: 77,
      reason: 'AUTH_REFUSED',
      after: (stage) => expect(stage.rehearsal.requests.length).toBeLessThanOrEqual(2),
    },
  ],
});

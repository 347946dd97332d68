import { vector } from '../support/vectors.ts';
import { expect } from 'vitest';

export default vector({
  row: 54,
  title: '401 with a kept token',
  cases: [
    {
      before: async (stage) => {
        expect((await stage.run(['login'])).exit).toBe(0);
        stage.rehearsal.disturb('revoke-tokens');
      },
      exit: 0,
      after: (stage) => expect(stage.rehearsal.report().exchanges).toBe(2),
    },
    {
      name: 'and again',
      before: async (stage) => void expect((await stage.run(['login'])).exit).toBe(0),
      faults: ['read:401*9'],
      exit: 77,
      reason: 'AUTH_REFUSED',
      after: (stage) => expect(stage.rehearsal.report().exchanges).toBe(2),
    },
  ],
});

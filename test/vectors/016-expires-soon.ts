import { vector } from '../support/vectors.ts';
import { numericDate } from '../support/craft.ts';

export default vector({
  row: 16,
  title: 'expires in five seconds',
  cases: [
    { name: 'accepted in time', claims: () => ({ exp: numericDate(6) }), exit: 0, says: [/warning: .*expire/i] },
    {
      name: 'refused by the server',
      claims: () => ({ exp: numericDate(6) }),
      faults: ['exchange:401*4'],
      exit: 77,
      reason: 'AUTH_REFUSED',
      says: [/expire/i],
    },
  ],
});

import { vector } from '../support/vectors.ts';
import { numericDate } from '../support/craft.ts';

export default vector({
  row: 15,
  title: 'expired ten minutes ago',
  cases: [
    {
      claims: () => ({ iat: numericDate(-900), nbf: numericDate(-900), exp: numericDate(-600) }),
      exit: 79,
      reason: 'TOKEN_EXPIRED',
      says: [/10 min ago/, /5 min/],
      packets: 0,
    },
  ],
});

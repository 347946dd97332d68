import { vector } from '../support/vectors.ts';
import { numericDate } from '../support/craft.ts';

export default vector({
  row: 18,
  title: 'lives a second longer than Next-Gen Trust Security takes',
  cases: [
    {
      backend: 'venafi',
      claims: () => {
        const iat = numericDate(-60);
        return { iat, nbf: iat, exp: iat + 7201 };
      },
      exit: 79,
      reason: 'TOKEN_LIFETIME',
      says: [/7,201 s > 7,200 s/],
      packets: 0,
    },
  ],
});

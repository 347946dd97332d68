import { vector } from '../support/vectors.ts';
import { numericDate } from '../support/craft.ts';

export default vector({
  row: 19,
  title: 'lives just as long as Next-Gen Trust Security takes',
  cases: [
    {
      backend: 'venafi',
      claims: () => {
        const iat = numericDate(-60);
        return { iat, nbf: iat, exp: iat + 7200 };
      },
      exit: 0,
    },
  ],
});

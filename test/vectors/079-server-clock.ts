import { vector } from '../support/vectors.ts';
import { numericDate } from '../support/craft.ts';

export default vector({
  row: 79,
  title: 'server clock 20 min off',
  cases: [
    {
      name: 'behind',
      serverClockMs: -1_200_000,
      claims: () => ({ iat: numericDate(-1300), nbf: numericDate(-1300) }),
      exit: 0,
      says: [/warning: .*clock/, /20 min|1[12]\d\d s/],
    },
  ],
});

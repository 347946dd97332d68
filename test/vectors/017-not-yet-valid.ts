import { vector } from '../support/vectors.ts';
import { numericDate } from '../support/craft.ts';

export default vector({
  row: 17,
  title: 'nbf or iat ahead',
  cases: [
    { name: 'nbf 3 s', claims: () => ({ nbf: numericDate(3) }), exit: 0 },
    { name: 'iat 2 s', claims: () => ({ iat: numericDate(2) }), exit: 0 },
    {
      name: 'nbf 10 min',
      claims: () => ({ nbf: numericDate(600), exp: numericDate(900) }),
      exit: 79,
      reason: 'TOKEN_NOT_YET_VALID',
      says: [/clock/],
      packets: 0,
    },
  ],
});

import { vector } from '../support/vectors.ts';
import { craftToken, fineClaims } from '../support/craft.ts';

export default vector({
  row: 12,
  title: 'ES256 to Conjur',
  cases: [
    {
      env: { SECRETCTL_ID_TOKEN: craftToken({ alg: 'ES256', kid: 'x' }, fineClaims()) },
      exit: 79,
      reason: 'ALG_REFUSED',
      says: [/RS256, RS384, RS512/],
      packets: 0,
    },
  ],
});

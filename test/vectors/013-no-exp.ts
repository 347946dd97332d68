import { vector } from '../support/vectors.ts';
import { craftToken, fineClaims, RS256 } from '../support/craft.ts';

export default vector({
  row: 13,
  title: 'no exp for Conjur',
  cases: [
    {
      env: { SECRETCTL_ID_TOKEN: craftToken(RS256, fineClaims({ exp: undefined })) },
      exit: 79,
      reason: 'TOKEN_NO_EXP',
      packets: 0,
    },
  ],
});

import { vector } from '../support/vectors.ts';
import { craftToken, fineClaims, RS256 } from '../support/craft.ts';

export default vector({
  row: 21,
  title: 'duplicate aud claims',
  cases: [
    {
      env: { SECRETCTL_ID_TOKEN: craftToken(RS256, JSON.stringify(fineClaims()).replace('{', '{"aud":"x",')) },
      exit: 65,
      reason: 'TOKEN_CLAIMS',
      says: [/aud/],
      packets: 0,
    },
  ],
});

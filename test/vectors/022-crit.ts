import { vector } from '../support/vectors.ts';
import { craftToken, fineClaims, RS256 } from '../support/craft.ts';

export default vector({
  row: 22,
  title: 'crit header',
  cases: [
    {
      env: { SECRETCTL_ID_TOKEN: craftToken({ ...RS256, crit: ['x'], x: 1 }, fineClaims()) },
      exit: 79,
      reason: 'TOKEN_CRIT',
      packets: 0,
    },
  ],
});

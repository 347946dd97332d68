import { vector } from '../support/vectors.ts';
import { craftToken, fineClaims, RS256 } from '../support/craft.ts';

export default vector({
  row: 7,
  title: 'standard base64',
  cases: [
    {
      name: 'plus',
      env: { SECRETCTL_ID_TOKEN: craftToken(RS256, fineClaims(), 'ab+d') },
      exit: 65,
      reason: 'TOKEN_FORMAT',
      packets: 0,
    },
    {
      name: 'slash',
      env: { SECRETCTL_ID_TOKEN: craftToken(RS256, fineClaims(), 'ab/d') },
      exit: 65,
      reason: 'TOKEN_FORMAT',
      packets: 0,
    },
    {
      name: 'padding',
      env: { SECRETCTL_ID_TOKEN: craftToken(RS256, fineClaims(), 'abcd==') },
      exit: 65,
      reason: 'TOKEN_FORMAT',
      packets: 0,
    },
  ],
});

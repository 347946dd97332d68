import { vector } from '../support/vectors.ts';
import { craftToken, fineClaims, numericDate, RS256 } from '../support/craft.ts';

export default vector({
  row: 14,
  title: 'exp that is no plain number',
  cases: [
    ...['"soon"', '1e999', '-5', 'null', '[1]'].map(
      (exp) =>
        ({
          name: exp,
          env: { SECRETCTL_ID_TOKEN: craftToken(RS256, JSON.stringify(fineClaims({ exp: '@' })).replace('"@"', exp)) },
          exit: 65,
          reason: 'TOKEN_CLAIMS',
          packets: 0,
        }) as const,
    ),
    { name: 'a fraction is accepted', claims: () => ({ exp: numericDate(200) + 0.5 }), exit: 0 },
  ],
});

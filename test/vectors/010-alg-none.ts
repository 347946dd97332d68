import { vector } from '../support/vectors.ts';
import { craftToken, fineClaims } from '../support/craft.ts';

export default vector({
  row: 10,
  title: 'alg none in any letter case',
  cases: [
    ...['none', 'None', 'NONE', 'nOnE'].map(
      (alg) =>
        ({
          name: alg,
          env: { SECRETCTL_ID_TOKEN: craftToken({ alg }, fineClaims()) },
          exit: 79,
          reason: 'ALG_REFUSED',
          packets: 0,
        }) as const,
    ),
  ],
});

import { vector } from '../support/vectors.ts';
import { craftToken, fineClaims } from '../support/craft.ts';

export default vector({
  row: 11,
  title: 'HS256 token to a remote host',
  cases: [
    {
      env: {
        SECRETCTL_ID_TOKEN: craftToken({ alg: 'HS256' }, fineClaims()),
        CONJUR_APPLIANCE_URL: 'https://conjur.example.test',
      },
      exit: 79,
      reason: 'ALG_REFUSED',
      packets: 0,
    },
  ],
});

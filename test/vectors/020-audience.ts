import { vector } from '../support/vectors.ts';
import { craftToken, fineClaims, RS256 } from '../support/craft.ts';

export default vector({
  row: 20,
  title: 'audience differs, lacks, or is missing',
  cases: [
    {
      name: 'differs',
      claims: { aud: 'https://other.example.test' },
      args: ['fetch', '--audience', 'https://conjur.example.test', 'A=prod/db/password'],
      exit: 79,
      reason: 'TOKEN_AUDIENCE',
      says: [/https:\/\/conjur\.example\.test/, /https:\/\/other\.example\.test/],
      packets: 0,
    },
    {
      name: 'array without it',
      claims: { aud: ['a', 'b'] },
      args: ['fetch', '--audience', 'c', 'A=prod/db/password'],
      exit: 79,
      reason: 'TOKEN_AUDIENCE',
      packets: 0,
    },
    {
      name: 'missing while required',
      env: { SECRETCTL_ID_TOKEN: craftToken(RS256, fineClaims({ aud: undefined })) },
      args: ['fetch', '--audience', 'c', 'A=prod/db/password'],
      exit: 79,
      reason: 'TOKEN_AUDIENCE',
      packets: 0,
    },
  ],
});

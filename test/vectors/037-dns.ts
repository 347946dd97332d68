import { vector } from '../support/vectors.ts';

export default vector({
  row: 37,
  title: 'host does not exist',
  cases: [
    {
      env: { CONJUR_APPLIANCE_URL: 'https://nothing.invalid' },
      args: ['fetch', '--timeout', '10s', 'A=prod/db/password'],
      exit: 69,
      reason: 'DNS',
      says: [/nothing\.invalid/, /hint: check the name/],
    },
  ],
});

import { vector } from '../support/vectors.ts';

export default vector({
  row: 26,
  title: 'http:// remote endpoint',
  cases: [
    {
      name: 'product variable',
      env: { CONJUR_APPLIANCE_URL: 'http://conjur.example.test' },
      exit: 78,
      reason: 'PLAIN_HTTP',
      packets: 0,
    },
    {
      name: 'flag',
      args: ['fetch', '--url', 'http://conjur.example.test', 'A=prod/db/password'],
      exit: 78,
      reason: 'PLAIN_HTTP',
      packets: 0,
    },
  ],
});

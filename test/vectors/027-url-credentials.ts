import { vector } from '../support/vectors.ts';

export default vector({
  row: 27,
  title: 'user:password in URL',
  cases: [
    {
      env: { CONJUR_APPLIANCE_URL: 'https://alice:s3cr3t-w0rd@conjur.example.test' },
      exit: 78,
      reason: 'URL_CREDENTIALS',
      says: [/conjur\.example\.test/],
      saysNot: [/s3cr3t/, /alice/],
      packets: 0,
    },
  ],
});

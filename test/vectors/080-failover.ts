import { vector } from '../support/vectors.ts';

export default vector({
  row: 80,
  title: 'leader down, follower up',
  cases: [
    {
      before: (stage) => ({ CONJUR_APPLIANCE_URL: 'https://127.0.0.1:1', SECRETCTL_FALLBACK_URL: stage.rehearsal.url }),
      args: ['fetch', '--debug', '--format', 'json', 'PASSWORD=prod/db/password'],
      exit: 0,
      stdout: /PASSWORD/,
      says: [/debug: .*127\.0\.0\.1/],
    },
  ],
});

import { vector } from '../support/vectors.ts';

export default vector({
  row: 32,
  title: 'endpoint outside SECRETCTL_ALLOWED_ORIGINS',
  cases: [
    {
      name: 'configuration in the repository',
      files: {
        'secretctl.yaml':
          'backends: { conjur: { type: conjur, url: https://evil.example.test, account: a, service-id: b } }\n',
      },
      env: { SECRETCTL_ALLOWED_ORIGINS: 'https://conjur.example.test' },
      exit: 78,
      reason: 'ENDPOINT_NOT_ALLOWED',
      says: [/https:\/\/evil\.example\.test/],
      packets: 0,
    },
    {
      name: 'nothing allowed but another port',
      before: (stage) => ({ SECRETCTL_ALLOWED_ORIGINS: new URL(stage.rehearsal.url).origin.replace(/\d$/, '') }),
      exit: 78,
      reason: 'ENDPOINT_NOT_ALLOWED',
      packets: 0,
    },
    {
      name: 'allowed',
      before: (stage) => ({
        SECRETCTL_ALLOWED_ORIGINS: `https://a.example.test, ${new URL(stage.rehearsal.url).origin}`,
      }),
      exit: 0,
    },
  ],
});

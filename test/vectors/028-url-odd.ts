import { vector } from '../support/vectors.ts';

export default vector({
  row: 28,
  title: 'URL with odd parts',
  cases: [
    ...[
      'https://conjur.example.test/a/../b',
      'https://conjur.example.test/%2e%2e/b',
      'https://conjur.example.test/a\\b',
      'https://conjur.example.test/#x',
      'https://conjur.example.test/?x=1',
      'https://conjur.example.test/\u001b[31m',
      'https://conjur.example.test/a\nb',
      'nonsense',
    ].map(
      (url) =>
        ({
          name: JSON.stringify(url),
          env: { CONJUR_APPLIANCE_URL: url },
          exit: 78,
          reason: 'URL_INVALID',
          saysNot: [/\u001b/],
          packets: 0,
        }) as const,
    ),
  ],
});

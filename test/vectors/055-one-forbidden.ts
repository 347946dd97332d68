import { vector } from '../support/vectors.ts';

export default vector({
  row: 55,
  title: '403 on one of five secrets',
  cases: [
    {
      forbidden: ['prod/quoted'],
      args: [
        'fetch',
        '--format',
        'json',
        '-o',
        'out.json',
        'A=prod/db/password',
        'B=prod/db/url',
        'C=prod/db',
        'D=prod/tls/key',
        'E=prod/quoted',
      ],
      exit: 77,
      reason: 'SECRET_DENIED',
      says: [/E: prod\/quoted/],
      saysNot: [/A: /],
    },
  ],
});

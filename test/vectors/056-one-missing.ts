import { vector } from '../support/vectors.ts';

export default vector({
  row: 56,
  title: '404 on one of five secrets',
  cases: [
    {
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
        'E=prod/nothing',
      ],
      exit: 67,
      reason: 'SECRET_NOT_FOUND',
      says: [/E: prod\/nothing/],
      saysNot: [/A: /, /prod\/quoted/],
    },
    {
      name: 'behind what is no backend',
      args: ['fetch', 'A=conjr:prod/db/password'],
      exit: 67,
      reason: 'SECRET_NOT_FOUND',
      says: [/hint: no backend "conjr" is configured/, /did you mean "conjur:"/],
    },
    {
      name: 'several',
      args: ['fetch', 'A=prod/x', 'B=prod/db/password', 'C=prod/y'],
      exit: 67,
      reason: 'SECRET_NOT_FOUND',
      says: [/A: prod\/x/, /C: prod\/y/],
    },
  ],
});

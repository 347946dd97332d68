import { vector } from '../support/vectors.ts';
import { craftToken, fineClaims, RS256 } from '../support/craft.ts';

export default vector({
  row: 9,
  title: 'header or claims that are no JSON object',
  cases: [
    ...[
      ['header no JSON', craftToken('nonsense', fineClaims())],
      ['claims no JSON', craftToken(RS256, 'nonsense')],
      ['header an array', craftToken([], fineClaims())],
      ['claims an array', craftToken(RS256, [1])],
      ['claims null', craftToken(RS256, null)],
      ['claims text', craftToken(RS256, '"text"')],
      ['claims bad UTF-8', craftToken(RS256, Buffer.from([0x7b, 0xff, 0x7d]))],
      ['claims with a byte order mark', craftToken(RS256, `\ufeff${JSON.stringify(fineClaims())}`)],
    ].map(
      ([name, token]) =>
        ({
          name: String(name),
          env: { SECRETCTL_ID_TOKEN: token },
          exit: 65,
          reason: 'TOKEN_CLAIMS',
          packets: 0,
        }) as const,
    ),
  ],
});

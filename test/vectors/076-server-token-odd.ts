import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';

export default vector({
  row: 76,
  title: 'server token with newline or NUL',
  cases: [
    ...['\\n', '\\u0000'].map(
      (character) =>
        ({
          name: character,
          backend: 'fortipam',
          faults: [`exchange:200;type=application/json;body={"access_token":"ab${character}cd"}`],
          args: ['fetch', 'A=ci/x'],
          exit: 76,
          reason: 'UNEXPECTED_ANSWER',
          packets: 1,
        }) satisfies Case,
    ),
  ],
});

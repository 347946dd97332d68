import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';

export default vector({
  row: 91,
  title: 'PEM with and without final newline',
  cases: [
    ...['-----BEGIN X-----\nabc\n-----END X-----\n', '-----BEGIN X-----\nabc\n-----END X-----'].map(
      (pem, index) =>
        ({
          name: `${index}`,
          secrets: new Map([['x', Buffer.from(pem)]]),
          args: ['fetch', '--format', 'raw', 'A=x'],
          exit: 0,
          stdout: pem,
        }) satisfies Case,
    ),
  ],
});

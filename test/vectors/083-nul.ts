import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';

const NUL = new Map([['x', Buffer.from('a\0b')]]);

export default vector({
  row: 83,
  title: 'NUL in a value',
  cases: [
    ...['json', 'yaml', 'dotenv', 'sh'].map(
      (format) =>
        ({
          name: format,
          secrets: NUL,
          args: ['fetch', '--format', format, 'A=x'],
          exit: format === 'json' || format === 'yaml' ? 0 : 65,
          ...(format === 'dotenv' || format === 'sh'
            ? { reason: 'NOT_REPRESENTABLE' as const }
            : { stdout: /\\u0000|\\x00/ }),
        }) satisfies Case,
    ),
    { name: 'raw', secrets: NUL, args: ['fetch', '--format', 'raw', 'A=x'], exit: 0, stdout: 'a\0b' },
  ],
});

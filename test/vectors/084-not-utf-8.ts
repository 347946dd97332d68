import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { script } from '../support/shell.ts';

export default vector({
  row: 84,
  title: 'not UTF-8',
  cases: [
    ...['json', 'yaml', 'dotenv'].map(
      (format) =>
        ({
          name: format,
          args: ['fetch', '--format', format, 'A=prod/binary'],
          exit: 65,
          reason: 'NOT_REPRESENTABLE',
          says: [/base64/],
        }) satisfies Case,
    ),
    {
      name: 'base64',
      args: ['fetch', '--format', 'dotenv', '--encode', 'base64', 'A=prod/binary'],
      exit: 0,
      stdout: /^A='[A-Za-z0-9+/=]+'\n$/,
    },
    {
      name: 'raw file',
      run: script('secretctl fetch --format raw -o x.bin A=prod/binary && head -c 4 x.bin | od -An -tx1'),
      exit: 0,
      stdout: ' 00 ff fe 00\n',
    },
  ],
});

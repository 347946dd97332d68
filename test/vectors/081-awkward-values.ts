import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { script } from '../support/shell.ts';

const VALUES = [
  ['newline', 'a\nb\n'],
  ['CRLF', 'a\r\nb'],
  ['quotes', `it's "quoted"`],
  ['dollar and backtick', '$HOME `id` $(id)'],
  ['backslash', 'a\\nb\\'],
  ['hash', '#a # b'],
  ['spaces at the edges', '  a  '],
  ['emoji', '\u{1f511} key'],
] as const;

export default vector({
  row: 81,
  title: 'awkward values come back exactly',
  cases: [
    ...VALUES.map(
      ([name, value]) =>
        ({
          name,
          secrets: new Map([['x', Buffer.from(value)]]),
          run: script('secretctl fetch --format sh -o out.sh A=x && . ./out.sh && printf %s "$A"'),
          exit: 0,
          stdout: value,
        }) satisfies Case,
    ),
  ],
});

import { vector } from '../support/vectors.ts';

export default vector({
  row: 35,
  title: 'references that are none',
  cases: [
    ...[
      ['empty', 'A='],
      ['long', `A=${'x'.repeat(5000)}`],
      ['newline', 'A=a\nb'],
      ['parent', 'A=a/../b'],
      ['escape', 'A=a\u001b[1mb'],
      ['bad percent', 'A=a%zz'],
      ['version', 'A=a?version=x'],
    ].map(
      ([name, ref]) =>
        ({
          name: String(name),
          args: ['fetch', String(ref)],
          exit: 64,
          reason: 'REFERENCE_INVALID',
          saysNot: [/\u001b/],
          packets: 0,
        }) as const,
    ),
  ],
});

import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { commandLines } from '../../../src/dev/frame/command-lines.ts';
import { literal, printableJson, shellWord } from '../../../src/lib/literal.ts';

const NASTY = [
  '',
  'plain',
  `it's "quoted" \\ \${x} $(id) \`id\``,
  'two\nlines\r\u0000\u007f\u0085',
  '##vso[task]##[x]##teamcity[y]',
  '::add-mask:::::',
  'section_start:1:x section_end:',
  '\u202eevil\u2028\u2029\ufeff',
  '\u{e0041}\u{1f600}',
];

const UNSAFE = /##(?:vso|teamcity)?\[|::(?!\d)|section_(?:start|end):|[^\P{C}\n]|[\u2028\u2029]/u;

test.each(NASTY)('%j as JSON and as YAML is the same again, and safe to print', (text) => {
  const json = printableJson({ [text]: text });
  expect(JSON.parse(json)).toEqual({ [text]: text });
  expect(json).not.toMatch(UNSAFE);
  const yaml = literal(text);
  expect(parse(yaml, { version: '1.1' })).toBe(text);
  expect(yaml).not.toMatch(UNSAFE);
});

test('the name of a role stays what people know', () => {
  expect(printableJson(['arn:aws:iam::123456789012:role/ci'])).toContain('"arn:aws:iam::123456789012:role/ci"');
});

test.each(["it's", `"x"`, '$HOME `id` $(id)', '*?[a]', 'a b', '-x', '\\', '#'])('%j is one word of a shell', (text) => {
  const line = `echo ${shellWord(text, 'it')}`;
  expect(commandLines({ name: 'x', text: line })).toEqual([['echo', text]]);
});

test.each(['a\nb', '\u001b[2J', '\u202e', 'a\ud800'])('%j is no word of a line', (text) => {
  expect(() => shellWord(text, 'it')).toThrow(expect.objectContaining({ reason: 'POLICY_IMPOSSIBLE' }));
});

test.each(['echo $HOME', 'echo `id`', 'echo "a"', "echo 'a", 'echo a;b', 'echo a*', 'echo a # b', 'echo a > b'])(
  '%j is more to a shell than words',
  (line) => {
    expect(() => commandLines({ name: 'x', text: line })).toThrow(
      expect.objectContaining({ reason: 'CONFIG_INVALID' }),
    );
  },
);

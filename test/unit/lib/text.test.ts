import { expect, test } from 'vitest';
import { duration, harmless, nearest, quoted, visible, withoutControls } from '../../../src/lib/text.ts';
import { commandsIn, LOG_COMMANDS } from '../../support/log-commands.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  [0, '0 s'],
  [499, '0 s'],
  [59_600, '60 s'],
  [119_000, '119 s'],
  [299_600, '5 min'],
  [20 * MINUTE - 700, '20 min'],
  [-20 * MINUTE, '20 min'],
  [119 * MINUTE, '119 min'],
  [119.9 * MINUTE, '120 min'],
  [2 * HOUR, '2 h'],
  [2.6 * HOUR, '3 h'],
  [48 * HOUR, '48 h'],
  [49 * HOUR, '2 days'],
  [9 * 24 * HOUR, '9 days'],
])('a duration of %d ms is "%s", rounded to the nearest', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test.each([
  ['fecth', 'fetch'],
  ['fetsh', 'fetch'],
  ['fetchh', 'fetch'],
  ['etch', 'fetch'],
  ['lgoin', 'login'],
  ['logut', 'logout'],
  ['of', undefined],
  ['f', undefined],
  ['nonsense', undefined],
  ['FETCH', 'fetch'],
  ['github', 'github-env'],
  ['env', undefined],
])('the word nearest to %s is %s', (word, meant) => {
  expect(nearest(word, ['fetch', 'login', 'logout', 'o', 'on', 'github-env', 'docker-env'])).toBe(meant);
});

test.each(LOG_COMMANDS)('%j is no command any more, wherever it stands', (command) => {
  expect(commandsIn(command), 'the test itself').not.toEqual([]);
  for (const text of [
    command,
    `secretctl: ${command}`,
    `${command}${command}`,
    `#${command}`,
    `:${command}`,
    `#:${command}`,
  ]) {
    for (const shown of [visible(text), quoted(text), harmless(withoutControls(text))]) {
      expect(commandsIn(shown)).toEqual([]);
      expect(harmless(shown)).toBe(shown);
    }
  }
});

test.each([
  ['a:b', 'a:b'],
  ['#1 and ##2', '#1 and ##2'],
  ['[x] # [y]', '[x] # [y]'],
  ['arn:aws:iam::1:role/x', 'arn:aws:iam:\\:1:role/x'],
  ['##vso[a]b', '#\\#vso[a]b'],
  ['a\nb', String.raw`a\u{a}b`],
  ['ärger 漢字 🔑', 'ärger 漢字 🔑'],
])('%j is shown as %s', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { createStreamRedactor } from '../../../src/output/redactor.ts';
import { cuts, dice, passed, streamRedactor } from '../../support/redacted.ts';

const M = '[REDACTED]';

/** What comes out for the input as a whole, byte by byte, and at random cuts: the same each time. */
function redacted(values: readonly (Buffer | string)[], input: Buffer | string): string {
  const redactor = streamRedactor(values);
  const draw = dice(input.length);
  const results = cuts(Buffer.from(input), () => 1 + draw(12)).map((chunks) =>
    passed(redactor.stream(), chunks).toString(),
  );
  expect(new Set(results).size).toBe(1);
  return results[0] ?? '';
}

type Row = readonly [what: string, values: readonly string[], input: string, expected: string];

const KEY = [
  '-----BEGIN TEST KEY-----',
  'MIIEvQIBADANBgkqhkiG',
  '9w0BAQEFAASCBKcwggSj',
  'nicR',
  '-----END TEST KEY-----',
];
const PASS = 'Password123!';

describe('where values are found', () => {
  const TABLE: readonly Row[] = [
    ['nothing to hide', [], 'all \u00fc of it', 'all \u00fc of it'],
    ['alone', ['hunter2-hunter2'], 'hunter2-hunter2', M],
    ['at both ends', ['hunter2-hunter2'], 'hunter2-hunter2 x hunter2-hunter2', `${M} x ${M}`],
    ['behind a false start', ['secretsX'], 'ssecretsX secretssecretsX', `s${M} secrets${M}`],
    ['one behind the other', ['secretsX'], 'secretsXsecretsX', M + M],
    ['behind a longer false start', ['abcabdabcabd'], 'abcabcabdabcabd', `abc${M}`],
    ['overlapping itself', ['abababab'], 'ababababab', M],
    ['as beginning of another', ['abcdefgh', 'abcdefghijkl'], 'abcdefghijkl abcdefghX abcdefgh', `${M} ${M}X ${M}`],
    ['overlapping another', ['ipsum dolor', 'dolor sit'], 'Lorem ipsum dolor sit amet', `Lorem ${M} amet`],
    ['in one that fails', ['foobarbarXXXX', 'barbarXXX'], 'foobarbarXXXY', `foo${M}Y`],
    ['in one that the end cuts off', ['foobarbarbarXXXXXXXXXXXX', 'barbarbar'], 'foobarbarbar', M],
    [
      'in one of which less than half is here',
      ['foobarbarbarXXXXXXXXXXXXXXXX', 'barbarbar'],
      'foobarbarbar',
      `foo${M}`,
    ],
    ['twice under two names', ['hunter2-hunter2', 'hunter2-hunter2'], 'a hunter2-hunter2 b', `a ${M} b`],
    ['in one of many characters alike', ['_'.repeat(2000)], `${'_'.repeat(2000)} _____`, `${M} _____`],
    ['not in another case', ['hunter2-hunter2'], 'HUNTER2-hunter2', 'HUNTER2-hunter2'],
    ['colours around it stay', ['hunter2-hunter2'], '\u001b[31mhunter2-hunter2\u001b[0m', `\u001b[31m${M}\u001b[0m`],
    ['it is like the placeholder', ['REDACTED', 'hunter2-hunter2'], '[REDACTED] hunter2-hunter2', `[${M}] ${M}`],
    ['what a placeholder brings about is not looked at', ['abXXXXXXXX', 'a[REDACTED]'], 'aabXXXXXXXX', `a${M}`],
    [
      'four to seven bytes, where they stand alone',
      ['x7Qz!'],
      'x7Qz! ax7Qz! x7Qz!b v1.x7Qz!.2',
      `${M} ax7Qz! x7Qz!b v1.${M}.2`,
    ],
  ];
  test.each(TABLE)('%s', (_, values, input, expected) => expect(redacted(values, input)).toBe(expected));

  test('cut into three at every pair of places', () => {
    const redactor = streamRedactor(['hunter2-hunter2']);
    const input = 'x hunter2-hunter2 y';
    for (let one = 0; one <= input.length; one++) {
      for (let two = one; two <= input.length; two++) {
        const chunks = [input.slice(0, one), input.slice(one, two), input.slice(two)].map((part) => Buffer.from(part));
        expect(passed(redactor.stream(), chunks).toString()).toBe(`x ${M} y`);
      }
    }
  });
});

describe('lines and white space', () => {
  const value = `${KEY.join('\n')}\n`;
  const body = (text: string): string => redacted([value], text);
  const indented = KEY.map((line) => `    ${line}`);
  const stamped = KEY.map((line) => `2026-01-01T00:00:00Z ${line}`);
  const TABLE: readonly (readonly [what: string, input: string, expected: string])[] = [
    ['as it is', value, `${M}\n`],
    ['with carriage returns', KEY.join('\r\n'), M],
    ['with two of them', KEY.join('\r\r\n'), M],
    ['on one line', KEY.join(' '), M],
    ['in JSON', JSON.stringify(value), `"${M}\\n"`],
    ['in JSON in JSON', JSON.stringify(JSON.stringify(value)), `"\\"${M}\\\\n\\""`],
    ['in a URL', encodeURIComponent(value), `${M}%0A`],
    ['one line of it', `x ${KEY[2] ?? ''} y`, `x ${M} y`],
    ['its short line behind the one before it', KEY.slice(1, 4).join('\n'), `${M}\n${M}`],
    ['the same on one line', KEY.slice(1, 4).join(' '), `${M} ${M}`],
    ['its short line elsewhere', 'nicR and nicR', 'nicR and nicR'],
    ['its frame elsewhere', `${KEY[0] ?? ''}\nother\n${KEY[4] ?? ''}`, `${KEY[0] ?? ''}\nother\n${KEY[4] ?? ''}`],
  ];
  test.each(TABLE)('a key of several lines: %s', (_, input, expected) => expect(body(input)).toBe(expected));

  test.each([
    ['indented', indented],
    ['with a time before each line', stamped],
  ])('a key of several lines: %s', (_, lines) => {
    const expected = lines.map((line) => line.replace(/[A-Za-z0-9]{20}$/, M)).join('\n');
    expect(body(lines.join('\n'))).toBe(expected);
  });

  const BLANKS: readonly Row[] = [
    [
      'a value with a line end, without it',
      ['hunter2-hunter2\n'],
      'x hunter2-hunter2 hunter2-hunter2\n',
      `x ${M} ${M}\n`,
    ],
    ['a value with spaces around', ['  hunter2-hunter2  '], 'x hunter2-hunter2 y', `x ${M} y`],
    ['tabs inside', ['one\ttwo\vthree'], 'one\ttwo\vthree one\\ttwo\\u000bthree', `${M} ${M}`],
    ['white space made one space', ['one  two\n\tthree'], 'x one two three y', `x ${M} y`],
    ['lines of one character', ['{\n}\n'], '{}{}\n{', '{}{}\n{'],
    [
      'a mark of the byte order before it',
      ['\ufeffhunter2-hunter2'],
      'x hunter2-hunter2 \ufeffhunter2-hunter2',
      `x ${M} ${M}`,
    ],
    ['a rule in a value', ['a long line\n----------\nanother line'], '-----------', '-----------'],
  ];
  test.each(BLANKS)('%s', (_, values, input, expected) => expect(redacted(values, input)).toBe(expected));
});

describe('what is not hidden', () => {
  test.each([
    ['', 'blank'],
    [' \n\t', 'blank'],
    ['abc', 'short'],
    ['True', 'common'],
    ['none', 'common'],
    ['8080', 'common'],
    ['1234567', 'common'],
  ])('%j is said to be %s', (value, why) => {
    const redactor = createStreamRedactor({ showNames: false, splitPairs: false });
    expect(redactor.add([{ name: 'PORT', value: new Sensitive(value) }])).toEqual([{ name: 'PORT', why }]);
    const log = `true True none 8080 1234567 abc ${value} x`;
    expect(passed(redactor.stream(), [Buffer.from(log)]).toString()).toBe(log);
  });

  test('a number of eight digits is', () => expect(redacted(['12345678'], 'x 12345678')).toBe(`x ${M}`));

  test('bytes that are no UTF-8, and a character cut by chunks, pass as they are', () => {
    const input = Buffer.concat([Buffer.from('\u{1f600}'), Buffer.from([0xff, 0xfe, 0x80, 0]), randomBytes(5000)]);
    const before = createHash('sha256').update(input).digest('hex');
    const draw = dice(1);
    for (const chunks of cuts(input, () => 1 + draw(50))) {
      const after = passed(streamRedactor([PASS]).stream(), chunks);
      expect(createHash('sha256').update(after).digest('hex')).toBe(before);
    }
  });
});

describe('by name and in parts, when asked for', () => {
  test('the name of the leftmost, longest one', () => {
    const redactor = streamRedactor(['abcdefgh', 'abcdefghijkl', 'hijklmnop'], { showNames: true });
    const input = 'abcdefgh abcdefghijkl abcdefghijklmnop hijklmnop';
    const expected = '[REDACTED:VALUE_0] [REDACTED:VALUE_1] [REDACTED:VALUE_1] [REDACTED:VALUE_2]';
    for (const chunks of cuts(Buffer.from(input), () => 3))
      expect(passed(redactor.stream(), chunks).toString()).toBe(expected);
  });

  test.each([
    ['svc-account:hunter2-hunter2', 'svc-account and hunter2-hunter2'],
    ['https://service-user:p%40ss-word-1@host/x', 'service-user and p@ss-word-1'],
  ])('the parts of %s', (value, input) => {
    expect(passed(streamRedactor([value]).stream(), [Buffer.from(input)]).toString()).toBe(input);
    const redactor = streamRedactor([value], { splitPairs: true });
    expect(passed(redactor.stream(), [Buffer.from(input)]).toString()).toBe(`${M} and ${M}`);
  });
});

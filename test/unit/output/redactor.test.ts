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

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
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
    ['a rule in a value', ['a long line\n----------\nanother line'], '-----------', '-----------'],
  ];
  test.each(BLANKS)('%s', (_, values, input, expected) => expect(redacted(values, input)).toBe(expected));
});

describe('forms', () => {
  const TABLE: readonly Row[] = [
    [
      'base64',
      ['bytes+that/give??>>~~'],
      `${base64('bytes+that/give??>>~~')} ${Buffer.from('bytes+that/give??>>~~').toString('base64url')}`,
      `${M} ${M}`,
    ],
    ['base64 with a line end', [PASS], base64(`${PASS}\n`), M],
    [
      'hex',
      [PASS],
      `${Buffer.from(PASS).toString('hex')} ${Buffer.from(PASS).toString('hex').toUpperCase()}`,
      `${M} ${M}`,
    ],
    ['dollars doubled', ['a$build$$x1'], 'a$$build$$$$x1', M],
    ['percent', ['Pass word 123!'], 'Pass%20word%20123%21 Pass+word+123%21 Pass%20word%20123!', `${M} ${M} ${M}`],
    ['percent, lower case', ['p/a?b&c=d e%f'], 'x=p%2fa%3fb%26c%3dd%20e%25f', `x=${M}`],
    ['percent, in a path', ['p/a b/c#d e'], '/p/a%20b/c%23d%20e', `/${M}`],
    ['JSON', ['Pass"word"123!'], 'Pass\\"word\\"123!', M],
    ['XML', ['Pass"word"123!'], 'Pass&quot;word&quot;123! Pass&#34;word&#34;123!', `${M} ${M}`],
    [
      'XML and JSON of signs',
      ['Pass<word>&123'],
      'Pass&lt;word&gt;&amp;123 Pass\\u003cword\\u003e\\u0026123',
      `${M} ${M}`,
    ],
    ['JSON with slashes', ['https://host/path'], 'https:\\/\\/host\\/path', M],
    [
      'shells',
      ["Pass'word'123!"],
      `'Pass'\\''word'\\''123!' 'Pass'"'"'word'"'"'123!' $'Pass\\'word\\'123!' Pass\\'word\\'123\\!`,
      `'${M}' '${M}' $'${M}' ${M}`,
    ],
    ['double quotes', ['a"b$c`d\\e12'], 'a\\"b\\$c\\`d\\\\e12', M],
    [
      'letters that are not ASCII',
      ['p\u00e4ssw\u00f6rd-\u00df-12'],
      'p\u00e4ssw\u00f6rd-\u00df-12 p\\u00e4ssw\\u00f6rd-\\u00df-12 p\\u00E4ssw\\u00F6rd-\\u00DF-12 p%C3%A4ssw%C3%B6rd-%C3%9F-12',
      `${M} ${M} ${M} ${M}`,
    ],
    ['another normal form', ['p\u00e4ssw\u00f6rd-12'], 'p\u00e4ssw\u00f6rd-12'.normalize('NFD'), M],
    [
      'emoji in JSON',
      ['key\u{1f600}\u{1f511}key'],
      'key\u{1f600}\u{1f511}key key\\ud83d\\ude00\\ud83d\\udd11key',
      `${M} ${M}`,
    ],
    ['PowerShell', ['a"b$c`d"e12'], 'a`"b`$c``d`"e12', M],
    ['PowerShell, cut at an ampersand', ['some&thing&longer12'], 'some&thing&\u001b[0mlonger12', `${M}\u001b[0m${M}`],
    ['cmd', ['a&b|c<d>e^f%g'], 'a^&b^|c^<d^>e^^f%%g', M],
    ['Go', ['one\ttwo"\u00e4\u0001'], 'one\\ttwo\\"\u00e4\\x01 one\\ttwo\\"\\u00e4\\x01', `${M} ${M}`],
    ['Java properties', ['user=a:b#c!d'], 'user\\=a\\:b\\#c\\!d', M],
    [
      'leaves of JSON',
      ['{"user":"svc-account","in":{"key":"AKIA0123456789"},"n":7,"d":"true"}'],
      'svc-account AKIA0123456789 7 true',
      `${M} ${M} 7 true`,
    ],
    ['JSON printed anew', ['{"user":"svc-account"}'], '{\n  "user": "svc-account"\n}', `{\n  "user": "${M}"\n}`],
    ['base64 in a URL', ['bytes+that/give??>>~~'], encodeURIComponent(base64('bytes+that/give??>>~~')), M],
    ['short ones, quoted', ["p'w;1"], `+ 'p'\\''w;1'`, `+ '${M}'`],
  ];
  test.each(TABLE)('%s', (_, values, input, expected) => expect(redacted(values, input)).toBe(expected));

  test.each([1, 2, 3, 4, 5])('base64 behind %i other bytes: what is left has no whole byte of it', (before) => {
    const encoded = base64(`${'abcde'.slice(0, before)}:${PASS}`);
    const result = redacted([PASS], encoded);
    expect(result).toContain(M);
    expect(result.replace(M, '').length).toBeLessThanOrEqual(Math.ceil(((before + 1) * 8) / 6) + 4);
  });

  test.each([64, 76])('base64 broken after %i columns', (width) => {
    const value = randomBytes(200).toString('hex');
    for (const end of ['\n', '\r\n']) {
      const lines = base64(value).match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
      const result = redacted([value], `x\n${lines.join(end)}\ny`);
      expect(result.replaceAll(M, '').replace(/\s+/g, ' ')).toBe('x y');
      expect(result).toContain(M);
    }
  });

  test('UTF-16 and its base64', () => {
    const wide = Buffer.from(PASS, 'utf16le');
    expect(redacted([PASS], Buffer.concat([wide, Buffer.from(` ${wide.toString('base64')}`)]))).toBe(`${M} ${M}`);
  });

  test('bytes that are no text', () => {
    const value = Buffer.from([0, 255, 254, 1, 2, 0, 200, 199, 198, 197]);
    expect(redacted([value], Buffer.concat([Buffer.from('<'), value, Buffer.from(`> ${value.toString('hex')}`)]))).toBe(
      `<${M}> ${M}`,
    );
  });

  test('the signature of a token by itself', () => {
    const signature = randomBytes(64).toString('base64url');
    expect(redacted([`eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.${signature}`], `x ${signature} y`)).toBe(`x ${M} y`);
  });
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

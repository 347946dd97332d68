import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
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

const PASS = 'Password123!';

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
    ['Ruby and fastlane', ['P@s:w;x,y=1&\u00e4\nb'], "P@s:w\\;x,y\\=1\\&\\\u00e4'\n'b", M],
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
    ['PowerShell, parts of six bytes', ['a&long1&secret'], 'a&long1&\u001b[96msecret', `${M}\u001b[96m${M}`],
    ['PowerShell, parts that are shorter', ['s&cr&t+x&12'], 's&cr&t+x&\u001b[0m12', `${M}\u001b[0m12`],
    [
      'PowerShell, cut at an ampersand and a plus',
      ['secret1&+secret2&secret3'],
      'secret1&+\u001b[96ms\u001b[0mecret2&secret3',
      `${M}\u001b[96ms\u001b[0m${M}`,
    ],
    ['cmd', ['a&b|c<d>e^f%g'], 'a^&b^|c^<d^>e^^f%%g', M],
    ['Go', ['one\ttwo"\u00e4\u0001'], 'one\\ttwo\\"\u00e4\\x01 one\\ttwo\\"\\u00e4\\x01', `${M} ${M}`],
    ['.NET', ['P"w\'o+r&d<1>`\u00e4'], 'P\\u0022w\\u0027o\\u002Br\\u0026d\\u003C1\\u003E\\u0060\\u00E4', M],
    [
      'Python and YAML',
      ['p\u00e4ss\u6f22w-\u{1f511}'],
      'p\\xe4ss\\u6f22w-\\U0001f511 p\\xE4ss\\u6F22w-\\U0001F511',
      `${M} ${M}`,
    ],
    [
      'Mustache and Handlebars',
      ['bytes/of=a`key=='],
      'bytes&#x2F;of&#x3D;a&#x60;key&#x3D;&#x3D; bytes/of&#x3D;a&#x60;key&#x3D;&#x3D;',
      `${M} ${M}`,
    ],
    ['data of a GitHub command', ['50%/of it\nand'], '::debug::50%25/of it%0Aand', `::debug::${M}`],
    [
      'JSON in a URL',
      ['Pass"word"123!'],
      encodeURIComponent('{"a":"Pass\\"word\\"123!"}'),
      `%7B%22a%22%3A%22${M}%22%7D`,
    ],
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

  test.each([
    'Zk+/9x=abc/DEF+gh==',
    'P@ss:w0rd;x,y=1&2',
    "a!b$c(d)e*f'g~hij",
    'p%41q#r?s[t]u{v}w|x^`',
    'it "is" <a> \u00e4\u{1f511}',
  ])('each part of a URL by the URL standard: %s', (value) => {
    const url = new URL('https://host/');
    url.password = value;
    url.pathname = `/${value}`;
    url.search = `a=${value}`;
    const more = new URL('https://host/');
    more.searchParams.set('a', value);
    expect(redacted([value], `${url.href} ${more.href}`)).toBe(`https://:${M}@host/${M}?a=${M} https://host/?a=${M}`);
  });

  test.each([
    ['user part', 'https://u:Zk+%2F9x=a%3Aa%40b&c@h'],
    ['segment', 'Zk+%2F9x=a:a@b&c'],
    ['path', 'https://h/Zk+/9x=a:a@b&c'],
    ['query', 'Zk%2B%2F9x%3Da%3Aa%40b%26c'],
  ])('what Go makes of it in a URL: %s', (_, input) => {
    expect(redacted(['Zk+/9x=a:a@b&c'], input)).toBe(input.replace(/Zk.*c(?=@|$)/, M));
  });

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

  test.each(['', 'a', 'ab'])('base64 of JSON that holds it, behind %j', (before) => {
    const value = 'Pass"word"1234567\nand more of it';
    const result = redacted([value], base64(JSON.stringify({ [before]: value })));
    expect(result).toMatch(/^[\w+/]{0,12}\[REDACTED\][\w+/=]{0,8}$/);
  });

  test.each(['', '\n', ' ', PASS])('base64 of it and %j: no eight letters of its own are left', (behind) => {
    const encoded = base64(`${PASS}${behind}`);
    const left = redacted([PASS], encoded).replaceAll(M, ' ');
    expect(left.length).toBeLessThan(encoded.length / 2);
    for (let at = 0; at + 8 <= encoded.length; at++) expect(left).not.toContain(encoded.slice(at, at + 8));
  });

  test.each(['', 'a', 'ab', 'abc', 'abcd', 'abcde'])('base64url of bytes without letters, behind %j', (before) => {
    const value = Buffer.from('fbefbefffefdf3cfbffbefbeff', 'hex');
    const encoded = Buffer.concat([Buffer.from(`${before}:`), value]).toString('base64url');
    const left = redacted([value], encoded).replaceAll(M, '');
    expect(left.length).toBeLessThanOrEqual(Math.ceil(((before.length + 1) * 8) / 6) + 4);
  });

  test('of a short one not: what is left of its base64 would be found anywhere', () => {
    const encoded = base64('x7Qz!');
    expect(redacted(['x7Qz!'], `${encoded} ${base64('a:x7Qz!')}`)).toBe(`${encoded} ${base64('a:x7Qz!')}`);
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

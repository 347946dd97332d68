import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { openMessageEngine } from '../../../src/output/message-engine.ts';
import type { Redact } from '../../../src/output/types.ts';
import { canary, findLeaks } from '../../support/canaries.ts';
import { effort } from '../../support/effort.ts';

function engineFor(secret: string | Buffer, ...shown: readonly string[]): Redact {
  return openMessageEngine([new Sensitive(secret)], shown);
}

function redacted(secret: string | Buffer, text: string): string {
  return engineFor(secret)(text);
}

function shifted(secret: string, shift: number): string {
  return Buffer.from(`${'x'.repeat(shift)}${secret}yz`).toString('base64');
}

const SECRET = 'p4ss/w0rd "quoted" ü+?~';

describe('spellings of a secret that do not pass', () => {
  const TABLE: readonly [name: string, text: string][] = [
    ['as it is', SECRET],
    ['base64', Buffer.from(SECRET).toString('base64')],
    ['base64url', Buffer.from(SECRET).toString('base64url')],
    ['hex', Buffer.from(SECRET).toString('hex')],
    ['HEX', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['in capitals, as a header or a host name may show it', SECRET.toUpperCase()],
    ['base64 in lower case', Buffer.from(SECRET).toString('base64').toLowerCase()],
    ['percent-encoded, lower case', encodeURIComponent(SECRET).replace(/%../g, (code) => code.toLowerCase())],
    ['JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['XML', SECRET.replaceAll('"', '&quot;')],
    ['in a form of HTML', new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ['quoted by a shell', SECRET.replace(/[ "?]/g, '\\$&')],
  ];

  test.each(TABLE)('%s', (_name, text) =>
    expect(redacted(SECRET, `before ${text} after`)).toBe('before [REDACTED] after'),
  );

  test.each([1, 2])('base64 of it behind %i other bytes, but for what the neighbours have a part in', (shift) => {
    expect(redacted(SECRET, `<${shifted(SECRET, shift)}>`)).toMatch(
      /^<[A-Za-z0-9+/]{2,3}\[REDACTED\][A-Za-z0-9+/=]{1,6}>$/,
    );
  });

  test('each line of a value of several lines, short ones too', () => {
    const value = 'first line here\n{\nabcd\r\n  key: 5\n';
    expect(redacted(value, 'a first line here b abcd c key: 5 d { e')).toBe(
      'a [REDACTED] b [REDACTED] c [REDACTED] d { e',
    );
  });

  test('eight characters in a row of it, and not seven', () => {
    expect(redacted('abcdefghijklmnop', 'cut: cdefghij…')).toBe('cut: [REDACTED]…');
    expect(redacted('abcdefghijklmnop', 'cut: cdefghi…')).toBe('cut: cdefghi…');
  });

  test('a token cut short by a message, and its parts', () => {
    const jwt = `eyJhbGciOiJSUzI1NiJ9.${canary(400)}.${canary(60)}`;
    expect(redacted(jwt, `got ${jwt.slice(0, 200)}…`)).toBe('got [REDACTED]…');
    expect(redacted(jwt, `got ${jwt.split('.')[1] ?? ''}`)).toBe('got [REDACTED]');
  });

  test('overlapping secrets leave no rest', () => {
    const redact = openMessageEngine([new Sensitive('abcdefghijkl'), new Sensitive('ijklmnopqrst')], []);
    expect(redact('<abcdefghijklmnopqrst>')).toBe('<[REDACTED]>');
  });

  test('binary values in hex and base64', () => {
    const bytes = Buffer.from([0, 255, 254, 1, 2, 3, 200, 199, 198, 197]);
    expect(redacted(bytes, `x ${bytes.toString('hex')} ${bytes.toString('base64')}`)).toBe('x [REDACTED] [REDACTED]');
  });

  test('a value of four characters, everywhere', () =>
    expect(redacted('x7Qz', 'ax7Qzb x7Qz')).toBe('a[REDACTED]b [REDACTED]'));

  test('a value of one character again and again', () => {
    expect(redacted('aaaaaaaaaaaab', 'x aaaaaaaaaaaab y')).toBe('x [REDACTED] y');
  });
});

describe('what is not hidden', () => {
  test.each(['1', 'ab', 'yes', 'true', 'false', 'null', 'TRUE', '', '   ', '----'])(
    '%j does not eat messages',
    (value) => {
      const message = 'this is true: 1 of 2 yes, null ---- ab false TRUE   ';
      expect(redacted(value, message)).toBe(message);
    },
  );

  test('a rule in a value does not eat rules in messages', () => {
    expect(redacted('----------a1b2c3d4', 'x ----------- y')).toBe('x ----------- y');
  });
});

describe('what the user wrote stays readable', () => {
  function shown(secret: string, text: string, ...known: readonly string[]): string {
    return engineFor(secret, ...known)(text);
  }

  test.each([
    ['a reference', '{username:u}', 'U: prod/db#username: the value is not JSON', 'prod/db#username'],
    ['in quotes', '{"prod/db/x": 1}', 'the reference "prod/db/x": no', 'prod/db/x'],
    ['a name', 'DATABASE_URL=x', 'DATABASE_URL: prod/a: no such field', 'DATABASE_URL'],
    [
      'in the path of a URL',
      'ask db%2Fpassword1',
      'GET https://h/secrets/a/prod%2Fdb%2Fpassword1 broke off',
      'prod/db/password1',
    ],
    ['segment by segment', 'x my%20secrets', 'GET https://h/v1/kv/my%20secrets/a broke off', 'kv/my secrets/a'],
    ['a host', 'postgres://vault.example.test/', 'POST https://vault.example.test/login', 'https://vault.example.test'],
  ])('%s', (_, secret, text, known) => {
    expect(shown(secret, text)).toContain('[REDACTED]');
    expect(shown(secret, text, known)).toBe(text);
  });

  test('but not where more of a secret stands there than that', () => {
    const secret = 'usernameS3cretPassw0rd';
    expect(shown(secret, `a: prod/db#${secret}`, 'prod/db#username')).toBe('a: prod/db#[REDACTED]');
    expect(shown(secret, 'bad value S3cretPassw0rd', 'prod/db#username')).toBe('bad value [REDACTED]');
    expect(shown(secret, 'bad value username', 'prod/db#username')).toBe('bad value [REDACTED]');
    expect(shown('prod/db: hidden', 'x prod/db: hidden y', 'prod/db')).toBe('x [REDACTED] y');
  });

  test('nor by a name that is a part of a secret, or empty', () => {
    expect(shown('abcdefghijklmnop', 'x abcdefghijklmnop y', 'efgh', '', 'abcdefghijklmno')).toBe('x [REDACTED] y');
  });
});

test('random secrets leave nothing in six spellings, wherever they stand', () => {
  const printable = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 20 });
  fc.assert(
    fc.property(printable, printable, fc.integer({ min: 9, max: 64 }), (before, after, length) => {
      const secret = canary(length);
      const redact = engineFor(secret);
      const forms = [
        secret,
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('hex'),
        encodeURIComponent(secret),
      ];
      const line = redact(forms.map((form) => `${before}${form}${after}`).join(' '));
      expect(findLeaks('line', line, [secret])).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('a megabyte to hide takes no longer than a person waits', async () => {
  const big = Buffer.alloc(1 << 20, canary(64));
  const redact = engineFor(big);
  let line = '';
  const spent = await effort(() => (line = redact(`x ${big.toString('latin1', 1000, 1100)} y`)));
  expect(line).toBe('x [REDACTED] y');
  expect(spent).toBeLessThan(6000);
});

describe('a big secret', () => {
  const seed = canary(1 << 17);
  const big = Buffer.from([...Array(80).keys()].map((turn) => `${turn} é€ ${seed.slice(turn)}`).join('/'));

  test('leaves no eight characters in any spelling, wherever it was taken apart', () => {
    const some = big.subarray(0, 200_000);
    const redact = engineFor(some);
    const cuts = [...Array(60).keys()].map((turn) => 24_570 + turn + 24_576 * (turn % 7));
    const pieces = cuts.map((at) => some.subarray(at, at + 12).toString('latin1'));
    for (const spelled of [pieces, pieces.map((one) => Buffer.from(one).toString('hex'))]) {
      expect(redact(spelled.join(' '))).not.toMatch(/[0-9a-f]{8}/);
    }
  });

  test('takes no more than a few seconds for a message', async () => {
    const redact = engineFor(big);
    let line = 'a message of the usual length, which has nothing of the secret in it';
    const spent = await effort(() => (line = redact(line)));
    expect(line).not.toMatch(/REDACTED/);
    expect(spent).toBeLessThan(5000);
  });

  test('may be one character again and again', () => {
    expect(redacted(Buffer.alloc(10 << 20, 1), 'x \u0001\u0001 y')).toBe('x \u0001\u0001 y');
  });
});

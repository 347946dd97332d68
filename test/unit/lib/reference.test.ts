import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Reason, SecretctlError } from '../../../src/lib/errors.ts';
import { deriveName, formatReference, parseField, parseReference, referenceOf } from '../../../src/lib/reference.ts';

const CONTEXT = { backends: ['conjur', 'forti'], defaultBackend: 'conjur' };

function reasonOf(work: () => unknown): Reason | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof SecretctlError) return error.reason;
    throw error;
  }
  return undefined;
}

describe('the parts of a reference', () => {
  test.each([
    ['prod/db/password', { backend: 'conjur', path: 'prod/db/password', field: [] }],
    ['forti:17', { backend: 'forti', path: '17', field: [] }],
    ['conjur:prod/db#username', { backend: 'conjur', path: 'prod/db', field: ['username'] }],
    ['prod/db?version=3#a.b', { backend: 'conjur', path: 'prod/db', version: 3, field: ['a', 'b'] }],
    // Only a configured backend is a prefix: Conjur ids may hold colons.
    ['vault:prod/db', { backend: 'conjur', path: 'vault:prod/db', field: [] }],
    ['acct:variable:x', { backend: 'conjur', path: 'acct:variable:x', field: [] }],
    ['conjur:forti:17', { backend: 'conjur', path: 'forti:17', field: [] }],
    ['forti%3A17', { backend: 'conjur', path: 'forti:17', field: [] }],
    ['a%23b%3Fc%25d', { backend: 'conjur', path: 'a#b?c%d', field: [] }],
    ['prod/p%C3%A4ss', { backend: 'conjur', path: 'prod/päss', field: [] }],
    ['x#a."b.c".d', { backend: 'conjur', path: 'x', field: ['a', 'b.c', 'd'] }],
    ['x#"a.b".c', { backend: 'conjur', path: 'x', field: ['a.b', 'c'] }],
    [String.raw`x#"say \"hi\" \\"`, { backend: 'conjur', path: 'x', field: [String.raw`say "hi" \ `.trim()] }],
    ['x#a%2Eb', { backend: 'conjur', path: 'x', field: ['a.b'] }],
    ['x#"a?b#c"', { backend: 'conjur', path: 'x', field: ['a?b#c'] }],
    ['x#*', { backend: 'conjur', path: 'x', field: [], every: true }],
    ['x#a.*', { backend: 'conjur', path: 'x', field: ['a'], every: true }],
    ['x#"*"', { backend: 'conjur', path: 'x', field: ['*'] }],
    ['x#*.a', { backend: 'conjur', path: 'x', field: ['*', 'a'] }],
    ['x#items.0', { backend: 'conjur', path: 'x', field: ['items', '0'] }],
    ['a b/c,d', { backend: 'conjur', path: 'a b/c,d', field: [] }],
    ['a..b/...', { backend: 'conjur', path: 'a..b/...', field: [] }],
    ['x'.repeat(4096), { backend: 'conjur', path: 'x'.repeat(4096), field: [] }],
  ])('%s', (text, parts) => {
    expect(parseReference(text, CONTEXT)).toEqual({ ...parts, text });
  });
});

describe('what is no reference', () => {
  test.each([
    ['empty', ''],
    ['5,000 characters', 'x'.repeat(5000)],
    ['a newline', 'a\nb'],
    ['an encoded newline', 'a%0Ab'],
    ['an encoded NUL', 'a%00b'],
    ['a line separator', 'a\u2028b'],
    ['half a character', 'a\ud800'],
    ['a parent segment', 'a/../b'],
    ['a leading parent segment', '../b'],
    ['an encoded parent segment', 'a/%2e%2E/b'],
    ['an encoded slash around it', 'a%2F..%2Fb'],
    ['a backslash around it', String.raw`a\..\b`],
    ['a dot segment', './a'],
    ['no path', 'conjur:'],
    ['only a slash', '/'],
    ['no path but a field', '#a'],
    ['an unknown query', 'a?stage=x'],
    ['version 0', 'a?version=0'],
    ['version of text', 'a?version=x'],
    ['two versions', 'a?version=1&version=2'],
    ['a stray percent', 'a%zz'],
    ['bad UTF-8', 'a%ff'],
    ['an empty field', 'a#'],
    ['an empty field segment', 'a#b..c'],
    ['a dot at the end', 'a#b.'],
    ['an unclosed quote', 'a#"b'],
    ['text after a quote', 'a#"b"c'],
    ['the version after the field', 'a#b?version=1'],
  ])('%s', (_, text) => {
    expect(reasonOf(() => parseReference(text, CONTEXT))).toBe('REFERENCE_INVALID');
  });

  test('with the form of a reference as a hint', () => {
    expect(() => parseReference('a?version=x', CONTEXT)).toThrow(
      expect.objectContaining({ hints: [expect.stringContaining('[BACKEND:]PATH[?version=N][#FIELD]')] }),
    );
  });

  test('without a prefix where no backend is the default', () => {
    const several = { backends: ['a', 'b'], defaultBackend: undefined };
    expect(reasonOf(() => parseReference('x/y', several))).toBe('REFERENCE_INVALID');
    expect(parseReference('b:x/y', several).backend).toBe('b');
  });
});

describe('the name of a bare reference', () => {
  test.each([
    ['prod/db/password', 'PASSWORD'],
    ['prod/db', 'DB'],
    ['prod/db-user.name', 'DB_USER_NAME'],
    ['prod/2fa', '_2FA'],
    ['a:b/c:d', 'C_D'],
    ['prod/päss', 'P_SS'],
    ['prod/x😀y', 'X_Y'],
    ['prod/db/', 'DB'],
  ])('%s -> %s', (path, name) => {
    expect(deriveName({ path, text: path })).toBe(name);
  });

  test.each(['prod/😀', '-', `a/${'x'.repeat(300)}`])('none can be made from %s', (path) => {
    expect(reasonOf(() => deriveName({ path, text: path }))).toBe('NAME_INVALID');
  });
});

const segment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((one) => one.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}/\\]/u.test(one) && one !== '.' && one !== '..');
const reference = fc.record({
  backend: fc.constantFrom('conjur', 'forti'),
  path: fc.oneof(
    fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    fc.constantFrom('forti:17', 'conjur:x', 'a%41#?'),
  ),
  version: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
  field: fc.array(
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
      .filter((one) => one.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(one)),
    { maxLength: 3 },
  ),
});

test('what is formatted is parsed back to the same parts', () => {
  fc.assert(
    fc.property(reference, ({ version, ...rest }) => {
      const parts = { ...rest, ...(version !== undefined && { version }) };
      const text = formatReference(parts, CONTEXT);
      expect(parseReference(text, CONTEXT)).toEqual({ ...parts, text });
      expect(referenceOf(parts, CONTEXT)).toEqual({ ...parts, text });
    }),
    { numRuns: 2000 },
  );
});

test('no text makes the parsers throw anything but their own refusals', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const reason = reasonOf(() => deriveName(parseReference(text, CONTEXT)));
      expect([undefined, 'REFERENCE_INVALID', 'NAME_INVALID']).toContain(reason);
      expect([undefined, 'REFERENCE_INVALID']).toContain(reasonOf(() => parseField(text)));
    }),
    { numRuns: 5000 },
  );
});

test('a message never repeats a control character', () => {
  expect.assertions(1);
  try {
    parseReference('a\u001b[31mb', CONTEXT);
  } catch (error) {
    expect(error instanceof Error && error.message).not.toContain('\u001b');
  }
});

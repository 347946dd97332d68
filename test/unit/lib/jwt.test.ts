import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Reason, SecretctlError } from '../../../src/lib/errors.ts';
import { createIssuerKey, readToken, signToken, verifySignature } from '../../../src/lib/jwt.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { craftToken, fineClaims, RS256 } from '../../support/craft.ts';

const GOOD = craftToken(RS256, fineClaims());

function refusal(token: string | Buffer): SecretctlError {
  try {
    readToken(new Sensitive(token), 'variable X');
  } catch (error) {
    if (error instanceof SecretctlError) return error;
    throw error;
  }
  throw new Error('the token was accepted');
}

function utf16(text: string): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
}

describe('a token that is read', () => {
  test.each([
    ['as it is', GOOD],
    ['with a line feed', `${GOOD}\n`],
    ['with CR and LF', `${GOOD}\r\n`],
  ])('%s', (_, text) => {
    const token = readToken(new Sensitive(text), 'variable X');
    expect(token.jwt.reveal().toString()).toBe(GOOD);
    expect(token.claims).toMatchObject({ iss: 'https://gitlab.example.test', aud: ['https://conjur.example.test'] });
    expect(token.header).toEqual({ alg: 'RS256', kid: 'test', crit: false });
    expect(token.origin).toBe('variable X');
  });

  test('claims of every shape that the standard allows', () => {
    const claims = { aud: ['a', 'b'], exp: 1_900_000_000.5, iat: 0, jti: 7, sub: '\u001b[31m', __proto__x: {} };
    const token = readToken(new Sensitive(craftToken({ alg: 'none' }, claims, '')), 'x');
    expect(token.claims).toMatchObject({
      aud: ['a', 'b'],
      exp: 1_900_000_000.5,
      iat: 0,
      jti: undefined,
      sub: '\u001b[31m',
    });
    expect(token.claims.nbf).toBeUndefined();
  });

  test('of exactly 16 KiB, its line end not counted; one byte more is too long', () => {
    const base = craftToken(RS256, { n: 1 }, '');
    const full = base.padEnd(16_384, 'A');
    expect(readToken(new Sensitive(`${full}\n`), 'x').jwt.byteLength).toBe(16_384);
    expect(refusal(`${full}A`).reason).toBe('TOKEN_TOO_LONG');
  });
});

const json = (text: string): Buffer => Buffer.from(text);

describe('a token that is refused', () => {
  const rows: readonly (readonly [row: number, name: string, token: string | Buffer, reason: Reason, says: RegExp])[] =
    [
      [2, 'empty', '', 'TOKEN_EMPTY', /empty/],
      [2, 'only spaces', '  \t\n', 'TOKEN_EMPTY', /empty/],
      [3, '$NAME', '$CI_JOB_JWT', 'TOKEN_UNEXPANDED', /name of a variable/],
      [3, '${NAME}', '${CI_JOB_JWT}', 'TOKEN_UNEXPANDED', /name of a variable/],
      [3, '$(NAME)', '$(TOKEN)', 'TOKEN_UNEXPANDED', /name of a variable/],
      [3, '%NAME%', '%TOKEN%', 'TOKEN_UNEXPANDED', /name of a variable/],
      [3, '$env:NAME', '$env:TOKEN', 'TOKEN_UNEXPANDED', /name of a variable/],
      [5, 'Bearer', `Bearer ${GOOD}`, 'TOKEN_FORMAT', /Bearer/],
      [5, 'double quotes', `"${GOOD}"`, 'TOKEN_FORMAT', /quotes/],
      [5, 'single quotes', `'${GOOD}'`, 'TOKEN_FORMAT', /quotes/],
      [5, 'inner space', GOOD.replace('.', ' .'), 'TOKEN_FORMAT', /white space/],
      [5, 'leading space', ` ${GOOD}`, 'TOKEN_FORMAT', /white space/],
      [5, 'two line ends', `${GOOD}\n\n`, 'TOKEN_FORMAT', /white space/],
      [5, 'wrapped', GOOD.replace('.', '.\n'), 'TOKEN_FORMAT', /line break/],
      [5, 'byte order mark', `\ufeff${GOOD}`, 'TOKEN_FORMAT', /byte order mark/],
      [5, 'UTF-16', utf16(GOOD), 'TOKEN_FORMAT', /UTF-16/],
      [5, 'JSON around it', JSON.stringify({ value: GOOD }), 'TOKEN_FORMAT', /JSON object/],
      [5, 'another character', `${GOOD}ü`, 'TOKEN_FORMAT', /characters/],
      [6, 'one part', 'glpat-0123456789', 'TOKEN_FORMAT', /one part/],
      [6, 'two parts', GOOD.split('.').slice(0, 2).join('.'), 'TOKEN_FORMAT', /2 parts/],
      [6, 'four parts', `${GOOD}.AAAA`, 'TOKEN_FORMAT', /4 parts/],
      [6, 'five parts', `${GOOD}.AAAA.AAAA`, 'TOKEN_ENCRYPTED', /encrypted/],
      [6, 'no header', GOOD.slice(GOOD.indexOf('.')), 'TOKEN_FORMAT', /first part/],
      [6, 'no signature', craftToken(RS256, {}, ''), 'TOKEN_FORMAT', /signature is missing/],
      [6, 'cut signature', craftToken(RS256, {}, 'AAAAA'), 'TOKEN_FORMAT', /third part/],
      [6, 'stray bits', craftToken(RS256, {}, 'AB'), 'TOKEN_FORMAT', /third part/],
      [7, 'standard base64', `${GOOD.slice(0, -1)}+`, 'TOKEN_FORMAT', /standard base64/],
      [7, 'padding', `${GOOD}=`, 'TOKEN_FORMAT', /standard base64/],
      [8, '17 KiB', 'A'.repeat(17 * 1024), 'TOKEN_TOO_LONG', /16384/],
      [9, 'header no JSON', craftToken('nonsense', {}), 'TOKEN_CLAIMS', /header is not JSON/],
      [9, 'header null', craftToken(null, {}), 'TOKEN_CLAIMS', /header/],
      [9, 'claims an array', craftToken(RS256, []), 'TOKEN_CLAIMS', /claims set/],
      [9, 'claims a text', craftToken(RS256, json('"x"')), 'TOKEN_CLAIMS', /claims set/],
      [9, 'claims not UTF-8', craftToken(RS256, Buffer.from([0x7b, 0xff, 0x7d])), 'TOKEN_CLAIMS', /UTF-8/],
      [9, 'claims after a byte order mark', craftToken(RS256, json('\ufeff{}')), 'TOKEN_CLAIMS', /not JSON/],
      [9, 'claims with a rest', craftToken(RS256, json('{} {}')), 'TOKEN_CLAIMS', /not JSON/],
      [
        9,
        'claims 100 deep',
        craftToken(RS256, json(`{"a":${'['.repeat(100)}${']'.repeat(100)}}`)),
        'TOKEN_CLAIMS',
        /deep/,
      ],
      [9, 'no alg', craftToken({ typ: 'JWT' }, {}), 'TOKEN_CLAIMS', /alg/],
      [9, 'alg a number', craftToken({ alg: 256 }, {}), 'TOKEN_CLAIMS', /alg/],
      [9, 'iss a number', craftToken(RS256, { iss: 1 }), 'TOKEN_CLAIMS', /iss/],
      [9, 'aud a number', craftToken(RS256, { aud: 1 }), 'TOKEN_CLAIMS', /aud/],
      [9, 'aud of numbers', craftToken(RS256, { aud: ['a', 1] }), 'TOKEN_CLAIMS', /aud/],
      [14, 'exp a text', craftToken(RS256, { exp: '1900000000' }), 'TOKEN_CLAIMS', /exp/],
      [14, 'exp infinite', craftToken(RS256, json('{"exp":1e999}')), 'TOKEN_CLAIMS', /exp/],
      [14, 'exp negative', craftToken(RS256, { exp: -1 }), 'TOKEN_CLAIMS', /exp/],
      [14, 'exp null', craftToken(RS256, { exp: null }), 'TOKEN_CLAIMS', /exp/],
      [14, 'exp past every calendar', craftToken(RS256, json('{"exp":1e300}')), 'TOKEN_CLAIMS', /exp/],
      [14, 'iat a text', craftToken(RS256, { iat: 'now' }), 'TOKEN_CLAIMS', /iat/],
      [14, 'nbf true', craftToken(RS256, { nbf: true }), 'TOKEN_CLAIMS', /nbf/],
      [21, 'two aud', craftToken(RS256, json('{"aud":"a","aud":"b"}')), 'TOKEN_CLAIMS', /"aud".*twice/],
      [21, 'two exp, escaped', craftToken(RS256, json('{"exp":1,"\\u0065xp":2}')), 'TOKEN_CLAIMS', /"exp".*twice/],
      [21, 'two alg', craftToken(json('{"alg":"RS256","alg":"none"}'), {}), 'TOKEN_CLAIMS', /"alg".*twice/],
      [
        21,
        'two of another name',
        craftToken(RS256, json('{"hunter2hunter2":1,"hunter2hunter2":2}')),
        'TOKEN_CLAIMS',
        /a member/,
      ],
    ];

  test.each([
    ['nothing at all', '', /^what should fill it gave nothing/],
    ['more than a token', `Bearer ${GOOD}`, /^pass the token on as the CI issued it/],
    ['another text', 'hello', /^this is something else/],
    ['half a token', GOOD.slice(0, GOOD.lastIndexOf('.') + 1), /cut off/],
  ])('with something to do about it: %s', (_, token, hint) => {
    expect(refusal(token).hints).toEqual([expect.stringMatching(hint)]);
  });

  test.each(rows)('row %i: %s', (...[, , token, reason, says]) => {
    const error = refusal(token);
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(says);
    expect(error.message).toContain('variable X');
  });

  test.each(rows)('row %i: %s, without a byte of it in the message', (_, __, token) => {
    const shown = [refusal(token).message, ...refusal(token).hints].join('\n');
    const text = token.toString('latin1');
    for (let start = 0; start + 8 <= text.length; start += 4) expect(shown).not.toContain(text.slice(start, start + 8));
    expect(shown).not.toContain('hunter2');
  });

  test('of 10 MB, without looking at it', () => {
    const huge = new Sensitive(Buffer.alloc(10 * 1024 * 1024, 'A'));
    const decoded = vi.spyOn(Buffer.prototype, 'toString');
    onTestFinished(() => decoded.mockRestore());
    expect(() => readToken(huge, 'x')).toThrow(expect.objectContaining({ reason: 'TOKEN_TOO_LONG' }));
    expect(decoded).not.toHaveBeenCalled();
  });

  test('never in any other way', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(fc.uint8Array(), fc.uint8Array(), fc.uint8Array())
        .map((parts) => Buffer.from(parts.map(base64url).join('.'))),
      fc.tuple(fc.json(), fc.json()).map(([header, claims]) => Buffer.from(craftToken(header, claims))),
      fc.json().map((claims) => Buffer.from(craftToken(RS256, claims))),
      fc.tuple(fc.nat(GOOD.length - 1), fc.nat(255)).map(([at, byte]) => replaced(at, byte)),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          readToken(new Sensitive(bytes), 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(SecretctlError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function replaced(at: number, byte: number): Buffer {
  const bytes = Buffer.from(GOOD);
  bytes[at] = byte;
  return bytes;
}

describe('signing and verifying', () => {
  test.each(['RS256', 'ES256', 'PS384'])('%s: a signed token verifies with its key only', async (algorithm) => {
    const [key, other] = await Promise.all([createIssuerKey(algorithm), createIssuerKey(algorithm)]);
    const token = await signToken({ iss: 'https://i.example.test', exp: 1.5, gone: undefined }, key);
    expect(readToken(token, 'x').header).toEqual({ alg: algorithm, kid: key.kid, crit: false });
    const jwt = token.reveal().toString();
    const verified = await verifySignature(jwt, { keys: [other.publicJwk, key.publicJwk] }, [algorithm]);
    expect([...(verified?.claims.members.keys() ?? [])]).toEqual(['iss', 'exp']);
    expect(await verifySignature(jwt, { keys: [other.publicJwk] }, [algorithm])).toBeUndefined();
    expect(await verifySignature(jwt, { keys: [key.publicJwk] }, ['RS512'])).toBeUndefined();
    expect(
      await verifySignature(`${jwt.slice(0, -8)}AAAAAAAA`, { keys: [key.publicJwk] }, [algorithm]),
    ).toBeUndefined();
    expect(await verifySignature('nonsense', { keys: [key.publicJwk] }, [algorithm])).toBeUndefined();
  });

  test('a modulus with a zero byte in front, as Jenkins publishes it', async () => {
    const key = await createIssuerKey();
    const n = Buffer.concat([Buffer.alloc(1), Buffer.from(key.publicJwk.n ?? '', 'base64url')]).toString('base64url');
    const token = await signToken({}, key, { header: { kid: undefined } });
    expect(readToken(token, 'x').header.kid).toBeUndefined();
    expect(
      await verifySignature(token.reveal().toString(), { keys: [{ ...key.publicJwk, n }] }, ['RS256']),
    ).toBeDefined();
  });

  test('no public key holds a private part', async () => {
    const key = await createIssuerKey();
    expect(Object.keys(key.publicJwk).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });
});

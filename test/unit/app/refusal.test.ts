import { describe, expect, test } from 'vitest';
import { explainRefusal } from '../../../src/app/refusal.ts';
import { SecretctlError } from '../../../src/lib/errors.ts';
import { readToken } from '../../../src/lib/jwt.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import type { TokenSettings } from '../../../src/sources/types.ts';
import { craftToken, RS256 } from '../../support/craft.ts';

const NOW = 1_800_000_000;
const refused = new SecretctlError('AUTH_REFUSED', 'Conjur refused the login (401)', {
  hint: ['is the host enabled?', 'is the service id right?'],
  details: ['CONJ00016E'],
  requestId: 'r-1',
});

interface Case {
  readonly header?: unknown;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** By default an audience is configured, and it is the token's. */
  readonly expected?: TokenSettings;
  readonly clockOffsetMs?: number;
}

const AUDIENCE = 'https://conjur.example.test';

function explained({ header = RS256, claims = {}, expected = { audience: AUDIENCE }, clockOffsetMs = 0 }: Case = {}) {
  const jwt = craftToken(header, {
    iss: 'https://gitlab.example.test',
    aud: ['https://conjur.example.test'],
    sub: 'project_path:group/project',
    iat: NOW - 12,
    exp: NOW + 288,
    ...claims,
  });
  const token = readToken(new Sensitive(jwt), 'variable SECRETCTL_ID_TOKEN');
  const error = explainRefusal(refused, token, { expected, nowMs: NOW * 1000, clockOffsetMs });
  return { error, jwt, details: (error.facts.details ?? []).join('\n') };
}

test('everything that decides, beside what is configured', () => {
  const { error, details } = explained({
    claims: { nbf: NOW - 17 },
    expected: { audience: 'https://conjur.example.test' },
    clockOffsetMs: -75_000,
  });
  expect(error).toMatchObject({ reason: 'AUTH_REFUSED', exit: 77, message: refused.message });
  expect(error.facts.requestId).toBe('r-1');
  expect(details.split('\n')).toEqual([
    'CONJ00016E',
    'what the refused ID token (variable SECRETCTL_ID_TOKEN) says:',
    '  issuer: "https://gitlab.example.test"; none configured',
    '  audience: "https://conjur.example.test"; configured: "https://conjur.example.test"',
    '  subject: "project_path:group/project"',
    '  issued: 12 s ago (2027-01-15T07:59:48.000Z)',
    '  valid from: 17 s ago (2027-01-15T07:59:43.000Z)',
    '  expires: in 288 s (2027-01-15T08:04:48.000Z)'.replace('288 s', '5 min'),
    '  algorithm: RS256, key id "test"',
    "the server's clock: 75 s behind this machine's",
  ]);
});

describe('the likeliest cause comes first', () => {
  test.each<[string, Case, RegExp]>([
    [
      'expired on the server clock',
      { claims: { exp: NOW + 30 }, clockOffsetMs: 90_000 },
      /server's clock the token expired 60 s ago/,
    ],
    ['not yet valid there', { claims: { iat: NOW - 1 }, clockOffsetMs: -20_000 }, /becomes valid only in 19 s/],
    ['row 16: at its end', { claims: { exp: NOW + 5 } }, /only 5 s to live/],
    ['no audience', { claims: { aud: undefined } }, /no audience/],
    [
      'another audience',
      { expected: { audience: 'https://conjur.example.test/' } },
      /audience of the token is not the configured/,
    ],
    ['no issuer', { claims: { iss: undefined } }, /names no issuer/],
    [
      'another issuer',
      { expected: { audience: AUDIENCE, issuer: 'https://gitlab.example.test/' } },
      /issuer of the token is not the configured/,
    ],
    ['a bare host name as issuer', { claims: { iss: 'gitlab.example.test' } }, /bare host name/],
    ['an http: issuer', { claims: { iss: 'http://gitlab.example.test' } }, /http: URL/],
    ['a test token', { header: { alg: 'HS256' } }, /shared secret/],
    ['clocks apart', { clockOffsetMs: 90_000 }, /this machine's clock is 90 s behind the server's/],
    [
      'clocks apart, and only by the other one it has expired',
      { claims: { iat: NOW, exp: NOW + 300 }, clockOffsetMs: 1_200_000 },
      /this machine's clock is 20 min behind the server's; correct one of the clocks \(NTP\)$/,
    ],
    [
      'clocks apart, and only by the other one it is not valid yet',
      { clockOffsetMs: -1_200_000 },
      /this machine's clock is 20 min ahead of the server's; correct/,
    ],
    ['clocks apart and expired', { claims: { exp: NOW - 1, iss: 'x' }, clockOffsetMs: 90_000 }, /expired/],
  ])('%s', (_, one, says) => {
    const [first, ...others] = explained(one).error.hints;
    expect(first).toMatch(says);
    expect(first).toMatch(/^likeliest cause: /);
    expect(others).toEqual(refused.hints);
  });

  test('and where the token gives no reason, what the product itself suggests', () => {
    expect(explained().error.hints).toEqual(refused.hints);
  });
});

test('a hint where no audience was configured to be checked, after the likeliest cause and before the rest', () => {
  const hint = expect.stringMatching(/^no audience is configured here: set --audience \(token\.audience\)/);
  expect(explained({ expected: {} }).error.hints).toEqual([hint, ...refused.hints]);
  const cause = expect.stringContaining('shared secret');
  expect(explained({ expected: {}, header: { alg: 'HS256' } }).error.hints).toEqual([cause, hint, ...refused.hints]);
});

test('never a byte of the token, and nothing that acts on a terminal or a log', () => {
  const { error, jwt, details } = explained({
    claims: { sub: '\u001b]0;x\u0007\u202e::set-env name=x::', iss: undefined, exp: undefined, iat: undefined },
  });
  const shown = [details, error.message, ...error.hints].join('\n');
  for (let start = 0; start + 8 <= jwt.length; start++) expect(shown).not.toContain(jwt.slice(start, start + 8));
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]|::/);
  expect(shown).toContain('issued: not said');
});

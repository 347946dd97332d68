import { describe, expect, test } from 'vitest';
import { checkOrigins, warnOfUnboundEndpoint } from '../../../src/app/origins.ts';
import { SecretctlError } from '../../../src/lib/errors.ts';
import { readToken } from '../../../src/lib/jwt.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { craftToken, RS256 } from '../../support/craft.ts';
import { invocationIn } from '../../support/invocation.ts';

const ENDPOINT = 'https://conjur.example.test/api';

/** `allowed`, or the reason of the refusal. */
function judged(list: string | undefined, ...endpoints: readonly string[]): string {
  try {
    checkOrigins(
      endpoints.map((endpoint) => new URL(endpoint)),
      { SECRETCTL_ALLOWED_ORIGINS: list },
    );
    return 'allowed';
  } catch (error) {
    return error instanceof SecretctlError ? error.reason : String(error);
  }
}

describe('SECRETCTL_ALLOWED_ORIGINS', () => {
  test.each<[string, string | undefined, readonly string[], string]>([
    ['no list', undefined, [ENDPOINT], 'allowed'],
    ['an empty list', '', [ENDPOINT], 'ENDPOINT_NOT_ALLOWED'],
    ['on it', 'https://conjur.example.test', [ENDPOINT], 'allowed'],
    [
      'on it, with a slash, capitals, the port and others',
      ' https://a.test,HTTPS://Conjur.Example.test:443/ ',
      [ENDPOINT],
      'allowed',
    ],
    ['another host', 'https://conjur.example.test.evil.test', [ENDPOINT], 'ENDPOINT_NOT_ALLOWED'],
    ['a host below', 'https://example.test', [ENDPOINT], 'ENDPOINT_NOT_ALLOWED'],
    ['another port', 'https://conjur.example.test:8443', [ENDPOINT], 'ENDPOINT_NOT_ALLOWED'],
    ['another scheme', 'http://conjur.example.test', [ENDPOINT], 'ENDPOINT_NOT_ALLOWED'],
    ['a fallback that is not', 'https://conjur.example.test', [ENDPOINT, 'https://b.test'], 'ENDPOINT_NOT_ALLOWED'],
    ['a host name', 'conjur.example.test', [ENDPOINT], 'CONFIG_INVALID'],
    ['a path', 'https://conjur.example.test/api', [ENDPOINT], 'CONFIG_INVALID'],
    ['a wildcard', '*', [ENDPOINT], 'CONFIG_INVALID'],
    ['user and password', 'https://u:p@conjur.example.test', [ENDPOINT], 'CONFIG_INVALID'],
  ])('%s', (...[, list, endpoints, outcome]) => {
    expect(judged(list, ...endpoints)).toBe(outcome);
  });
});

test('a list that cannot be read does not show a password', () => {
  const list = { SECRETCTL_ALLOWED_ORIGINS: 'https://us3r:pa55@conjur.example.test' };
  expect(() => checkOrigins([new URL(ENDPOINT)], list)).toThrow(
    expect.objectContaining({ message: expect.not.stringMatching(/us3r|pa55/) }),
  );
});

describe('an endpoint that only a file names', () => {
  test.each<[string, unknown, boolean]>([
    ['another audience', 'https://vault.example.test', true],
    ['an audience that begins alike', 'https://conjur.example.test.evil.test', true],
    ['a word as audience', 'conjur', true],
    ['none', undefined, true],
    ['its URL as audience', 'https://conjur.example.test/other', false],
    ['its host as audience', 'conjur.example.test', false],
    ['several audiences, one of them its own', ['x', 'https://conjur.example.test'], false],
  ])('%s: warning %s', (_, aud, isWarned) => {
    const { claims } = readToken(new Sensitive(craftToken(RS256, { aud })), 'x');
    const invocation = invocationIn();
    warnOfUnboundEndpoint(new URL(ENDPOINT), claims.aud, invocation);
    expect(invocation.lines.length > 0).toBe(isWarned);
    const listed = invocationIn({ env: { SECRETCTL_ALLOWED_ORIGINS: 'https://conjur.example.test' } });
    warnOfUnboundEndpoint(new URL(ENDPOINT), claims.aud, listed);
    expect(listed.lines).toEqual([]);
  });
});

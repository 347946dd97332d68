import { expect, test } from 'vitest';
import { fortipam } from '../../../../src/backends/fortipam/index.ts';
import type { SettingsFault } from '../../../../src/backends/types.ts';
import { SettingFault } from '../../../../src/lib/settings.ts';
import { settingValues } from '../../../support/rehearsed-backend.ts';

const { settings } = fortipam;

test.each<[keyof typeof settings, string, unknown]>([
  ['login-path', '/api/v2/auth/jwt/login', '/api/v2/auth/jwt/login'],
  ['login-path', '/auth/.well-known', '/auth/.well-known'],
  ['token-lifetime', '10m', 600_000],
  ['token-lifetime', '90s', 90_000],
  ['answer-token-fields', 'a.b.c, token', ['a.b.c', 'token']],
  ['vdom', 'root', 'root'],
])('%s takes %s', (key, text, value) => {
  expect(settings[key].parser.parse(text)).toEqual(value);
});

test.each<[keyof typeof settings, string]>([
  ['login-path', 'auth/jwt/login'],
  ['login-path', '/auth//login'],
  ['login-path', '/auth/../login'],
  ['login-path', '/auth/.'],
  ['login-path', '/auth?x=1'],
  ['login-path', '/auth%2f'],
  ['api-path', '/api/v2/'],
  ['token-lifetime', '11m'],
  ['token-lifetime', '1h'],
  ['answer-token-fields', 'a..b'],
  ['answer-expiry-fields', ''],
  ['vdom', 'a&b=c'],
  ['login-format', 'xml'],
  ['check-out', 'true'],
])('%s does not take %s', (key, text) => {
  expect(() => settings[key].parser.parse(text)).toThrow(SettingFault);
});

test('every setting that guesses says so', () => {
  const guesses = Object.entries(settings).filter(([key]) => /^(?:login|answer)-|^user$/.test(key));
  expect(guesses).toHaveLength(7);
  expect(guesses.filter(([, row]) => !row.help.includes('not verified'))).toEqual([]);
});

test('two login fields of one name are a fault', () => {
  const url = new URL('https://fortipam.example.com');
  const faultsOf = (given: Readonly<Record<string, string>>): readonly SettingsFault[] => {
    const { check } = fortipam as { check(...of: [URL, unknown]): readonly SettingsFault[] };
    return check(url, settingValues(fortipam, given));
  };
  expect(faultsOf({})).toEqual([]);
  expect(faultsOf({ user: 'ci' })).toEqual([]);
  expect(faultsOf({ user: 'ci', 'login-user-field': 'jwt' })).toEqual([expect.stringContaining('same field')]);
});

import { describe, expect, test } from 'vitest';
import { venafi } from '../../../../src/backends/venafi/index.ts';
import { SettingFault } from '../../../../src/lib/settings.ts';
import { refs, settingValues } from '../../../support/rehearsed-backend.ts';
import { rehearse, WWW } from './rehearsed.ts';

const answered = (fields: Readonly<Record<string, unknown>>): string => `exchange:200;body=${JSON.stringify(fields)}`;
const FINE = { access_token: 'abc', token_type: 'bearer', expires_in: 900 };

describe('the access token', () => {
  test('lives as long as the answer says', async () => {
    const { logIn } = await rehearse({ backendWorld: { now: () => 1_000_000 } });
    expect(await logIn()).toMatchObject({ expiresAtMs: 1_900_000, lifetimeSeconds: 900 });
  });

  test.each([
    ['Bearer', { ...FINE, token_type: 'Bearer' }, 900],
    ['BEARER, and a scope', { ...FINE, token_type: 'BEARER', scope: 'x' }, 900],
    ['no end', { access_token: 'abc', token_type: 'bearer' }, undefined],
  ])('%s', async (_, fields, lifetimeSeconds) => {
    const { logIn } = await rehearse({ faults: [answered(fields)] });
    expect(await logIn()).toMatchObject({ lifetimeSeconds });
  });

  test.each([
    ['another type', { ...FINE, token_type: 'mac' }],
    ['no type', { access_token: 'abc', expires_in: 900 }],
    ['no token', { token_type: 'bearer', expires_in: 900 }],
    ['a number', { ...FINE, access_token: 5 }],
    ['an empty one', { ...FINE, access_token: '' }],
    ['a space in it', { ...FINE, access_token: 'a b' }],
    ['a line feed in it', { ...FINE, access_token: 'a\nb' }],
    ['a letter that no header has', { ...FINE, access_token: 'aé' }],
    ['a life in text', { ...FINE, expires_in: '900' }],
    ['a negative life', { ...FINE, expires_in: -1 }],
    ['a life without end', { ...FINE, expires_in: 1e12 }],
  ])('%s is none', async (_, fields) => {
    const { logIn } = await rehearse({ faults: [answered(fields)] });
    await expect(logIn()).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  });

  test('two of them are none', async () => {
    const { logIn } = await rehearse({
      faults: ['exchange:200;body={"access_token":"a","token_type":"bearer","access_token":"b"}'],
    });
    await expect(logIn()).rejects.toMatchObject({ reason: 'UNEXPECTED_ANSWER' });
  });
});

describe('a refusal', () => {
  test.each([
    [
      'OAuth form',
      '400',
      '{"error":"invalid_client","error_description":"no such account"}',
      /"invalid_client: no such account"/,
    ],
    ["the product's form", '403', '{"errors":[{"code":1,"message":"no","args":[]}]}', /403 "1: no"/],
    ['no words', '401', '', /401$/],
  ])('in %s', async (_, status, body, says) => {
    const { logIn } = await rehearse({ faults: [`exchange:${status};body=${body}`] });
    await expect(logIn()).rejects.toMatchObject({ reason: 'AUTH_REFUSED', message: expect.stringMatching(says) });
  });

  test('for its signature hints at the keys', async () => {
    const body = '{"error":"invalid_client","error_description":"token_signature_verification_error"}';
    const { logIn } = await rehearse({ faults: [`exchange:400;body=${body}`] });
    await expect(logIn()).rejects.toMatchObject({
      reason: 'AUTH_REFUSED',
      facts: { hint: [expect.stringContaining('JWKS')] },
    });
  });

  test('of the path is no refusal of the token', async () => {
    const { logIn } = await rehearse({ values: { tenant: 'nobody' } });
    await expect(logIn()).rejects.toMatchObject({ reason: 'BAD_REQUEST' });
  });
});

test('with token-url the ID token goes there, as the plan says', async () => {
  const { rehearsal, backend, logIn } = await rehearse({ options: { token: 'url', base: '/ngts' } });
  await logIn();
  const [planned] = backend.plan(refs(WWW));
  expect(planned).toMatchObject({ purpose: 'exchange', method: 'POST', origin: rehearsal.url });
  expect(rehearsal.requests.map(({ path }) => path)).toEqual([planned?.path]);
});

describe('settings', () => {
  const URL_GIVEN = new URL('https://api.venafi.cloud');
  const check = (given: Readonly<Record<string, string>>, url = URL_GIVEN): readonly unknown[] =>
    venafi.check(url, settingValues(venafi, given));

  test.each<[string, Readonly<Record<string, string>>, string?]>([
    ['a tenant', { tenant: '11111111-2222-4333-8444-555555555555' }],
    ['a token URL', { 'token-url': 'https://1234567890.ngts.paloaltonetworks.com/v1/oauth2/v2.0/x/token' }],
    [
      'a path of the API',
      { 'token-url': 'https://api.venafi.cloud/v1/oauth2/v2.0/x/token' },
      'https://api.strata.paloaltonetworks.com/ngts',
    ],
  ])('%s is enough', (_, given, url) => {
    expect(check(given, url === undefined ? URL_GIVEN : new URL(url))).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, string>>, string?]>([
    ['neither', {}],
    ['both', { tenant: 'x', 'token-url': 'https://api.venafi.cloud/v1/oauth2/v2.0/x/token' }],
    ['the token URL of key pairs', { 'token-url': 'https://api.venafi.cloud/v1/oauth/token/serviceaccount' }],
    ['the token URL of Strata', { 'token-url': 'https://auth.apps.paloaltonetworks.com/oauth2/access_token' }],
    ['an address with /v1', { tenant: 'x' }, 'https://api.venafi.cloud/v1'],
    ['a tenant and an address with a path', { tenant: 'x' }, 'https://api.strata.paloaltonetworks.com/ngts'],
  ])('%s is a fault', (_, given, url) => {
    expect(check(given, url === undefined ? URL_GIVEN : new URL(url)).length).toBeGreaterThan(0);
  });

  test.each([
    [{}, 'https://api.venafi.cloud/'],
    [{ region: 'eu' }, 'https://api.venafi.eu/'],
    [{ region: 'au', platform: 'VaaS' }, 'https://api.au.venafi.cloud/'],
    [{ region: 'eu', platform: 'NGTS' }, 'https://api.strata.paloaltonetworks.com/ngts'],
  ])('%j is at %s', (given, url) => {
    expect(venafi.defaultUrl?.(settingValues(venafi, given))).toEqual(new URL(url));
  });

  test.each([
    ['platform', 'tpp'],
    ['tenant', 'a/b'],
    ['tenant', '../x'],
    ['region', 'mars'],
  ])('%s is not %s', (key, value) => {
    expect(() => settingValues(venafi, { [key]: value })).toThrow(SettingFault);
  });
});

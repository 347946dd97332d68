import { afterEach, expect, test } from 'vitest';
import type { Rehearsal } from '../../../../src/dev/index.ts';
import { call, type CallAnswer } from '../../../support/call.ts';
import { JSON_BODY, login, openFortipam } from './open-fortipam.ts';

let rehearsal: Rehearsal;

afterEach(() => rehearsal.close());

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['another audience', {}, { audience: 'somebody-else' }],
  ['no audience', { aud: null }, {}],
  ['another issuer', { iss: 'https://gitlab.example.com' }, {}],
  ['a bound claim with another value', { project_path: 'acme/other' }, {}],
  ['a bound claim left out', { project_path: null }, {}],
  ['a bound claim as a number', { project_id: 20 }, {}],
  ['the end of its life', {}, { lifetimeSeconds: -1 }],
  ['no end of its life', { exp: null }, {}],
  ['a beginning in the future', { nbf: Math.floor(Date.now() / 1000) + 600 }, {}],
  ['no signature', {}, { algorithm: 'none' }],
  ['an HMAC', {}, { algorithm: 'HS256' }],
])('a token with %s gets 401', async (_, claims, options) => {
  rehearsal = await openFortipam();
  const answer = await login(rehearsal, await rehearsal.token(claims, options));
  expect(answer.status).toBe(401);
  expect(JSON.parse(answer.text)).toMatchObject({ http_status: 401, status: 'Unauthorized', error: 2 });
});

test.each([['RS256'], ['ES256'], ['PS384']])('a good token signed with %s gets an access token', async (algorithm) => {
  rehearsal = await openFortipam();
  const answer = await login(rehearsal, await rehearsal.token({}, { algorithm }));
  expect([answer.status, answer.type]).toEqual([200, 'application/json']);
  expect(JSON.parse(answer.text).access_token).toMatch(/^fpam-[\w-]{43}$/);
});

test('a token whose signature was changed gets 401', async () => {
  rehearsal = await openFortipam();
  const jwt = await rehearsal.token();
  const [head, body, signature = ''] = jwt.split('.');
  const other = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
  expect((await login(rehearsal, `${head}.${body}.${other}`)).status).toBe(401);
});

test.each<[string, number, [string, Record<string, string>, string]]>([
  ['another method', 405, ['PUT', JSON_BODY, '{"jwt":"x"}']],
  ['another field', 424, ['POST', JSON_BODY, '{"token":"x"}']],
  ['a field too many', 424, ['POST', JSON_BODY, '{"jwt":"x","role":"y"}']],
  ['a form', 400, ['POST', { 'content-type': 'application/x-www-form-urlencoded' }, 'jwt=x']],
  ['broken JSON', 400, ['POST', JSON_BODY, '{"jwt":']],
  ['a repeated field', 400, ['POST', JSON_BODY, '{"jwt":"x","jwt":"y"}']],
])('a login with %s gets %i', async (_, status, [method, headers, body]) => {
  rehearsal = await openFortipam();
  expect((await call(rehearsal, method, '/auth/jwt/login', { headers, body })).status).toBe(status);
});

test('too many failed logins from one address lock it out, even for a good token', async () => {
  rehearsal = await openFortipam({ lockout: '2' });
  const bad = await rehearsal.token({ project_path: 'acme/other' });
  const statuses = [
    await login(rehearsal, bad),
    await login(rehearsal, bad),
    await login(rehearsal, bad),
    await login(rehearsal),
  ].map(({ status }) => status);
  expect(statuses).toEqual([401, 401, 429, 429]);
});

test('a login that succeeds forgets the failed ones before it', async () => {
  rehearsal = await openFortipam({ lockout: '2' });
  const bad = await rehearsal.token({ project_path: 'acme/other' });
  const statuses = [
    await login(rehearsal, bad),
    await login(rehearsal),
    await login(rehearsal, bad),
    await login(rehearsal),
  ].map(({ status }) => status);
  expect(statuses).toEqual([401, 200, 401, 200]);
});

test('the login is where and as the options say, and the configuration says so too', async () => {
  rehearsal = await openFortipam({
    'login-path': '/api/v2/auth/jwt/login',
    'login-format': 'form',
    'login-field': 'token',
    user: 'ci',
    'answer-field': 'results.access_token',
    expiry: 'seconds',
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = async (user: string): Promise<CallAnswer> => {
    const body = new URLSearchParams({ username: user, token: await rehearsal.token() }).toString();
    return call(rehearsal, 'POST', '/api/v2/auth/jwt/login', { headers, body });
  };
  expect((await post('nobody')).status).toBe(401);
  expect(JSON.parse((await post('ci')).text)).toEqual({
    results: { access_token: expect.any(String) },
    expires_in: 600,
  });
  expect(rehearsal.configuration()).toMatchObject({
    type: 'fortipam',
    url: rehearsal.url,
    'login-path': '/api/v2/auth/jwt/login',
    'login-token-field': 'token',
    'login-format': 'form',
    user: 'ci',
  });
});

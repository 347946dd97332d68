import { afterEach, expect, test } from 'vitest';
import type { Rehearsal } from '../../../../src/dev/index.ts';
import { call } from '../../../support/call.ts';
import { accessToken, ask, HEADERS, login, openVault } from './open-vault.ts';

let rehearsal: Rehearsal;

afterEach(() => rehearsal.close());

function errorsIn(text: string): string {
  return (JSON.parse(text) as { errors: readonly string[] }).errors.join();
}

const NOW = Math.floor(Date.now() / 1000);

test.each<[string, Record<string, unknown>, Record<string, unknown>, RegExp]>([
  ['another audience', {}, { audience: 'somebody-else' }, /^error validating token: .*aud/],
  ['no audience', { aud: null }, {}, /^error validating token: .*aud/],
  ['another issuer', { iss: 'https://gitlab.example.com' }, {}, /^error validating token: .*iss/],
  [
    'a bound claim with another value',
    { project_path: 'acme/other' },
    {},
    /^error validating claims: .* does not match/,
  ],
  ['a bound claim left out', { project_path: null }, {}, /^error validating claims: .* is missing/],
  ['a bound claim as a number', { project_id: 20 }, {}, /^error validating claims: .* does not match/],
  ['the end of its life', { exp: NOW - 120 }, {}, /exp/],
  ['a beginning in the future', { nbf: NOW + 600 }, {}, /nbf/],
  ['an issue in the future', { iat: NOW + 600, nbf: NOW }, {}, /iat/],
  ['no times at all', { exp: null, nbf: null, iat: null }, {}, /no issued at/],
  ['no signature', {}, { algorithm: 'none' }, /signature/],
  ['an HMAC', {}, { algorithm: 'HS256' }, /signature/],
])('a token with %s gets 400', async (_, claims, options, words) => {
  rehearsal = await openVault();
  const answer = await login(rehearsal, { jwt: await rehearsal.token(claims, options) });
  expect(answer.status).toBe(400);
  expect(errorsIn(answer.text)).toMatch(words);
});

test.each<[string, unknown, number]>([
  ['vault', 'a', 400],
  ['vault', ['a'], 400],
  ['vault', null, 200],
  ['openbao', 'a', 200],
  ['openbao', ['a'], 400],
])('a role without audiences, %s: the audience %j gets %i', async (audiences, aud, status) => {
  rehearsal = await openVault({ audiences });
  const answer = await login(rehearsal, { jwt: await rehearsal.token({ aud }) });
  expect(answer.status).toBe(status);
  if (status === 400) expect(errorsIn(answer.text)).toMatch(/^audience claim found in JWT but no audiences bound/);
});

test.each([
  ['30 s past its end', { exp: NOW - 30 }],
  ['that begins in 30 s', { nbf: NOW + 30, iat: NOW + 30 }],
  ['without an end, as long as it is new', { exp: null }],
])('a token %s is good', async (_, claims) => {
  rehearsal = await openVault();
  expect((await login(rehearsal, { jwt: await rehearsal.token(claims) })).status).toBe(200);
});

test.each(['RS256', 'PS384', 'ES256', 'EdDSA'])(
  'a good token signed with %s gets an access token',
  async (algorithm) => {
    rehearsal = await openVault();
    const answer = await login(rehearsal, { jwt: await rehearsal.token({}, { algorithm }) });
    expect([answer.status, answer.type]).toEqual([200, 'application/json']);
    expect(JSON.parse(answer.text)).toMatchObject({
      data: null,
      lease_id: '',
      auth: { client_token: expect.stringMatching(/^hvs\.[\w-]{32}$/), lease_duration: 3600, num_uses: 0 },
    });
  },
);

test.each<[string, Record<string, string>, Record<string, unknown>, RegExp]>([
  ['no role where none is the default', { role: 'ci' }, {}, /^missing role$/],
  ['another role', { role: 'ci' }, { role: 'other' }, /^role "other" could not be found$/],
  ['a role that is not the default one', {}, { role: 'other' }, /could not be found/],
  ['a role made for browsers', { 'role-type': 'oidc' }, {}, /oidc role_type/],
  ['no token', {}, { jwt: '' }, /^missing token$/],
  ['a list', {}, { jwt: ['x'] }, /^missing token$/],
])('%s', async (_, options, fields, words) => {
  rehearsal = await openVault(options);
  const answer = await login(rehearsal, fields);
  expect(answer.status).toBe(400);
  expect(errorsIn(answer.text)).toMatch(words);
});

test('an empty role is none: the default one counts', async () => {
  rehearsal = await openVault();
  expect((await login(rehearsal, { role: '' })).status).toBe(200);
});

test.each<[string, Record<string, string>, object]>([
  ['an end', { 'token-lifetime': '90' }, { num_uses: 0, type: 'service', renewable: true }],
  ['no end', { 'token-lifetime': '0' }, { ttl: 0 }],
  ['counted uses, of which this is one', { 'num-uses': '3' }, { num_uses: 2 }],
  ['of a batch', { 'token-type': 'batch' }, { type: 'batch', renewable: false }],
])('a token with %s says what it is', async (_, options, expected) => {
  rehearsal = await openVault(options);
  const token = await accessToken(rehearsal);
  const answer = await ask(rehearsal, token, '/v1/auth/token/lookup-self');
  const { data } = JSON.parse(answer.text) as { data: { ttl: number } };
  expect(data).toMatchObject({ path: 'auth/jwt/login', ...expected });
  expect(data.ttl).toBeLessThanOrEqual(Number(options['token-lifetime'] ?? 3600));
  expect((await ask(rehearsal, token, '/v1/auth/token/lookup-self', 'POST')).status).toBe(405);
  expect((await ask(rehearsal, 'another', '/v1/auth/token/lookup-self')).status).toBe(403);
});

test('roles have no letter case', async () => {
  rehearsal = await openVault({ role: 'Deploy' });
  expect((await login(rehearsal, { role: 'dEPLOY' })).status).toBe(200);
});

test('a second factor is asked for without a token', async () => {
  rehearsal = await openVault({ mfa: 'on' });
  expect(JSON.parse((await login(rehearsal)).text)).toMatchObject({ auth: { client_token: '', mfa_requirement: {} } });
});

test.each<[string, string, number]>([
  ['no mount is there', '/v1/auth/other/login', 403],
  ['the version of the API is missing', '/auth/jwt/login', 403],
  ['a slash is doubled', '/v1//auth/jwt/login', 403],
])('a login where %s', async (_, path, status) => {
  rehearsal = await openVault();
  expect((await login(rehearsal, {}, path)).status).toBe(status);
});

test('a login that is no update, or has no body', async () => {
  rehearsal = await openVault();
  expect((await call(rehearsal, 'GET', '/v1/auth/jwt/login', { headers: HEADERS })).status).toBe(405);
  expect((await call(rehearsal, 'POST', '/v1/auth/jwt/login', { headers: HEADERS })).status).toBe(400);
  expect((await call(rehearsal, 'PUT', '/v1/auth/jwt/login', { headers: HEADERS, body: '[]' })).status).toBe(400);
});

test('without X-Vault-Request nothing is served', async () => {
  rehearsal = await openVault();
  const body = JSON.stringify({ jwt: await rehearsal.token() });
  expect((await call(rehearsal, 'POST', '/v1/auth/jwt/login', { body })).status).toBe(412);
});

test('a namespace counts in the header, in the path, and in both together', async () => {
  rehearsal = await openVault({ namespace: 'team/a' });
  const body = JSON.stringify({ jwt: await rehearsal.token() });
  const status = async (path: string, namespace?: string): Promise<number> => {
    const headers = { ...HEADERS, ...(namespace !== undefined && { 'x-vault-namespace': namespace }) };
    return (await call(rehearsal, 'POST', path, { headers, body })).status;
  };
  expect(await status('/v1/auth/jwt/login', 'team/a/')).toBe(200);
  expect(await status('/v1/team/a/auth/jwt/login')).toBe(200);
  expect(await status('/v1/a/auth/jwt/login', 'team')).toBe(200);
  expect(await status('/v1/auth/jwt/login')).toBe(403);
  expect(await status('/v1/auth/jwt/login', 'team')).toBe(403);
});

test.each([
  [{ roles: 'x' }, /no option "roles"/],
  [{ engine: 'kv' }, /engine must be/],
  [{ 'num-uses': '-1' }, /num-uses must be/],
])('an option %o is refused', async (options, words) => {
  rehearsal = await openVault();
  await expect(openVault(options)).rejects.toThrow(words);
});

test('an access token ends with its time, its uses and with revoking', async () => {
  rehearsal = await openVault({ 'num-uses': '1' });
  const { auth } = JSON.parse((await login(rehearsal)).text) as { auth: { client_token: string } };
  expect((await ask(rehearsal, auth.client_token, '/v1/sys/internal/ui/mounts/secret')).status).toBe(200);
  expect((await ask(rehearsal, auth.client_token, '/v1/secret/data/app/key')).status).toBe(200);
  expect((await ask(rehearsal, auth.client_token, '/v1/secret/data/app/key')).status).toBe(403);
});

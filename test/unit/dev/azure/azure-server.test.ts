import { afterEach, expect, test } from 'vitest';
import { type Rehearsal, startRehearsal } from '../../../../src/dev/index.ts';
import { versionId } from '../../../../src/dev/azure/vault.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { call, type CallAnswer } from '../../../support/call.ts';
import { issuerKey } from '../../../support/issuer-key.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const CLIENT = '66666666-7777-4888-9999-000000000000';
const TOKEN_PATH = `/${TENANT}/oauth2/v2.0/token`;
const SECRETS = new Map([
  ['app/key', [Buffer.from('first'), Buffer.from('second')]],
  ['binary', [Buffer.from([0, 255])]],
]);

let rehearsal: Rehearsal;

afterEach(() => rehearsal.close());

async function open(options: Readonly<Record<string, string>> = {}): Promise<void> {
  const variant = new Map(Object.entries(options));
  const forbidden = new Set(['private']);
  const setup = { backend: 'azure', secrets: SECRETS, forbidden, options: variant, issuerKey };
  rehearsal = await startRehearsal(setup, systemRuntime());
}

/** The answer to a token request with these fields in place of good ones; null leaves one out. */
async function login(fields: Readonly<Record<string, string | null>> = {}, path = TOKEN_PATH): Promise<CallAnswer> {
  const good = {
    grant_type: 'client_credentials',
    client_id: CLIENT,
    scope: 'https://vault.azure.net/.default',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await rehearsal.token(),
  };
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...good, ...fields })) if (value !== null) form.append(name, value);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return call(rehearsal, 'POST', path, { headers, body: form.toString() });
}

async function accessToken(): Promise<string> {
  const { text } = await login();
  const { access_token: token } = JSON.parse(text) as { access_token: string };
  return token;
}

function ask(token: string, target: string, method = 'GET'): Promise<CallAnswer> {
  return call(rehearsal, method, target, { headers: { authorization: `Bearer ${token}` } });
}

test('a good request gets a Bearer token', async () => {
  await open();
  const answer = await login();
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
});

const NOW = Math.floor(Date.now() / 1000);

test.each<[string, Record<string, unknown>, Record<string, unknown>, number]>([
  ['another audience', {}, { audience: 'x' }, 700212],
  ['two audiences', { aud: ['secretctl-rehearsal', 'x'] }, {}, 700212],
  ['another issuer', { iss: 'https://gitlab.example.com' }, {}, 700211],
  ['another subject', { sub: 'x' }, {}, 700213],
  ['no subject', { sub: null }, {}, 700213],
  ['an end that is past', { exp: NOW - 900 }, {}, 700024],
  ['no end', { exp: null }, {}, 700024],
  ['a beginning in the future', { nbf: NOW + 900 }, {}, 700024],
  ['another algorithm', {}, { algorithm: 'ES256' }, 50013],
  ['no signature', {}, { algorithm: 'none' }, 50027],
])('an assertion with %s is refused with its number', async (_, claims, options, number) => {
  await open();
  const answer = await login({ client_assertion: await rehearsal.token(claims, options) });
  expect(answer.status).toBe(401);
  expect(JSON.parse(answer.text)).toMatchObject({
    error: 'invalid_client',
    error_codes: [number],
    error_description: expect.stringMatching(new RegExp(`^AADSTS${number}: `)),
  });
});

test.each<[string, Record<string, string | null>, string, number]>([
  ['no scope', { scope: null }, 'invalid_request', 900144],
  ['another grant', { grant_type: 'password' }, 'unsupported_grant_type', 70003],
  ['another application', { client_id: TENANT }, 'unauthorized_client', 700016],
  ['a scope without an end', { scope: 'https://vault.azure.net' }, 'invalid_scope', 1002012],
  ['the scope of another service', { scope: 'https://vault.azure.cn/.default' }, 'invalid_resource', 500011],
  ['another kind of assertion', { client_assertion_type: 'saml' }, 'invalid_client', 7000218],
])('a request with %s', async (_, fields, error, number) => {
  await open();
  expect(JSON.parse((await login(fields)).text)).toMatchObject({ error, error_codes: [number] });
});

test('a tenant that is not there, a method that is none', async () => {
  await open();
  expect(JSON.parse((await login({}, '/common/oauth2/v2.0/token')).text)).toMatchObject({ error_codes: [90002] });
  expect((await call(rehearsal, 'GET', TOKEN_PATH)).status).toBe(405);
});

test('a secret, its versions, and what is kept of bytes', async () => {
  await open();
  const token = await accessToken();
  const first = versionId('app/key', 0);
  const newest = await ask(token, '/secrets/APP--key?api-version=7.4');
  expect(JSON.parse(newest.text)).toMatchObject({ value: 'second', attributes: { enabled: true } });
  const older = await ask(token, `/secrets/app--key/${first}?api-version=7.4`);
  expect(JSON.parse(older.text)).toMatchObject({
    value: 'first',
    id: `https://rehearsal.vault.azure.net/secrets/app--key/${first}`,
  });
  const binary = await ask(token, '/secrets/binary?api-version=7.4');
  expect(JSON.parse(binary.text)).toMatchObject({ value: 'AP8=', tags: { 'file-encoding': 'base64' } });
});

test.each<[string, string, number, string]>([
  ['nothing there', '/secrets/nothing?api-version=7.4', 404, 'SecretNotFound'],
  ['no such version', `/secrets/app--key/${'0'.repeat(32)}?api-version=7.4`, 404, 'SecretNotFound'],
  ['one that may not be read', '/secrets/private?api-version=7.4', 403, 'Forbidden'],
  ['no version of the API', '/secrets/app--key', 400, 'BadParameter'],
  ['a version of the API that is none', '/secrets/app--key?api-version=9', 400, 'BadParameter'],
  ['a name that cannot be', '/secrets/app_key?api-version=7.4', 400, 'BadParameter'],
  ['another place', '/keys/app?api-version=7.4', 404, 'NotFound'],
])('%s', async (_, target, status, code) => {
  await open();
  const answer = await ask(await accessToken(), target);
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, { error: { code } }]);
});

test('without a token, with another one and with a revoked one: 401', async () => {
  await open();
  const target = '/secrets/app--key?api-version=7.4';
  const token = await accessToken();
  expect((await call(rehearsal, 'GET', target)).status).toBe(401);
  expect((await ask('else', target)).status).toBe(401);
  expect((await ask(token, target)).status).toBe(200);
  rehearsal.disturb('revoke-tokens');
  expect((await ask(token, target)).status).toBe(401);
  expect(() => rehearsal.disturb('dance')).toThrow('cannot');
});

test("the addresses of a tenant, where Microsoft's own clients look for them", async () => {
  await open();
  const { status, text } = await call(rehearsal, 'GET', `/${TENANT}/v2.0/.well-known/openid-configuration`);
  expect([status, JSON.parse(text)]).toMatchObject([200, { token_endpoint: `${rehearsal.url}${TOKEN_PATH}` }]);
});

test('an option that is not known is refused', async () => {
  await open();
  await expect(open({ tenants: 'x' })).rejects.toThrow(/no option/);
});

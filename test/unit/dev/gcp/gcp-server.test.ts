import { afterEach, expect, test } from 'vitest';
import { type Rehearsal, startRehearsal } from '../../../../src/dev/index.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { call, type CallAnswer } from '../../../support/call.ts';
import { issuerKey } from '../../../support/issuer-key.ts';

const AUDIENCE =
  '//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/ci-pool/providers/ci-jobs';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const SECRET = '/v1/projects/rehearsal-project/secrets/app--key/versions';
const ACCOUNT = 'ci@shop.iam.gserviceaccount.com';
const SECRETS = new Map([['app/key', [Buffer.from('123456789'), Buffer.from('second')]]]);

let rehearsal: Rehearsal;

afterEach(() => rehearsal.close());

async function open(options: Readonly<Record<string, string>> = {}): Promise<void> {
  const variant = new Map(Object.entries(options));
  const setup = { backend: 'gcp', secrets: SECRETS, forbidden: new Set(['private']), options: variant, issuerKey };
  rehearsal = await startRehearsal(setup, systemRuntime());
}

/** The answer to an exchange with these fields in place of good ones; null leaves one out. */
async function exchange(
  fields: Readonly<Record<string, string | null>> = {},
  more: Readonly<Record<string, string>> = {},
): Promise<CallAnswer> {
  const good = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience: AUDIENCE,
    scope: SCOPE,
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    subject_token: await rehearsal.token(),
  };
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...good, ...fields })) if (value !== null) form.append(name, value);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...more };
  return call(rehearsal, 'POST', '/v1/token', { headers, body: form.toString() });
}

async function accessToken(): Promise<string> {
  const { access_token: token } = JSON.parse((await exchange()).text) as { access_token: string };
  return token;
}

function ask(token: string, target: string, more: Readonly<Record<string, string>> = {}): Promise<CallAnswer> {
  return call(rehearsal, 'GET', target, { headers: { authorization: `Bearer ${token}`, ...more } });
}

function actAs(token: string, email: string, body: unknown): Promise<CallAnswer> {
  const target = `/v1/projects/-/serviceAccounts/${email}:generateAccessToken`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return call(rehearsal, 'POST', target, { headers, body: JSON.stringify(body) });
}

test('a good exchange gets a Bearer token', async () => {
  await open();
  const answer = await exchange();
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([200, { token_type: 'Bearer', expires_in: 3600 }]);
});

const NOW = Math.floor(Date.now() / 1000);

test.each<[string, Record<string, unknown>, Record<string, unknown>, RegExp]>([
  ['another audience', {}, { audience: 'x' }, /audience in ID Token/],
  ['another issuer', { iss: 'https://gitlab.example.com' }, {}, /issuer in ID Token/],
  ['another subject', { sub: 'x' }, {}, /attribute condition/],
  ['no subject', { sub: null }, {}, /google.subject/],
  ['an end that is past', { exp: NOW - 120 }, {}, /stale/],
  ['no end', { exp: null }, {}, /exp and iat/],
  ['an issue in the future', { iat: NOW + 120 }, {}, /in the future/],
  ['more than a day of life', { exp: NOW + 90_000 }, {}, /24 hours/],
  ['another algorithm', {}, { algorithm: 'PS256' }, /signature/],
  ['no signature', {}, { algorithm: 'none' }, /signature/],
])('a token with %s is refused', async (_, claims, options, words) => {
  await open();
  const answer = await exchange({ subject_token: await rehearsal.token(claims, options) });
  expect(answer.status).toBe(400);
  expect(answer.text).toMatch(words);
});

test.each<[string, Record<string, string | null>, Record<string, string>, string]>([
  ['credentials', {}, { authorization: 'Bearer x' }, 'invalid_request'],
  ['another content type', {}, { 'content-type': 'text/plain' }, 'invalid_request'],
  ['another provider', { audience: AUDIENCE.replace('ci-jobs', 'x') }, {}, 'invalid_target'],
  ["the ID token's audience", { audience: `https:${AUDIENCE}` }, {}, 'invalid_target'],
  ['no scope', { scope: null }, {}, 'invalid_request'],
  ['another grant', { grant_type: 'client_credentials' }, {}, 'invalid_request'],
])('an exchange with %s', async (_, fields, headers, error) => {
  await open();
  expect(JSON.parse((await exchange(fields, headers)).text)).toMatchObject({ error });
});

test('ES256 is good as well', async () => {
  await open();
  expect((await exchange({ subject_token: await rehearsal.token({}, { algorithm: 'ES256' }) })).status).toBe(200);
});

test('a service account: its token for that of the pool, for whoever may', async () => {
  await open({ 'service-account': ACCOUNT });
  const pool = await accessToken();
  const good = { scope: [SCOPE], lifetime: '600s' };
  const answer = await actAs(pool, ACCOUNT, good);
  expect(answer.status).toBe(200);
  const { accessToken: token, expireTime } = JSON.parse(answer.text) as { accessToken: string; expireTime: string };
  expect(expireTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect((await ask(token, `${SECRET}/latest:access`)).status).toBe(200);
  expect((await ask(pool, `${SECRET}/latest:access`)).status).toBe(403);
  expect((await actAs('x', ACCOUNT, good)).status).toBe(401);
  expect((await actAs(pool, 'other@x.example', good)).status).toBe(403);
  expect((await actAs(pool, ACCOUNT, { ...good, scope: SCOPE })).status).toBe(400);
  expect((await actAs(pool, ACCOUNT, { ...good, lifetime: '7200s' })).status).toBe(400);
});

test('values with their checksum, by number and by latest', async () => {
  await open();
  const token = await accessToken();
  expect(JSON.parse((await ask(token, `${SECRET}/1:access`)).text)).toEqual({
    name: 'projects/123456789012/secrets/app--key/versions/1',
    payload: { data: 'MTIzNDU2Nzg5', dataCrc32c: '3808858755' },
  });
  expect((await ask(token, `${SECRET}/latest:access`)).text).toContain('versions/2');
});

test.each<[string, string, number, string]>([
  ['nothing there', SECRET.replace('app--key', 'x'), 404, 'NOT_FOUND'],
  ['one that may not be read', SECRET.replace('app--key', 'private'), 403, 'PERMISSION_DENIED'],
  ['another project', SECRET.replace('rehearsal-project', 'x'), 403, 'PERMISSION_DENIED'],
  ['another location', SECRET.replace('/secrets', '/locations/x/secrets'), 400, 'INVALID_ARGUMENT'],
  ['an id that cannot be', SECRET.replace('app--key', 'a.b'), 400, 'INVALID_ARGUMENT'],
  ['another place', '/v1/other', 404, 'NOT_FOUND'],
])('%s', async (_, target, status, code) => {
  await open();
  const answer = await ask(await accessToken(), `${target}/latest:access`);
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, { error: { code: status, status: code } }]);
});

test('a quota project nobody asked for is refused as one that is missing', async () => {
  await open();
  const more = { 'x-goog-user-project': 'billing' };
  expect((await ask(await accessToken(), `${SECRET}/latest:access`, more)).text).toContain('USER_PROJECT_DENIED');
});

test('without a token, and with a revoked one: 401', async () => {
  await open();
  const token = await accessToken();
  expect((await call(rehearsal, 'GET', `${SECRET}/latest:access`)).status).toBe(401);
  rehearsal.disturb('revoke-tokens');
  expect((await ask(token, `${SECRET}/latest:access`)).status).toBe(401);
  expect(() => rehearsal.disturb('dance')).toThrow('cannot');
});

test("what Google's own clients do besides: a query, and a narrower scope for service accounts alone", async () => {
  await open({ 'service-account': ACCOUNT });
  const narrow = await exchange({ scope: 'https://www.googleapis.com/auth/iam' });
  const { access_token: token } = JSON.parse(narrow.text) as { access_token: string };
  const target = `${SECRET}/latest:access?$alt=json%3Benum-encoding%3Dint`;
  expect((await ask(token, target)).text).toContain('ACCESS_TOKEN_SCOPE_INSUFFICIENT');
  const answer = await actAs(token, ACCOUNT, { scope: [SCOPE], lifetime: '600s' });
  const { accessToken: acting } = JSON.parse(answer.text) as { accessToken: string };
  expect((await ask(acting, target)).status).toBe(200);
});

test('an option that is not known is refused', async () => {
  await open();
  await expect(open({ projects: 'x' })).rejects.toThrow(/no option/);
});

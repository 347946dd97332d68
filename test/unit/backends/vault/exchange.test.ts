import { describe, expect, test } from 'vitest';
import { isRevoking } from '../../../../src/backends/types.ts';
import type { BackendSetup } from '../../../support/rehearsed-backend.ts';
import { refs } from '../../../support/rehearsed-backend.ts';
import { kept, rehearse, told } from './rehearsed.ts';

const REVOKE = 'POST /v1/auth/token/revoke-self';

test.each<[string, Record<string, string>, object]>([
  ['an end', { 'token-lifetime': '90' }, { lifetimeSeconds: 90, expiresAtMs: 1_090_000 }],
  ['no end', { 'token-lifetime': '0' }, { lifetimeSeconds: undefined, expiresAtMs: undefined }],
  ['counted uses', { 'num-uses': '5' }, { lifetimeSeconds: 3600, expiresAtMs: undefined }],
])('a token with %s', async (_, options, expected) => {
  const { exchange, idToken } = await rehearse({ options, backendWorld: { now: () => 1_000_000 } });
  expect(await exchange(await idToken())).toMatchObject(expected);
});

test.each<[string, BackendSetup, string]>([
  ['a mount of several segments', { options: { 'auth-path': 'gitlab/prod' } }, 'POST /v1/auth/gitlab/prod/login'],
  ['a role, in any letter case', { options: { role: 'CI' }, values: { role: 'ci' } }, 'POST /v1/auth/jwt/login'],
  ['the default role', {}, 'POST /v1/auth/jwt/login'],
  ['a base path', { path: '/' }, 'POST /v1/auth/jwt/login'],
])('a login with %s', async (_, setup, request) => {
  const { logIn, taken } = await rehearse(setup);
  expect((await logIn()).value.byteLength).toBeGreaterThan(20);
  expect(taken()).toEqual([request]);
});

describe('refusals', () => {
  test.each<[string, BackendSetup, Parameters<Awaited<ReturnType<typeof rehearse>>['idToken']>, RegExp]>([
    ['another role', { values: { role: 'other' } }, [], /could not be found/],
    ['a role for browsers', { options: { 'role-type': 'oidc' } }, [], /oidc role_type/],
    ['another mount', { values: { 'auth-path': 'elsewhere' } }, [], /permission denied/],
    ['another audience', {}, [{}, { audience: 'x' }], /aud/],
    ['a claim of another type', {}, [{ project_id: 20 }], /project_id/],
    ['an end that is past', {}, [{}, { lifetimeSeconds: -600 }], /exp/],
  ])('%s', async (_, setup, given, words) => {
    const { exchange, idToken, rehearsal } = await rehearse(setup);
    const exchanging = exchange(await idToken(...given));
    await expect(exchanging).rejects.toMatchObject({ reason: 'AUTH_REFUSED', exit: 77 });
    await expect(exchanging).rejects.toThrow(words);
    expect(rehearsal.requests).toHaveLength(1);
  });

  test.each([
    ['missing role', /set role/],
    ['role \\"ci\\" could not be found', /check role and auth-path/],
    ['role with oidc role_type is not allowed', /role_type=jwt/],
    ['audience claim found in JWT but no audiences bound to the role', /bound_audiences/],
    ['error validating claims: claim \\"ref\\" does not match any associated bound claim values', /types count/],
    ['claim \\"user_email\\" not found in token', /user_claim/],
    ['error validating token: invalid issuer (iss) claim', /bound_issuer/],
    ['error validating token: invalid subject (sub) claim', /bound_subject/],
    ['error validating token: invalid audience (aud) claim: audience claim does not match', /bound_audiences/],
    ['error validating token: invalid expiration time (exp) claim: token is expired', /60 s are forgiven/],
    ['error validating token: failed to verify id token signature', /keys of the ID token's issuer/],
    ['could not load configuration', /not configured/],
    ['error configuring token validator: x', /cannot fetch the issuer's keys/],
    ['permission denied', /no such mount/],
  ])('"%s" comes with what it means', async (words, hint) => {
    const { logIn } = await rehearse({ faults: [`exchange:400;body={"errors":["${words}"]}`] });
    const refused = await logIn().catch((error: unknown) => error);
    expect(refused).toMatchObject({ reason: 'AUTH_REFUSED' });
    expect(JSON.stringify(refused)).toMatch(hint);
  });

  test.each([
    ['', true],
    ['team', false],
  ])('in the namespace "%s" a role that is not seen hints at one: %j', async (namespace, isHinted) => {
    const faults = ['exchange:400;body={"errors":["missing role"]}'];
    const { logIn } = await rehearse({ faults, ...(namespace !== '' && { values: { namespace } }) });
    const refused = await logIn().catch((error: unknown) => error);
    expect(JSON.stringify(refused).includes('with namespace set')).toBe(isHinted);
  });

  test('a second factor', async () => {
    const { logIn } = await rehearse({ options: { mfa: 'on' } });
    await expect(logIn()).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
  });

  test('60 s of skew are forgiven, as the product does', async () => {
    const { logIn } = await rehearse({ serverClockMs: -50_000 });
    await expect(logIn()).resolves.toHaveProperty('lifetimeSeconds', 3600);
  });
});

test.each<[string, string, string]>([
  ['403', '403', 'AUTH_REFUSED'],
  ['400 without JSON', '400;type=text/plain', 'AUTH_REFUSED'],
  ['404', '404', 'BAD_REQUEST'],
  ['405', '405', 'BAD_REQUEST'],
  ['a page', 'html', 'NOT_THE_API'],
  ['a page with 403', 'html;status=403', 'NOT_THE_API'],
  ['sealed', '503', 'UNAVAILABLE'],
  ['a quota', '429', 'RATE_LIMITED'],
  ['null', '200;body=null', 'UNEXPECTED_ANSWER'],
  ['no token', '200;body={"auth":{"lease_duration":5}}', 'UNEXPECTED_ANSWER'],
  ['a token with a line feed', '200;body={"auth":{"client_token":"a\\nb","lease_duration":5}}', 'UNEXPECTED_ANSWER'],
  ['two tokens', '200;body={"auth":{"client_token":"a","client_token":"b","lease_duration":5}}', 'UNEXPECTED_ANSWER'],
  ['no life', '200;body={"auth":{"client_token":"a"}}', 'UNEXPECTED_ANSWER'],
  ['a negative life', '200;body={"auth":{"client_token":"a","lease_duration":-5}}', 'UNEXPECTED_ANSWER'],
  ['uses in words', '200;body={"auth":{"client_token":"a","lease_duration":5,"num_uses":"1"}}', 'UNEXPECTED_ANSWER'],
  ['a wrapped token', '200;body={"auth":null,"wrap_info":{"token":"w"}}', 'UNEXPECTED_ANSWER'],
])('%s in answer to the login', async (_, fault, reason) => {
  const { logIn } = await rehearse({ faults: [`exchange:${fault}`] });
  await expect(logIn()).rejects.toMatchObject({ reason });
});

describe('counted uses', () => {
  test('as many as reads are enough: the question for the mount takes none', async () => {
    const { fetch } = await rehearse({ options: { 'num-uses': '2' } });
    expect((await fetch(refs('app/key', 'app/db#user'))).map(told)).toEqual(['third', 'shop']);
  });

  test('too few are told before anything is read', async () => {
    const { fetch, rehearsal } = await rehearse({ options: { 'num-uses': '1' } });
    await expect(fetch(refs('app/key', 'app/db#user'))).rejects.toMatchObject({ reason: 'SECRET_DENIED' });
    expect(rehearsal.report().reads).toBe(0);
  });

  test('a dynamic secret needs one more, or the server withholds it', async () => {
    const wanted = refs('database/creds/app#username');
    const one = await rehearse({ options: { 'num-uses': '1', 'mount-in': 'path' } });
    await expect(one.fetch(wanted)).rejects.toMatchObject({ reason: 'SECRET_DENIED' });
    expect(one.rehearsal.report().reads).toBe(0);
    const two = await rehearse({ options: { 'num-uses': '2', 'mount-in': 'path' } });
    expect((await two.fetch(wanted)).map(told)).toEqual([expect.stringMatching(/^v-jwt-/)]);
  });
});

describe('dynamic secrets', () => {
  test('user and password come from one read', async () => {
    const { fetch, taken } = await rehearse({ options: { 'mount-in': 'path' } });
    const outcomes = await fetch(refs('database/creds/app#username', 'database/creds/app#password'));
    const [user = '', password = ''] = outcomes.map(told);
    expect(user.replace('v-jwt-', '')).toBe(password.replace('rehearsal-', ''));
    expect(taken().filter((line) => line.includes('/v1/database/'))).toEqual(['GET /v1/database/creds/app']);
  });

  test.each(['500', '503', '429', '412', 'reset'])('a read that ends with %s is not sent again', async (fault) => {
    const { fetch, taken } = await rehearse({ options: { 'mount-in': 'path' }, faults: [`read:${fault}`] });
    await expect(fetch(refs('database/creds/app#username'))).rejects.toMatchObject({ name: 'SecretctlError' });
    expect(taken().filter((line) => line.includes('/v1/database/'))).toHaveLength(1);
  });

  test('engine "other" reads paths as they are, once, without a question', async () => {
    const { fetch, taken } = await rehearse({ options: { 'mount-in': 'path' }, values: { engine: 'other' } });
    expect((await fetch(refs('database/creds/app#username'))).map(told)).toEqual([expect.stringMatching(/^v-jwt-/)]);
    expect(taken().slice(1)).toEqual(['GET /v1/database/creds/app']);
  });
});

describe('revoking', () => {
  test('ends the access token', async () => {
    const { backend, logIn, taken, lines } = await rehearse();
    if (!isRevoking(backend)) throw new Error('cannot revoke');
    const accessToken = kept(await logIn());
    taken();
    await backend.revoke(accessToken);
    expect(taken()).toEqual([REVOKE]);
    await expect(backend.fetchSecrets(accessToken, refs('app/key'))).rejects.toThrow('refused');
    // It is over already: nothing to say.
    await backend.revoke(accessToken);
    expect(lines.filter((line) => line.includes('warning'))).toEqual([]);
  });

  test('leaves leases alone where that is set', async () => {
    const { backend, logIn, taken } = await rehearse({ values: { 'keep-leases': 'true' } });
    if (!isRevoking(backend)) throw new Error('cannot revoke');
    const accessToken = await logIn();
    taken();
    await backend.revoke(accessToken);
    expect(taken()).toEqual([]);
  });

  test('of a batch token is silent: there is nothing to revoke', async () => {
    const { backend, logIn, lines } = await rehearse({ options: { 'token-type': 'batch' } });
    if (!isRevoking(backend)) throw new Error('cannot revoke');
    await backend.revoke(await logIn());
    expect(lines.filter((line) => line.includes('warning'))).toEqual([]);
  });

  test('that a policy does not allow is a warning', async () => {
    const { backend, logIn, lines } = await rehearse({ options: { stale: 'unnamed' } });
    if (!isRevoking(backend)) throw new Error('cannot revoke');
    const accessToken = await logIn();
    await backend.revoke(accessToken);
    await backend.revoke(accessToken);
    expect(lines.filter((line) => line.includes('could not be revoked'))).toHaveLength(1);
  });
});

test.each(['BAO_SKIP_VERIFY', 'VAULT_SKIP_VERIFY'])(
  '%s is answered with a warning and changes nothing',
  async (name) => {
    const { lines, logIn } = await rehearse({ world: { env: { [name]: 'true' } } });
    expect(lines).toEqual([expect.stringContaining(`${name} is not heeded`)]);
    expect((await logIn()).value.byteLength).toBeGreaterThan(0);
    const { lines: none } = await rehearse({ world: { env: { [name]: 'false' } } });
    expect(none).toEqual([]);
  },
);

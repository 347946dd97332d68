import { expect, test } from 'vitest';
import { AccessTokenRefused } from '../../../../src/backends/types.ts';
import { refs } from '../../../support/rehearsed-backend.ts';
import { rehearse, told } from './rehearsed.ts';

const LOGIN = 'POST /v1/auth/jwt/login';
const INLINE = { 'inline-auth': 'on', engine: 'kv-v2' };

test('each read brings its login, and no access token is made', async () => {
  const { fetch, taken, backend } = await rehearse({ values: INLINE });
  const wanted = refs('app/db#user', 'app/key');
  expect((await fetch(wanted)).map(told)).toEqual(['shop', 'third']);
  const sent = taken();
  expect(sent).toEqual(['GET /v1/secret/data/app/db', 'GET /v1/secret/data/app/key']);
  expect(backend.plan(wanted).map(({ method, path }) => `${method} ${path}`)).toEqual(sent);
});

test.each<[string, Record<string, string>]>([
  ['another mount', { 'auth-path': 'team/jwt' }],
  ['a role', { role: 'CI' }],
  ['a namespace', { namespace: 'team/a' }],
])('with %s', async (_what, options) => {
  const { fetch, taken } = await rehearse({ options, values: INLINE });
  expect((await fetch(refs('app/key'))).map(told)).toEqual(['third']);
  expect(taken()).toHaveLength(1);
});

test('the mount is asked for with it as well', async () => {
  const { fetch } = await rehearse({ values: { 'inline-auth': 'on' }, options: { engine: 'kv-v1' } });
  expect((await fetch(refs('app/key'))).map(told)).toEqual(['third']);
});

test('a token that counts once is exchanged once', async () => {
  const { fetch, taken } = await rehearse({ values: INLINE, singleUse: true });
  expect((await fetch(refs('app/db#user', 'app/key'))).map(told)).toEqual(['shop', 'third']);
  expect(taken()[0]).toBe(LOGIN);
});

test('it is not for keeping, and a refusal is one of the ID token', async () => {
  const { backend, exchange, idToken, logIn } = await rehearse({ values: INLINE });
  expect(await logIn()).toMatchObject({ isIdToken: true, expiresAtMs: undefined });
  const stranger = await exchange(await idToken({ aud: 'https://elsewhere.example' }));
  await expect(backend.fetchSecrets(stranger, refs('app/key'))).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
});

test('a server that does not know it is logged in to, once', async () => {
  const { backend, logIn, taken } = await rehearse({ options: { 'inline-auth': 'off' }, values: INLINE });
  await expect(backend.fetchSecrets(await logIn(), refs('app/key'))).rejects.toThrow(AccessTokenRefused);
  expect((await backend.fetchSecrets(await logIn(), refs('app/key'))).map(told)).toEqual(['third']);
  expect(taken()).toEqual(['GET /v1/secret/data/app/key', LOGIN, 'GET /v1/secret/data/app/key']);
});

test('what has a lease is read with an access token', async () => {
  const { backend, logIn, taken } = await rehearse({
    options: { 'mount-in': 'path' },
    values: { 'inline-auth': 'on', engine: 'other' },
  });
  const wanted = refs('database/creds/app#username');
  await expect(backend.fetchSecrets(await logIn(), wanted)).rejects.toThrow(AccessTokenRefused);
  taken();
  expect((await backend.fetchSecrets(await logIn(), wanted)).map(told)[0]).toMatch(/^v-jwt-/);
  expect(taken()).toEqual([LOGIN, 'GET /v1/database/creds/app']);
});

test('a forbidden path beside one that may be read is no reason to log in', async () => {
  const { fetch, taken } = await rehearse({ values: INLINE, forbidden: new Set(['app/db']) });
  expect((await fetch(refs('app/db', 'app/key'))).map((one) => told(one).split(':', 1)[0])).toEqual([
    'forbidden',
    'third',
  ]);
  expect(taken()).not.toContain(LOGIN);
});

import { describe, expect, test } from 'vitest';
import type { Runtime } from '../../../../src/lib/runtime.ts';
import { rehearse } from './rehearsed.ts';

/** A world that waits for nobody, and how long it would have. */
function impatient(): { backendWorld: Partial<Runtime>; slept: number[] } {
  const slept: number[] = [];
  return { slept, backendWorld: { sleep: async (milliseconds) => void slept.push(milliseconds) } };
}

describe('login', () => {
  test.each([
    ['open source', {}, 'POST /authn-jwt/ci/rehearsal/authenticate'],
    [
      'identity in the URL',
      { identity: 'url' },
      'POST /authn-jwt/ci/rehearsal/host%2Fdata%2Fci%2Frehearsal/authenticate',
    ],
    ['SaaS', { edition: 'saas' }, 'POST /api/authn-jwt/ci/conjur/authenticate'],
    [
      'Edge',
      { edition: 'edge', identity: 'url' },
      'POST /api/authn-jwt/ci/conjur/host%2Fdata%2Fci%2Frehearsal/authenticate',
    ],
    ['base64 by a gateway', { 'login-base64': 'true' }, 'POST /authn-jwt/ci/rehearsal/authenticate'],
  ])('%s: one request', async (_, options, request) => {
    const { logIn, taken } = await rehearse({ options });
    const token = await logIn();
    expect(taken()).toEqual([request]);
    expect(token.lifetimeSeconds).toBe(480);
    expect(Math.abs((token.expiresAtMs ?? 0) - Date.now() - 480_000)).toBeLessThan(5000);
  });

  test('a 503 while keys are fetched is waited out', async () => {
    const { logIn, taken } = await rehearse({ options: { congested: '1' } });
    await logIn();
    expect(taken()).toHaveLength(2);
  });

  test('dead on arrival', async () => {
    const { logIn } = await rehearse({ options: { 'token-lifetime': '0' } });
    await expect(logIn()).rejects.toMatchObject({ reason: 'TOKEN_DEAD_ON_ARRIVAL' });
  });

  test.each([
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
  ])('a server clock %s does not change the life', async (_, serverClockMs) => {
    const { exchange, idToken } = await rehearse({ serverClockMs });
    const iat = Math.floor((Date.now() + serverClockMs) / 1000) - 30;
    const token = await exchange(await idToken({ iat, nbf: iat, exp: iat + 600 }));
    expect(token.lifetimeSeconds).toBe(480);
    expect(Math.abs((token.expiresAtMs ?? 0) - Date.now() - 480_000)).toBeLessThan(5000);
  });
});

/** Long enough issued not to be asked twice. */
const old = (): Readonly<Record<string, unknown>> => ({ iat: Math.floor(Date.now() / 1000) - 60 });

describe('refused login', () => {
  test.each([
    ['not enabled', { options: { enabled: 'false' } }, 'AUTH_REFUSED', /refused the ID token \(status 401\)/],
    [
      'not in the group',
      { options: { member: 'false' } },
      'AUTH_REFUSED',
      /does not let it use authn-jwt\/ci \(status 403\)/,
    ],
    ['host id beside the claim', { values: { 'host-id': 'host/x' } }, 'AUTH_REFUSED', /status 401/],
    [
      'not that host',
      { options: { identity: 'url' }, values: { 'host-id': 'host/other' } },
      'AUTH_REFUSED',
      /status 401/,
    ],
    [
      'user login',
      { options: { identity: 'url' }, values: { 'host-id': 'data/ci/rehearsal' } },
      'AUTH_REFUSED',
      /status 401/,
    ],
    ['wrong account', { values: { account: 'other' } }, 'AUTH_REFUSED', /status 401/],
    ['wrong URL', { options: { edition: 'edge' }, path: '/' }, 'NOT_THE_API', /no Conjur login at this URL/],
    ['service id with a dot', { values: { 'service-id': 'ci.prod' } }, 'NOT_THE_API', /no Conjur login at this URL/],
    ['400', { faults: ['exchange:400*9'] }, 'BAD_REQUEST', /no ID token in the login form \(status 400/],
    ['422', { faults: ['exchange:422*9'] }, 'BAD_REQUEST', /status 422/],
    ['page', { faults: ['exchange:html*9'] }, 'NOT_THE_API', /web page/],
    ['nothing', { faults: ['exchange:empty*9'] }, 'UNEXPECTED_ANSWER', /empty/],
    ['half of it', { faults: ['exchange:badjson*9'] }, 'BAD_JSON', /position/],
  ] as const)('%s', async (_, setup, reason, message) => {
    const { exchange, idToken, taken } = await rehearse(setup);
    await expect(exchange(await idToken(old()))).rejects.toMatchObject({
      reason,
      message: expect.stringMatching(message),
    });
    expect(taken()).toHaveLength(1);
  });

  test('an expired token is told, and not tried again', async () => {
    const { exchange, idToken, taken } = await rehearse({ serverClockMs: 10_000 });
    const iat = Math.floor(Date.now() / 1000) + 8;
    const refusal = exchange(await idToken({ iat, nbf: iat, exp: iat + 1 }));
    await expect(refusal).rejects.toMatchObject({
      reason: 'AUTH_REFUSED',
      message: expect.stringContaining('CONJ00016E'),
      hints: expect.not.arrayContaining([expect.stringContaining('CONJ code')]),
    });
    expect(taken()).toHaveLength(1);
  });

  test('a URL with a path too many is told by the answer', async () => {
    const { exchange, idToken } = await rehearse({ path: '/conjur' });
    const refusal = exchange(await idToken(old()));
    await expect(refusal).rejects.toMatchObject({
      reason: 'AUTH_REFUSED',
      hints: [expect.stringContaining('check the URL')],
    });
  });

  test.each([
    ['alice', true],
    ['host/ci/app', false],
  ])('the login %s is said to be one of a user: %j', async (hostId, isUser) => {
    const { exchange, idToken } = await rehearse({ options: { identity: 'url' }, values: { 'host-id': hostId } });
    const refused = await exchange(await idToken(old())).catch((error: unknown) => error);
    expect(refused).toMatchObject({ reason: 'AUTH_REFUSED' });
    expect(JSON.stringify(refused).includes('host-id names a user')).toBe(isUser);
  });

  test('a web page is said to come from a gateway', async () => {
    const { exchange, idToken } = await rehearse({ faults: ['exchange:html*9;status=403'] });
    const refusal = exchange(await idToken(old()));
    await expect(refusal).rejects.toMatchObject({
      reason: 'AUTH_REFUSED',
      hints: [expect.stringContaining('gateway')],
    });
  });
});

describe('a token that is very new', () => {
  test('is tried once more when the server is behind, after its clock has got there', async () => {
    const { backendWorld, slept } = impatient();
    const { exchange, idToken, taken } = await rehearse({ serverClockMs: -3000, backendWorld });
    await expect(exchange(await idToken())).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
    expect(taken()).toHaveLength(2);
    expect(slept).toHaveLength(1);
    expect(slept[0]).toBeGreaterThanOrEqual(3000);
    expect(slept[0]).toBeLessThanOrEqual(6000);
  });

  test('gets its access token that way', async () => {
    const { backendWorld } = impatient();
    const { logIn, taken } = await rehearse({ faults: ['exchange:401*1'], backendWorld });
    expect((await logIn()).lifetimeSeconds).toBe(480);
    expect(taken()).toHaveLength(2);
  });

  test('but not where each token counts once', async () => {
    const { backendWorld } = impatient();
    const { logIn, taken } = await rehearse({ faults: ['exchange:401*1'], backendWorld, singleUse: true });
    await expect(logIn()).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
    expect(taken()).toHaveLength(1);
  });

  test.each([
    ['issued 6 s ago', -6],
    ['far ahead of the server', 60],
  ])('but not one %s', async (_, seconds) => {
    const { backendWorld, slept } = impatient();
    const { exchange, idToken, taken } = await rehearse({ faults: ['exchange:401*9'], backendWorld });
    const iat = Math.floor(Date.now() / 1000) + seconds;
    await expect(exchange(await idToken({ iat, nbf: iat - 5 }))).rejects.toMatchObject({
      reason: 'AUTH_REFUSED',
    });
    expect([taken().length, slept]).toEqual([1, []]);
  });
});

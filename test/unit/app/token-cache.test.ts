import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type CacheContext, openTokenCache } from '../../../src/app/token-cache.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import type { SubjectToken } from '../../../src/lib/tokens.ts';
import { findLeaksBelow } from '../../support/canaries.ts';
import { invocationIn } from '../../support/invocation.ts';
import { accessToken, CONTEXT, idToken, NOW, placeForTokens, SECRET, textOf } from '../../support/kept-tokens.ts';

const place = placeForTokens();

describe('a kept token', () => {
  test('is found by the next command of the job, and by it alone', () => {
    place.keepOne();
    expect(place.open().get(CONTEXT, idToken())).toEqual(accessToken());
    expect(place.open().get(CONTEXT, idToken({ jti: 'another job' }))).toBeUndefined();
    expect(textOf(place.open().get(CONTEXT, idToken())), 'the entry of the first job is untouched').toBe(SECRET);
  });

  test('where each command has another ID token, is found by the right to ask for them, and by nothing less', () => {
    const right = new Sensitive('the right to ask, which only this job has');
    const asked = (changes: Readonly<Record<string, unknown>>, jobSecret = right): SubjectToken => {
      return { ...idToken(changes), renewal: 'asked', jobSecret };
    };
    const cache = place.open();
    expect(cache.put(CONTEXT, asked({ jti: 'one' }), accessToken(), 0)).toBeUndefined();
    expect(textOf(cache.get(CONTEXT, asked({ jti: 'two' })))).toBe(SECRET);
    const others = [
      asked({ jti: 'two' }, new Sensitive('the right to ask of another job of this CI')),
      asked({ sub: 'another' }),
      asked({ aud: 'https://elsewhere.example.test' }),
      asked({ iss: 'https://elsewhere.example.test' }),
      idToken({ jti: 'one' }),
    ];
    for (const other of others) expect(cache.get(CONTEXT, other)).toBeUndefined();
    expect(textOf(cache.get(CONTEXT, asked({ jti: 'three' })))).toBe(SECRET);
  });

  test('lies in one 0600 file of a 0700 directory whose name and bytes say nothing', () => {
    const file = place.keepOne();
    expect(readdirSync(place.directory)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(place.directory).mode & 0o777).toBe(0o700);
    const jwt = idToken().jwt.reveal().toString();
    expect(findLeaksBelow(place.directory, [SECRET, ...jwt.split('.'), 'conjur.example.test'])).toEqual([]);
    expect([...readFileSync(file).subarray(0, 3)]).toEqual([1, 254, 1]);
  });

  test('has a salt and so a key of its own each time it is written', () => {
    const first = readFileSync(place.keepOne());
    rmSync(place.directory, { recursive: true });
    const second = readFileSync(place.keepOne());
    expect(second.subarray(3, 35)).not.toEqual(first.subarray(3, 35));
    expect(second.subarray(35)).not.toEqual(first.subarray(35));
  });

  test('is replaced by a newer one', () => {
    place.keepOne();
    const cache = place.open();
    cache.put(CONTEXT, idToken(), { ...accessToken(), value: new Sensitive('newer') }, 0);
    expect(textOf(cache.get(CONTEXT, idToken()))).toBe('newer');
    expect(readdirSync(place.directory)).toHaveLength(1);
  });

  test('may hold any bytes', () => {
    const bytes = Buffer.from([0, 255, 10, 34, 200]);
    const cache = place.open();
    cache.put(CONTEXT, idToken(), { ...accessToken(), value: new Sensitive(bytes) }, 0);
    expect(cache.get(CONTEXT, idToken())?.value.reveal()).toEqual(bytes);
  });

  test('is forgotten, and taken once to be revoked', () => {
    place.keepOne();
    place.open().forget(CONTEXT, idToken());
    expect(readdirSync(place.directory)).toEqual([]);
    place.open().forget(CONTEXT, idToken());
    place.keepOne();
    expect(textOf(place.open().take(CONTEXT, idToken()))).toBe(SECRET);
    expect(readdirSync(place.directory)).toEqual([]);
    expect(place.open().take(CONTEXT, idToken())).toBeUndefined();
  });
});

describe('row 93: each part of the context has an entry of its own', () => {
  const changes: readonly (readonly [string, Partial<CacheContext>])[] = [
    ['backend', { backend: 'fortipam' }],
    ['scheme', { endpoint: new URL('http://conjur.example.test/api') }],
    ['host', { endpoint: new URL('https://conjur2.example.test/api') }],
    ['port', { endpoint: new URL('https://conjur.example.test:8443/api') }],
    ['base path', { endpoint: new URL('https://conjur.example.test/') }],
    ['authenticator', { bindings: ['authn-jwt/jenkins', 'prod', ''] }],
    ['account', { bindings: ['authn-jwt/gitlab', 'staging', ''] }],
    ['identity', { bindings: ['authn-jwt/gitlab', 'prod', 'host/x'] }],
    ['number of bindings', { bindings: ['authn-jwt/gitlab', 'prod'] }],
    ['border between bindings', { bindings: ['authn-jwt/gitlabprod', '', ''] }],
    ['audience', { audience: 'other' }],
    ['CA', { trust: ['0123', ''] }],
    ['client certificate', { trust: ['system', '0123'] }],
    ['border between the two', { trust: ['', 'system'] }],
    ['server name', { serverName: 'conjur' }],
  ];

  test.each(changes)('%s', (_, change) => {
    place.keepOne();
    const other = { ...CONTEXT, ...change };
    expect(place.open().get(other, idToken())).toBeUndefined();
    place.keepOne(other);
    expect(readdirSync(place.directory)).toHaveLength(2);
  });

  test('the default port said or not is one context', () => {
    place.keepOne();
    expect(
      place.open().get({ ...CONTEXT, endpoint: new URL('https://conjur.example.test:443/api') }, idToken()),
    ).toBeDefined();
  });

  test.each<[string, CacheContext, SubjectToken]>([
    ['another context', { ...CONTEXT, audience: 'other' }, idToken()],
    ['another job', CONTEXT, idToken({ jti: 'two' })],
  ])('an entry of %s under our name is a miss', (_, context, job) => {
    const ours = place.keepOne();
    const theirs = place.keepOne(context, job);
    renameSync(theirs, ours);
    expect(place.open().get(CONTEXT, idToken())).toBeUndefined();
    expect(existsSync(ours), 'and is gone').toBe(false);
  });
});

describe('when a kept token is used', () => {
  test.each([
    ['480 s: up to 15 % before its end', 480, 407, 409],
    ['100 s: up to 30 s before its end', 100, 69, 71],
  ])('%s', (_, lifetime, used, notUsed) => {
    place.open().put(CONTEXT, idToken(), accessToken(lifetime), 0);
    expect(place.open({ now: () => NOW + used * 1000 }).get(CONTEXT, idToken())).toBeDefined();
    expect(place.open({ now: () => NOW + notUsed * 1000 }).get(CONTEXT, idToken())).toBeUndefined();
    expect(readdirSync(place.directory)).toEqual([]);
  });

  test.each([
    ['one that does not say when it ends', { ...accessToken(), expiresAtMs: undefined }, /does not say/],
    ['one that would never be used', accessToken(29), /29 s only/],
    ['one that is over', accessToken(-5), /only/],
  ])('%s is not kept', (_, token, why) => {
    const cache = place.open();
    expect(cache.put(CONTEXT, idToken(), token, 0)).toMatch(why);
    expect(readdirSync(place.directory)).toEqual([]);
  });

  test.each(['HS256', 'hs512'])('none is kept for a test token signed with %s, whose secret may be guessed', (alg) => {
    const cache = place.open();
    expect(cache.put(CONTEXT, idToken({}, { alg }), accessToken(), 0)).toMatch(/test token/);
    expect(readdirSync(place.directory)).toEqual([]);
  });

  test('the end is judged on the server clock that came with it', () => {
    place.open().put(CONTEXT, idToken(), accessToken(), 20 * 60_000);
    expect(place.open().get(CONTEXT, idToken())).toEqual(accessToken());
    expect(place.open({ now: () => NOW + 409_000 }).get(CONTEXT, idToken())).toBeUndefined();
  });

  test('row 101: one from the future is a miss', () => {
    place.keepOne();
    expect(place.open({ now: () => NOW - 4000 }).get(CONTEXT, idToken()), 'a step of the clock').toBeDefined();
    expect(place.open({ now: () => NOW - 86_400_000 }).get(CONTEXT, idToken())).toBeUndefined();
  });

  test('to be revoked it is taken until its very end', () => {
    place.keepOne();
    expect(place.open({ now: () => NOW + 479_000 }).take(CONTEXT, idToken())).toBeDefined();
    place.keepOne();
    expect(place.open({ now: () => NOW + 480_000 }).take(CONTEXT, idToken())).toBeUndefined();
  });
});

test('under --no-cache nothing is kept, looked for or said', () => {
  const invocation = invocationIn({ env: { HOME: place.root } });
  const cache = openTokenCache({ cache: false, cacheDir: place.directory }, invocation);
  expect(cache.put(CONTEXT, idToken(), accessToken(), 0)).toBeDefined();
  expect(cache.get(CONTEXT, idToken())).toBeUndefined();
  expect(existsSync(place.directory)).toBe(false);
  expect(invocation.lines).toEqual([]);
});

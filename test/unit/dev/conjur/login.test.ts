import { describe, expect, test } from 'vitest';
import { createIssuerKey } from '../../../../src/lib/jwt.ts';
import { bodyOf, ISSUER, LOGIN, NOW, SAAS_LOGIN, strictConjur } from './strict-conjur.ts';

describe('routes of the login', () => {
  test.each([
    ['one account', LOGIN, {}, 200],
    ['a raw slash in the login', '/authn-jwt/ci/rehearsal/host/data/authenticate', {}, 404],
    ['a doubled slash', '/authn-jwt//ci/rehearsal/authenticate', {}, 404],
    ['a slash at the end', `${LOGIN}/`, {}, 404],
    ['no account', '/authn-jwt/ci/authenticate', {}, 404],
    ['an encoded slash in the account', '/authn-jwt/ci/a%2Fb/authenticate', {}, 404],
    ['a dot in the service id', '/authn-jwt/ci.prod/rehearsal/authenticate', {}, 404],
    ['a broken escape', '/authn-jwt/ci/rehearsal%zz/authenticate', {}, 400],
    // No route, but the access token is looked at before the route.
    ['/api where it does not belong', `/api${LOGIN}`, {}, 401],
    ['SaaS', SAAS_LOGIN, { edition: 'saas' }, 200],
    ['SaaS without /api', '/authn-jwt/ci/conjur/authenticate', { edition: 'saas' }, 404],
    ['SaaS with another account', '/api/authn-jwt/ci/prod/authenticate', { edition: 'saas' }, 401],
    ['Edge', SAAS_LOGIN, { edition: 'edge' }, 200],
  ])('%s', async (_, path, options, status) => {
    const strict = await strictConjur(options);
    expect((await strict.login(await strict.token(), path)).status).toBe(status);
  });
});

describe('checks of the login, in their order', () => {
  test.each([
    ['another account', {}, {}, '/authn-jwt/ci/other/authenticate', 'CONJ00008E'],
    ['another service id', {}, {}, '/authn-jwt/other/rehearsal/authenticate', 'CONJ00004E'],
    ['not enabled', { enabled: 'false' }, {}, LOGIN, 'CONJ00004E'],
    ['no key set configured', { 'signing-key': 'false' }, {}, LOGIN, 'CONJ00037E'],
    ['nbf one second ahead', {}, { nbf: NOW + 1 }, LOGIN, 'CONJ00035E'],
    ['iat one second ahead', {}, { iat: NOW + 1 }, LOGIN, 'CONJ00035E'],
    ['no exp', {}, { exp: undefined }, LOGIN, 'CONJ00091E'],
    ['no aud', {}, { aud: undefined }, LOGIN, 'CONJ00091E'],
    ['another aud', {}, { aud: 'https://other.example.test' }, LOGIN, 'CONJ00035E'],
    ['a list without the aud', {}, { aud: ['a', 'b'] }, LOGIN, 'CONJ00035E'],
    ['no iss', {}, { iss: undefined }, LOGIN, 'CONJ00091E'],
    ['another iss', {}, { iss: `${ISSUER}/` }, LOGIN, 'CONJ00035E'],
    ['a login in the URL beside the claim', {}, {}, '/authn-jwt/ci/rehearsal/host%2Fx/authenticate', 'CONJ00098E'],
    ['no login in the URL and no claim', { identity: 'url' }, {}, LOGIN, 'CONJ00098E'],
    [
      'a user login',
      { identity: 'url' },
      {},
      '/authn-jwt/ci/rehearsal/data%2Fci%2Frehearsal/authenticate',
      'CONJ00007E',
    ],
    ['a plus for a space', { identity: 'url' }, {}, '/authn-jwt/ci/rehearsal/host+x/authenticate', 'CONJ00007E'],
    ['no identity claim', {}, { project_path: undefined }, LOGIN, 'CONJ00081E'],
    ['an identity claim that is a number', {}, { project_path: 22 }, LOGIN, 'CONJ00117E'],
    ['an empty identity claim', {}, { project_path: '' }, LOGIN, 'CONJ00118E'],
    ['another project', {}, { project_path: 'acme/other' }, LOGIN, 'CONJ00007E'],
    ['no such host', { host: 'false' }, {}, LOGIN, 'CONJ00007E'],
    ['another network', { 'restricted-to': '10.0.0.0/8' }, {}, LOGIN, 'CONJ00003E'],
    ['no annotations', { annotations: 'false' }, {}, LOGIN, 'CONJ00099E'],
    ['an annotated claim missing', {}, { ref: undefined }, LOGIN, 'CONJ00084E'],
    ['an annotated claim that differs', {}, { ref: 'feature' }, LOGIN, 'CONJ00049E'],
    ['an annotated claim of another type', {}, { ref_protected: true }, LOGIN, 'CONJ00049E'],
  ])('%s: 401 with nothing in it', async (_, options, claims, path, code) => {
    const strict = await strictConjur(options);
    const reply = await strict.login(await strict.token(claims), path);
    expect([reply.status, bodyOf(reply)]).toEqual([401, '']);
    expect(strict.server.log.at(-1)).toMatch(new RegExp(`^${code}`));
  });

  test('an expired token is the one thing it tells', async () => {
    const strict = await strictConjur();
    const reply = await strict.login(await strict.token({ exp: NOW }));
    expect(reply.status).toBe(401);
    expect(JSON.parse(bodyOf(reply))).toEqual({ error: { code: 'unauthorized', message: 'CONJ00016E Token expired' } });
  });

  test('a host outside the group: 403 with nothing in it', async () => {
    const strict = await strictConjur({ member: 'false' });
    const reply = await strict.login(await strict.token());
    expect([reply.status, bodyOf(reply), strict.server.log.at(-1)?.slice(0, 10)]).toEqual([403, '', 'CONJ00006E']);
  });

  test.each([
    ['no field', 'token=x', 400],
    ['an empty field', 'jwt=', 400],
    ['blanks', 'jwt=+%20', 400],
    ['the last one wins', 'jwt=a.b.c&jwt=', 400],
    ['no JWT', 'jwt=ab.cd', 401],
    ['a broken escape', 'jwt=%zz', 401],
  ])('form: %s', async (_, form, status) => {
    const strict = await strictConjur();
    const reply = await strict.send({ method: 'POST', target: LOGIN, body: Buffer.from(form) });
    expect([reply.status, bodyOf(reply)]).toEqual([status, '']);
  });

  test('the form is read whatever the content type, blanks around the token are dropped', async () => {
    const strict = await strictConjur();
    const body = Buffer.from(`extra=1&jwt=${await strict.token()}%0A`);
    const headers = { 'content-type': 'text/plain', authorization: 'Bearer whatever' };
    expect((await strict.send({ method: 'POST', target: LOGIN, headers, body })).status).toBe(200);
  });

  test('one of several audiences is enough', async () => {
    const strict = await strictConjur();
    expect((await strict.login(await strict.token({ aud: ['other', 'https://conjur.example.test'] }))).status).toBe(
      200,
    );
  });

  test('without the variable audience any will do', async () => {
    const strict = await strictConjur({ audience: 'false' });
    expect((await strict.login(await strict.token({ aud: undefined }))).status).toBe(200);
  });

  test('a foreign key, another algorithm, no kid: 401', async () => {
    const strict = await strictConjur();
    const [foreign, elliptic] = await Promise.all([createIssuerKey('RS256'), createIssuerKey('ES256')]);
    const tokens = [
      strict.token({}, {}, foreign),
      strict.token({}, {}, elliptic),
      strict.token({}, { kid: undefined }),
    ];
    for (const jwt of await Promise.all(tokens)) {
      expect((await strict.login(jwt)).status).toBe(401);
      expect(strict.server.log.at(-1)).toMatch(/^CONJ00035E/);
    }
  });

  test('503 while the keys are fetched, then success', async () => {
    const strict = await strictConjur({ congested: '1' });
    const jwt = await strict.token();
    expect((await strict.login(jwt)).status).toBe(503);
    expect((await strict.login(jwt)).status).toBe(200);
  });
});

describe('the access token', () => {
  const partsOf = (json: string): string[] => Object.values<string>(JSON.parse(json));

  test('slosilo-shaped, padded and URL-safe, 8 minutes', async () => {
    const strict = await strictConjur();
    const reply = await strict.login(await strict.token());
    expect(reply.headers?.['content-type']).toBe('application/json; charset=utf-8');
    expect(Object.keys(JSON.parse(bodyOf(reply)))).toEqual(['protected', 'payload', 'signature']);
    for (const part of partsOf(bodyOf(reply))) {
      expect(part).toMatch(/^[A-Za-z0-9_-]+={0,2}$/);
      expect(part.length % 4).toBe(0);
    }
    const [head, body] = partsOf(bodyOf(reply)).map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(head ?? '')).toEqual({
      alg: 'conjur.org/slosilo/v2',
      kid: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.parse(body ?? '')).toEqual({ iat: NOW, sub: 'host/ci/acme/shop', exp: NOW + 480 });
  });

  test.each([
    ['2 seconds', { 'token-lifetime': '2' }, { exp: NOW + 2 }],
    ['5 hours', { 'token-lifetime': '18000' }, { exp: NOW + 18_000 }],
    ['SaaS has a tenant', { edition: 'saas' }, { tid: expect.any(String) }],
  ])('%s', async (_, options, claims) => {
    const strict = await strictConjur(options);
    const [, body = ''] = partsOf(bodyOf(await strict.login(await strict.token())));
    expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toMatchObject(claims);
  });

  test('none says how long when the server is old', async () => {
    const strict = await strictConjur({ 'no-exp': 'true' });
    const [, body = ''] = partsOf(bodyOf(await strict.login(await strict.token())));
    expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toEqual({ iat: NOW, sub: 'host/ci/acme/shop' });
  });

  test.each([
    ['base64', true],
    ['gzip      ,  bASe64 ,defalte,br', true],
    ['base64;q=1', false],
    ['gzip, deflate', false],
    ['identity', false],
  ])('Accept-Encoding: %s', async (accepted, isBase64) => {
    const strict = await strictConjur();
    const body = Buffer.from(`jwt=${await strict.token()}`);
    const reply = await strict.send({ method: 'POST', target: LOGIN, headers: { 'accept-encoding': accepted }, body });
    expect(reply.headers?.['content-encoding']).toBe(isBase64 ? 'base64' : undefined);
    expect(reply.headers?.['content-type']).toMatch(isBase64 ? /^text\/plain/ : /^application\/json/);
    expect(bodyOf(reply).startsWith('{')).toBe(!isBase64);
  });
});

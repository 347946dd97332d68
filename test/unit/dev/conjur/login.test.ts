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

interface Attempt {
  readonly options?: Readonly<Record<string, string>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly path?: string;
}

describe('checks of the login, in their order', () => {
  test.each([
    ['another account', { path: '/authn-jwt/ci/other/authenticate' }, 'CONJ00008E'],
    ['another service id', { path: '/authn-jwt/other/rehearsal/authenticate' }, 'CONJ00004E'],
    ['not enabled', { options: { enabled: 'false' } }, 'CONJ00004E'],
    ['no key set configured', { options: { 'signing-key': 'false' } }, 'CONJ00037E'],
    ['nbf one second ahead', { claims: { nbf: NOW + 1 } }, 'CONJ00035E'],
    ['iat one second ahead', { claims: { iat: NOW + 1 } }, 'CONJ00035E'],
    ['no exp', { claims: { exp: undefined } }, 'CONJ00091E'],
    ['no aud', { claims: { aud: undefined } }, 'CONJ00091E'],
    ['another aud', { claims: { aud: 'https://other.example.test' } }, 'CONJ00035E'],
    ['a list without the aud', { claims: { aud: ['a', 'b'] } }, 'CONJ00035E'],
    ['no iss', { claims: { iss: undefined } }, 'CONJ00091E'],
    ['another iss', { claims: { iss: `${ISSUER}/` } }, 'CONJ00035E'],
    ['a login in the URL beside the claim', { path: '/authn-jwt/ci/rehearsal/host%2Fx/authenticate' }, 'CONJ00098E'],
    ['no login in the URL and no claim', { options: { identity: 'url' } }, 'CONJ00098E'],
    [
      'a user login',
      { options: { identity: 'url' }, path: '/authn-jwt/ci/rehearsal/data%2Fci%2Frehearsal/authenticate' },
      'CONJ00007E',
    ],
    [
      'a plus for a space',
      { options: { identity: 'url' }, path: '/authn-jwt/ci/rehearsal/host+x/authenticate' },
      'CONJ00007E',
    ],
    ['no identity claim', { claims: { project_path: undefined } }, 'CONJ00081E'],
    ['an identity claim that is a number', { claims: { project_path: 22 } }, 'CONJ00117E'],
    ['an empty identity claim', { claims: { project_path: '' } }, 'CONJ00118E'],
    ['another project', { claims: { project_path: 'acme/other' } }, 'CONJ00007E'],
    ['no such host', { options: { host: 'false' } }, 'CONJ00007E'],
    ['another network', { options: { 'restricted-to': '10.0.0.0/8' } }, 'CONJ00003E'],
    ['no annotations', { options: { annotations: 'false' } }, 'CONJ00099E'],
    ['an annotated claim missing', { claims: { ref: undefined } }, 'CONJ00084E'],
    ['an annotated claim that differs', { claims: { ref: 'feature' } }, 'CONJ00049E'],
    ['an annotated claim of another type', { claims: { ref_protected: true } }, 'CONJ00049E'],
  ] as readonly (readonly [string, Attempt, string])[])('%s: 401 with nothing in it', async (_, attempt, code) => {
    const strict = await strictConjur(attempt.options);
    const reply = await strict.login(await strict.token(attempt.claims), attempt.path ?? LOGIN);
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

const partsOf = (json: string): string[] => Object.values<string>(JSON.parse(json));

describe('the access token', () => {
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

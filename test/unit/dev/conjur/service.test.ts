import { describe, expect, test } from 'vitest';
import { bodyOf, strictConjur } from './strict-conjur.ts';

const SECRETS = Object.fromEntries(Array.from({ length: 1200 }, (_, index) => [`app/s-${1000 + index}`, ['x']]));

const enabled = async (word: string): Promise<unknown> =>
  JSON.parse(bodyOf(await (await strictConjur({ enabled: word })).send({ target: '/authenticators' }))).enabled;

describe('without an access token', () => {
  test('GET / is HTML for people and JSON for programs', async () => {
    const strict = await strictConjur();
    expect((await strict.send({ target: '/' })).headers?.['content-type']).toMatch(/^text\/html/);
    const json = await strict.send({ target: '/', headers: { accept: 'application/json' } });
    expect(JSON.parse(bodyOf(json))).toEqual({ version: expect.any(String) });
  });

  test('/authenticators says what is enabled', async () => {
    expect(await enabled('true')).toContain('authn-jwt/ci');
    expect(await enabled('false')).not.toContain('authn-jwt/ci');
  });

  test.each(['/whoami', '/resources/rehearsal', '/nowhere', '/authn-jwt/ci/rehearsal/status'])(
    '%s: 401',
    async (target) => {
      expect((await (await strictConjur()).send({ target })).status).toBe(401);
    },
  );
});

const loadPolicy = async (options: Record<string, string>): Promise<number> => {
  const strict = await strictConjur(options);
  const headers = await strict.authorization();
  return (await strict.send({ method: 'POST', target: '/policies/rehearsal/policy/root', headers })).status;
};

describe('with an access token', () => {
  test('/whoami', async () => {
    const strict = await strictConjur();
    const reply = await strict.send({
      target: '/whoami',
      headers: { ...(await strict.authorization()), 'user-agent': 'me' },
    });
    expect(JSON.parse(bodyOf(reply))).toMatchObject({
      account: 'rehearsal',
      username: 'host/ci/acme/shop',
      user_agent: 'me',
    });
  });

  test('an unknown path: 404', async () => {
    const strict = await strictConjur();
    expect((await strict.send({ target: '/nowhere', headers: await strict.authorization() })).status).toBe(404);
  });

  test.each([
    [{ operator: 'true' }, 'ci', 200, /^\{"status":"ok"\}$/],
    [{}, 'ci', 403, /CONJ00006E/],
    [{ operator: 'true' }, 'other', 404, /CONJ00005E/],
  ])('status of the authenticator with %o', async (options, serviceId, status, body) => {
    const strict = await strictConjur(options);
    const target = `/authn-jwt/${serviceId}/rehearsal/status`;
    const reply = await strict.send({ target, headers: await strict.authorization() });
    expect([reply.status, bodyOf(reply)]).toEqual([status, expect.stringMatching(body)]);
  });

  test('loading policy is not for a job, nor for a replica', async () => {
    expect(await loadPolicy({})).toBe(403);
    expect(await loadPolicy({ replica: 'true' })).toBe(405);
  });
});

const list = async (
  query: string,
  forbidden: readonly string[] = [],
  options = {},
): Promise<{ status: number; body: unknown }> => {
  const strict = await strictConjur(options, SECRETS, forbidden);
  const reply = await strict.send({ target: `/resources/rehearsal${query}`, headers: await strict.authorization() });
  return { status: reply.status, body: bodyOf(reply) === '' ? undefined : JSON.parse(bodyOf(reply)) };
};

describe('/resources', () => {
  test.each([
    ['', 1000],
    ['?kind=variable', 1000],
    ['/variable', 1000],
    ['?offset=5', 10],
    ['?limit=3', 3],
    ['?limit=10000', 1200],
    ['?limit=1000&offset=1195', 5],
    ['?kind=host', 0],
    ['?search=s+1007', 1],
    ['?search=100', 0],
  ])('%s: %i entries', async (query, length) => {
    expect((await list(query)).body).toHaveLength(length);
  });

  test.each(['?limit=0', '?limit=x', '?limit=1001', '?offset=-1', '?offset=x'])('%s: 422', async (query) => {
    expect((await list(query)).status).toBe(422);
  });

  test('a count, one entry, a check', async () => {
    expect((await list('?count=true')).body).toEqual({ count: 1200 });
    expect((await list('/variable/app%2Fs-1000')).body).toMatchObject({ id: 'rehearsal:variable:app/s-1000' });
    expect((await list('/variable/none')).status).toBe(404);
    expect((await list('/variable/app%2Fs-1000?check=true&privilege=execute')).status).toBe(204);
    expect((await list('/variable/app%2Fs-1000?check=true&privilege=update')).status).toBe(404);
    expect((await list('/variable/app%2Fs-1000?check=true&privilege=execute', ['app/s-1000'])).status).toBe(404);
    expect((await list('/variable/app%2Fs-1000?check=true&privilege=read', ['app/s-1000'])).status).toBe(204);
    expect(
      (await list('/variable/app%2Fs-1000?check=true&privilege=read', ['app/s-1000'], { hidden: 'true' })).status,
    ).toBe(404);
    expect((await list('/variable/app%2Fs-1000?check=true&role=rehearsal:host:other')).status).toBe(403);
  });
});

describe('what a job gets', () => {
  test.each([
    [
      {},
      { CONJUR_APPLIANCE_URL: 'https://localhost:1', CONJUR_ACCOUNT: 'rehearsal', CONJUR_AUTHN_JWT_SERVICE_ID: 'ci' },
    ],
    [
      { edition: 'saas', identity: 'url' },
      {
        CONJUR_APPLIANCE_URL: 'https://localhost:1/api',
        CONJUR_ACCOUNT: 'conjur',
        CONJUR_AUTHN_JWT_SERVICE_ID: 'ci',
        CONJUR_AUTHN_JWT_HOST_ID: 'host/data/ci/rehearsal',
        CONJUR_ENVIRONMENT: 'saas',
      },
    ],
  ])('variables with %o', async (options, variables) => {
    expect((await strictConjur(options)).server.variables('https://localhost:1')).toEqual(variables);
  });

  test.each([
    ['POST', '/authn-jwt/ci/rehearsal/authenticate', 'exchange'],
    ['POST', '/api/authn-jwt/ci/conjur/host%2Fx/authenticate', 'exchange'],
    ['GET', '/secrets?variable_ids=x', 'read'],
    ['GET', '/secrets/rehearsal/variable/x', 'read'],
    ['POST', '/api/secrets/values', 'read'],
    ['POST', '/secrets/rehearsal/variable/x', undefined],
    ['GET', '/whoami', undefined],
    ['GET', '/authn-jwt/ci/rehearsal/status', undefined],
  ])('%s %s is %s', async (method, target, kind) => {
    const { server } = await strictConjur();
    expect(server.classify({ method, target, headers: {}, body: Buffer.alloc(0), remoteAddress: '' })).toBe(kind);
  });

  test.each([
    { editon: 'saas' },
    { edition: 'cloud' },
    { 'token-lifetime': '18001' },
    { replica: 'maybe' },
    { 'restricted-to': 'home' },
  ])('option %o is refused', async (options) => {
    await expect(strictConjur(options as Record<string, string>)).rejects.toMatchObject({ reason: 'USAGE' });
  });
});

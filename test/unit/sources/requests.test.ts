import { describe, expect, test } from 'vitest';
import { SecretctlError } from '../../../src/lib/errors.ts';
import { findSubjectToken, readSubjectToken } from '../../../src/sources/index.ts';
import type { TokenSettings } from '../../../src/sources/types.ts';
import { canary, findLeaks } from '../../support/canaries.ts';
import { CI_FIXTURES } from '../../support/ci-jobs.ts';
import { craftToken, fineClaims, RS256 } from '../../support/craft.ts';
import type { World } from '../../support/invocation.ts';
import { seekingIn } from '../../support/seeking.ts';
import { openTokenServer } from '../../support/token-server.ts';

const AUDIENCE = 'https://conjur.example.test/?a=b&c';
const ASKED = encodeURIComponent(AUDIENCE);

/** How each CI is asked, and how it answers. */
interface Way {
  readonly fixture: string;
  readonly env: (url: string, right: string) => Record<string, string>;
  readonly method: string;
  readonly target: string;
  readonly authorization: (right: string) => string;
  /** Other headers that it must come with, and its body. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly answer: (jwt: string) => object;
}

const actions: Omit<Way, 'fixture'> = {
  env: (url, right) => ({
    ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/jobs/1/idtoken?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: right,
  }),
  method: 'GET',
  target: `/jobs/1/idtoken?api-version=2.0&audience=${ASKED}`,
  authorization: (right) => `Bearer ${right}`,
  answer: (value) => ({ count: value.length, value }),
};

const WAYS: readonly Way[] = [
  { ...actions, fixture: 'github' },
  { ...actions, fixture: 'forgejo' },
  { ...actions, fixture: 'gitea' },
  {
    fixture: 'azure',
    env: (url, right) => ({ SYSTEM_OIDCREQUESTURI: `${url}/acme/idtoken`, SYSTEM_ACCESSTOKEN: right }),
    method: 'POST',
    target: '/acme/idtoken?api-version=7.1',
    authorization: (right) => `Bearer ${right}`,
    // Without the second a refusal would be a redirect.
    headers: { 'content-type': 'application/json', 'x-tfs-fedauthredirect': 'Suppress' },
    body: '{}',
    answer: (oidcToken) => ({ oidcToken }),
  },
  {
    fixture: 'codefresh',
    env: (url, right) => ({ CF_OIDC_REQUEST_URL: `${url}/token`, CF_OIDC_REQUEST_TOKEN: right }),
    method: 'GET',
    target: `/token?audience=${ASKED}`,
    authorization: (right) => right,
    answer: (jwt) => ({ id_token: jwt }),
  },
];

const jwtFor = (aud: string): string => craftToken(RS256, fineClaims({ aud, jti: canary() }));

function jobOf(fixture: string): NonNullable<World['env']> {
  return CI_FIXTURES.find(({ name }) => name === fixture)?.env ?? {};
}

/** What a promise is rejected with; undefined when it is not. */
async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** What the program would say of an error, all of it. */
function said(error: unknown): string {
  if (!(error instanceof SecretctlError)) throw error;
  return [...(error.facts.details ?? []), `${error.reason}: ${error.message}`, ...error.hints].join('\n');
}

describe.each(WAYS.map((way) => [way.fixture, way] as const))('%s', (fixture, way) => {
  const settings: TokenSettings = { audience: AUDIENCE };

  test('is asked for the audience, with the right of the job, which is hidden as the token is', async () => {
    const [jwt, right] = [jwtFor(AUDIENCE), canary(64)];
    const { origin, came } = await openTokenServer({ body: way.answer(jwt) });
    const seeking = seekingIn({ env: { ...jobOf(fixture), ...way.env(origin, right) } });
    const token = await readSubjectToken(settings, seeking);
    expect(token.jwt.reveal().toString()).toBe(jwt);
    expect(token.renewal).toBe('asked');
    expect(came).toMatchObject([
      {
        method: way.method,
        target: way.target,
        headers: { ...way.headers, accept: 'application/json', authorization: way.authorization(right) },
        body: way.body ?? '',
      },
    ]);
    expect(seeking.hidden).toEqual(expect.arrayContaining([right, jwt]));
    expect(findLeaks('journal', seeking.lines.join('\n'), [right, jwt])).toEqual([]);
  });

  test('is asked again where that may help', async () => {
    const jwt = jwtFor(AUDIENCE);
    const { origin, came } = await openTokenServer({ status: 503, body: {} }, { body: way.answer(jwt) });
    const token = await readSubjectToken(settings, seekingIn({ env: { ...jobOf(fixture), ...way.env(origin, 'r') } }));
    expect(token.jwt.reveal().toString()).toBe(jwt);
    expect(came).toHaveLength(2);
  });

  test.each([
    [401, { message: 'nobody' }, 'AUTH_REFUSED'],
    [403, {}, 'AUTH_REFUSED'],
    [404, {}, 'BAD_REQUEST'],
    [302, {}, 'REDIRECT_REFUSED'],
    [200, {}, 'UNEXPECTED_ANSWER'],
    [200, '<html><title>Sign in</title>', 'NOT_THE_API'],
    [200, '{', 'BAD_JSON'],
  ])('says why there is none: %i %j', async (status, body, reason) => {
    const right = canary(64);
    const headers = status === 302 ? { location: 'https://elsewhere.example.test/' } : {};
    const { origin, came } = await openTokenServer({ status, headers, body });
    const seeking = seekingIn({ env: { ...jobOf(fixture), ...way.env(origin, right) } });
    const error: unknown = await errorOf(readSubjectToken(settings, seeking));
    expect(error).toMatchObject({ reason });
    expect(came).toHaveLength(1);
    expect(findLeaks('error', said(error) + seeking.lines.join('\n'), [right])).toEqual([]);
  });

  test('says what is wrong with a token that is none', async () => {
    const { origin } = await openTokenServer({ body: way.answer('none') });
    const answer = readSubjectToken(settings, seekingIn({ env: { ...jobOf(fixture), ...way.env(origin, 'r') } }));
    await expect(answer).rejects.toMatchObject({ reason: 'TOKEN_FORMAT' });
  });

  test('is planned without a packet, and the plan names host and path', async () => {
    const { origin, came } = await openTokenServer({ body: way.answer(jwtFor(AUDIENCE)) });
    const env = { ...jobOf(fixture), ...way.env(origin, 'r') };
    const found = await findSubjectToken(settings, seekingIn({ env }));
    expect('plan' in found && found.plan).toContain(`${way.method} ${origin}${way.target.replace(/\?.*/, '')}`);
    expect(came).toEqual([]);
  });

  test.each([
    ['http://ci.example.test', 'PLAIN_HTTP'],
    ['https://user:hunter2-hunter2@ci.example.test', 'URL_CREDENTIALS'],
    ['https://ci.example.test/..', 'URL_INVALID'],
    ['ftp://ci.example.test', 'URL_INVALID'],
  ])('is not asked at %s', async (url, reason) => {
    const env = { ...jobOf(fixture), ...way.env(url, 'r') };
    const error: unknown = await errorOf(readSubjectToken(settings, seekingIn({ env })));
    expect(error).toMatchObject({ reason });
    expect(said(error)).not.toContain('hunter2');
  });

  test('half of what it needs is not enough', async () => {
    for (const name of Object.keys(way.env('', ''))) {
      const env = { ...jobOf(fixture), ...way.env('https://ci.example.test', 'r'), [name]: '' };
      await expect(readSubjectToken(settings, seekingIn({ env }))).rejects.toMatchObject({ reason: 'TOKEN_MISSING' });
    }
  });
});

test('without an audience the CI puts in its own', async () => {
  const { origin, came } = await openTokenServer({ body: { value: jwtFor('https://github.com/acme') } });
  const env = { ...jobOf('github'), ...actions.env(origin, 'r') };
  expect((await readSubjectToken({}, seekingIn({ env }))).claims.aud).toEqual(['https://github.com/acme']);
  expect(came[0]?.target).toBe('/jobs/1/idtoken?api-version=2.0');
});

test('where no job can choose the audience the error names the one that there is', async () => {
  const { origin } = await openTokenServer({ body: { oidcToken: jwtFor('api://AzureADTokenExchange') } });
  const env = { ...jobOf('azure'), SYSTEM_OIDCREQUESTURI: origin, SYSTEM_ACCESSTOKEN: 'r' };
  const error: unknown = await errorOf(readSubjectToken({ audience: 'conjur' }, seekingIn({ env })));
  expect(error).toMatchObject({ reason: 'TOKEN_AUDIENCE' });
  expect(said(error)).toMatch(/"api:\/\/AzureADTokenExchange"[^]*"conjur"[^]*alone/);
  const held = await readSubjectToken({ audience: 'api://AzureADTokenExchange' }, seekingIn({ env }));
  expect(held.claims.aud).toEqual(['api://AzureADTokenExchange']);
});

describe('a service connection', () => {
  const CONNECTION = '2f1c9b6e-5a0c-4d0e-8a3e-2f7b6c1d9e80';
  const settings = { serviceConnection: CONNECTION };

  test('of Azure is asked for by its id', async () => {
    const { origin, came } = await openTokenServer({ body: { oidcToken: jwtFor('api://AzureADTokenExchange') } });
    const env = { ...jobOf('azure'), SYSTEM_OIDCREQUESTURI: `${origin}/t`, SYSTEM_ACCESSTOKEN: 'r' };
    await readSubjectToken(settings, seekingIn({ env }));
    expect(came[0]?.target).toBe(`/t?api-version=7.1&serviceConnectionId=${CONNECTION}`);
  });

  test('is a fault wherever the token comes from elsewhere', async () => {
    const held = jwtFor('x');
    const jobs = [
      { ...jobOf('gitlab'), SECRETCTL_ID_TOKEN: held },
      { ...jobOf('azure'), SECRETCTL_ID_TOKEN: held },
      { ...jobOf('github'), ...actions.env('http://127.0.0.1:9', 'r') },
    ];
    for (const env of jobs) {
      await expect(findSubjectToken(settings, seekingIn({ env }))).rejects.toMatchObject({ reason: 'USAGE' });
    }
  });
});

test('a macro that Azure did not know is no access token', async () => {
  const env = { ...jobOf('azure'), SYSTEM_ACCESSTOKEN: '$(System.AccesToken)' };
  await expect(readSubjectToken({}, seekingIn({ env }))).rejects.toMatchObject({ reason: 'TOKEN_UNEXPANDED' });
});

describe('Google', () => {
  const flavor = { 'metadata-flavor': 'Google', 'content-type': 'text/html' };

  test('signs for the audience that it is asked for', async () => {
    const jwt = jwtFor(AUDIENCE);
    const { origin, came } = await openTokenServer({ headers: flavor, body: jwt });
    const env = { GCE_METADATA_HOST: new URL(origin).host };
    const token = await readSubjectToken({ audience: AUDIENCE }, seekingIn({ env }));
    expect(token.jwt.reveal().toString()).toBe(jwt);
    const target = `/computeMetadata/v1/instance/service-accounts/default/identity?audience=${ASKED}&format=full`;
    expect(came).toMatchObject([{ method: 'GET', target, headers: { 'metadata-flavor': 'Google' } }]);
  });

  test('is told from whoever else answers to its name', async () => {
    const { origin } = await openTokenServer({ headers: { 'content-type': 'text/html' }, body: jwtFor(AUDIENCE) });
    const env = { GCE_METADATA_HOST: new URL(origin).host };
    await expect(readSubjectToken({ audience: AUDIENCE }, seekingIn({ env }))).rejects.toMatchObject({
      reason: 'NOT_THE_API',
    });
  });

  test('is asked under one name, besides this machine', async () => {
    for (const host of ['metadata.example.test', '169.254.169.254', 'localhost@metadata.example.test', 'x/y']) {
      const answer = findSubjectToken({ audience: AUDIENCE }, seekingIn({ env: { GCE_METADATA_HOST: host } }));
      await expect(answer, host).rejects.toMatchObject({ reason: 'PLAIN_HTTP' });
    }
    const found = await findSubjectToken({ audience: AUDIENCE }, seekingIn({ env: jobOf('cloud-build') }));
    expect('plan' in found && found.plan).toContain('GET http://metadata.google.internal/computeMetadata/');
  });

  test('needs an audience, and a sign that it is there', async () => {
    await expect(readSubjectToken({}, seekingIn({ env: jobOf('cloud-build') }))).rejects.toMatchObject({
      reason: 'CONFIG_MISSING',
    });
    await expect(readSubjectToken({ audience: AUDIENCE }, seekingIn({ env: {} }))).rejects.toMatchObject({
      reason: 'NO_ID_TOKEN',
    });
    expect('plan' in (await findSubjectToken({ audience: AUDIENCE, source: 'google' }, seekingIn()))).toBe(true);
  });
});

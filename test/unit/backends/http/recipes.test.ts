import { describe, expect, test } from 'vitest';
import { http } from '../../../../src/backends/http/index.ts';
import { READY } from '../../../../src/backends/http/recipes/index.ts';
import { AccessTokenRefused, isRevoking, type Outcome } from '../../../../src/backends/types.ts';
import { readyRecipe } from '../../../support/recipe-backend.ts';
import { type BackendSetup, type RehearsedBackend, refs, rehearseBackend } from '../../../support/rehearsed-backend.ts';

const SECRETS = { 'prod/db-password': 'first', 'prod/record': '{"user":"shop"}', 'web/key': 'second "quoted"\nü' };
const STORES = ['akeyless', 'doppler', 'infisical', 'pulumi-esc'];
const EXCHANGES = ['cloudsmith', 'jfrog', 'octopus'];

async function rehearse(recipe: string, setup: BackendSetup = {}): Promise<RehearsedBackend> {
  const { options, values, ...more } = setup;
  return rehearseBackend(http, {
    secrets: SECRETS,
    options: { recipe, ...options },
    values: { recipe: await readyRecipe(recipe), ...values },
    ...more,
  });
}

function told(outcomes: readonly Outcome[]): string[] {
  return outcomes.map((outcome) => ('refusal' in outcome ? outcome.refusal : outcome.value.reveal().toString()));
}

test('each recipe of the table is rehearsed, but for the one of a product that has a server of its own', () => {
  expect(Object.keys(READY).toSorted()).toEqual([...STORES, ...EXCHANGES, 'fortipam'].toSorted());
});

describe.each([...STORES, ...EXCHANGES])('%s', (recipe) => {
  test('exchanges the ID token once, for an access token whose end is known', async () => {
    const { logIn, rehearsal } = await rehearse(recipe);
    const accessToken = await logIn();
    expect(accessToken.expiresAtMs).toBeGreaterThan(Date.now());
    expect(accessToken.expiresAtMs).toBeLessThan(Date.now() + 601_000);
    expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 0 });
  });

  test.each<[string, Parameters<RehearsedBackend['idToken']>]>([
    ['another audience', [{}, { audience: 'https://elsewhere.example.com' }]],
    ['another subject', [{ sub: 'somebody-else', project_path: 'acme/other', namespace_path: 'other' }]],
    ['an end that is past', [{}, { lifetimeSeconds: -600 }]],
  ])('a token with %s is refused as such', async (_, given) => {
    const { exchange, idToken } = await rehearse(recipe);
    await expect(exchange(await idToken(...given))).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
  });

  test.each(['html', 'empty', 'cut', 'badjson', '200;body={}', '200;body={"errors":[{"status":403}]}', '500'])(
    '%s in place of an access token is none',
    async (fault) => {
      const { logIn } = await rehearse(recipe, { faults: [`exchange:${fault}`] });
      await expect(logIn()).rejects.toMatchObject({ name: 'SecretctlError' });
    },
  );

  test('neither token is in a request target', async () => {
    const { logIn, backend, rehearsal } = await rehearse(recipe);
    const accessToken = await logIn();
    await backend.fetchSecrets(accessToken, refs(STORES.includes(recipe) ? 'prod/db-password' : 'token'));
    const secret = accessToken.value.reveal().toString().split('\n');
    expect(rehearsal.requests.filter(({ path }) => secret.some((text) => path.includes(text)))).toEqual([]);
  });
});

describe.each(STORES)('%s', (recipe) => {
  test('values of several places, fields of records, what is missing', async () => {
    const { fetch } = await rehearse(recipe);
    const wanted = refs('web/key', 'prod/db-password', 'prod/none', 'prod/record#user', 'nowhere/x');
    expect(told(await fetch(wanted))).toEqual(['second "quoted"\nü', 'first', 'missing', '{"user":"shop"}', 'missing']);
  });

  test('what may not be read is told from what is missing', async () => {
    const { fetch } = await rehearse(recipe, { forbidden: new Set(['private/key']) });
    expect(told(await fetch(refs('private/key', 'prod/db-password')))).toEqual(['forbidden', 'first']);
  });

  test('a stale access token is told from every other refusal', async () => {
    const { logIn, backend, rehearsal } = await rehearse(recipe);
    const accessToken = await logIn();
    rehearsal.disturb('revoke-tokens');
    await expect(backend.fetchSecrets(accessToken, refs('prod/db-password'))).rejects.toBeInstanceOf(
      AccessTokenRefused,
    );
  });

  test.each([
    'html',
    'empty',
    'cut',
    'badjson',
    'gzip',
    '200;body=null',
    '200;body={}',
    '200;body=["x"]',
    '400',
    '500',
  ])('%s never becomes a value', async (fault) => {
    const { logIn, backend } = await rehearse(recipe, { faults: [`read:${fault}`] });
    const accessToken = await logIn();
    const ending = await backend.fetchSecrets(accessToken, refs('prod/db-password')).then(told, () => 'refused');
    expect(ending).toBe('refused');
  });

  test('the plan is what is sent', async () => {
    const { logIn, backend, taken } = await rehearse(recipe);
    const wanted = refs('prod/db-password', 'prod/record');
    const planned = backend.plan(wanted).map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '*')}`);
    await backend.fetchSecrets(await logIn(), wanted);
    expect(
      taken()
        .map((one) => one.replace(/\/open\/[0-9a-f]+$/, '/open/*'))
        .toSorted(),
    ).toEqual(planned.toSorted());
    expect(backend.plan(wanted).flatMap(({ brings }) => brings)).toEqual(wanted.map(({ name }) => name));
  });
});

test('thirty secrets of one place: one login and one read', async () => {
  const secrets = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`prod/s${index}`, `value ${index}`]));
  for (const recipe of ['akeyless', 'doppler', 'infisical']) {
    const { fetch, rehearsal } = await rehearse(recipe, { secrets });
    expect(told(await fetch(refs(...Object.keys(secrets))))).toEqual(Object.values(secrets));
    expect(rehearsal.report()).toMatchObject({ exchanges: 1, reads: 1 });
  }
});

test('Akeyless refuses a whole batch for one name: halves tell which', async () => {
  const secrets = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`prod/s${index}`, `value ${index}`]));
  const { fetch, rehearsal } = await rehearse('akeyless', { secrets });
  const outcomes = told(await fetch(refs(...Object.keys(secrets).slice(0, 31), 'prod/none')));
  expect(outcomes).toEqual([...Object.values(secrets).slice(0, 31), 'missing']);
  expect(rehearsal.report().reads).toBeLessThanOrEqual(11);
});

test('Doppler and Infisical: a reference of one part needs the place among the parameters', async () => {
  const { backend } = await rehearse('doppler');
  expect(() => backend.plan(refs('NAME'))).toThrow(expect.objectContaining({ reason: 'REFERENCE_INVALID' }));
  const other = await rehearse('doppler', {
    values: { parameters: 'identity=rehearsal,project=rehearsal,config=prod' },
  });
  expect(told(await other.fetch(refs('db-password', 'rehearsal/web/key')))).toEqual(['first', 'second "quoted"\nü']);
});

test('Infisical: folders below the environment, and imports of which own secrets win', async () => {
  const { fetch } = await rehearse('infisical', {
    secrets: { 'prod/app/deep/KEY': 'deep', 'prod/app/A': 'a', 'prod/app/B': 'b' },
  });
  expect(told(await fetch(refs('rehearsal/prod/app/deep/KEY', 'rehearsal/prod/app/B')))).toEqual(['deep', 'b']);
});

test('Infisical: what stands in place of a value that may be known of and not read is no value, imported or not', async () => {
  const { fetch } = await rehearse('infisical', {
    secrets: { 'prod/app/A': 'a', 'prod/app/B': 'b' },
    forbidden: new Set(['prod/app/C']),
  });
  const outcomes = await fetch(refs('rehearsal/prod/app/C', 'rehearsal/prod/app/B', 'rehearsal/prod/app/D'));
  expect(told(outcomes)).toEqual(['forbidden', 'b', 'missing']);
});

test('Pulumi ESC: an environment is opened once and read once, whatever the number of its properties', async () => {
  const secrets = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`prod/s${index}`, `value ${index}`]));
  const { fetch, taken } = await rehearse('pulumi-esc', { secrets: { ...secrets, 'web/key': 'k' } });
  expect(told(await fetch(refs(...Object.keys(secrets), 'web/key')))).toEqual([...Object.values(secrets), 'k']);
  expect(taken()).toHaveLength(5);
});

test('Pulumi ESC: a value that is not known yet is none, and what is inside of one is as the API has it', async () => {
  const properties = {
    later: { value: '[unknown]', unknown: true },
    aws: { value: { key: { value: 'k', secret: true } }, trace: {} },
  };
  const { fetch } = await rehearse('pulumi-esc', { faults: [`read:200;body=${JSON.stringify({ properties })}`] });
  const outcomes = await fetch(refs('prod/later', 'prod/aws#key.value', 'prod/none'));
  expect(told(outcomes)).toEqual(['forbidden', '{"key":{"value":"k","secret":true}}', 'missing']);
  expect(outcomes[1]).toMatchObject({ rest: ['key', 'value'] });
});

test('Doppler: the token is revoked', async () => {
  const { backend, logIn } = await rehearse('doppler');
  const accessToken = await logIn();
  if (!isRevoking(backend)) throw new Error('not revoking');
  await backend.revoke(accessToken);
  await expect(backend.fetchSecrets(accessToken, refs('prod/db-password'))).rejects.toBeInstanceOf(AccessTokenRefused);
});

test('what only logs in gives its token as a secret, and what else the login told', async () => {
  const octopus = await rehearse('octopus');
  expect(told(await octopus.fetch(refs('token', 'secrets')))).toEqual([expect.stringMatching(/^eyJ/), 'missing']);
  const jfrog = await rehearse('jfrog');
  expect(told(await jfrog.fetch(refs('subject', 'token')))).toEqual([
    'jfac@01/users/ci-job',
    expect.stringMatching(/^eyJ/),
  ]);
});

test('another identity is refused', async () => {
  for (const recipe of ['akeyless', 'doppler', 'infisical', 'octopus', 'jfrog']) {
    const { logIn } = await rehearse(recipe, { options: { identity: 'other' } });
    await expect(logIn()).resolves.toBeDefined();
    const { exchange, idToken } = await rehearse(recipe, { values: { parameters: PARAMETERS[recipe] ?? '' } });
    await expect(exchange(await idToken())).rejects.toMatchObject({ reason: 'AUTH_REFUSED' });
  }
});

const PARAMETERS: Readonly<Record<string, string>> = {
  akeyless: 'access-id=p-stranger',
  doppler: 'identity=stranger',
  infisical: 'identity=stranger',
  octopus: 'service-account=stranger',
  jfrog: 'provider=stranger',
};

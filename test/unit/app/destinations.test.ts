import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../src/app/connection.ts';
import { mayLeave } from '../../../src/app/exchange.ts';
import { openSession } from '../../../src/app/session.ts';
import { readToken } from '../../../src/lib/jwt.ts';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { load } from '../../support/configured.ts';
import { craftToken, fineClaims, RS256 } from '../../support/craft.ts';
import { invocationIn } from '../../support/invocation.ts';

// Whoever opens a merge request writes this file, and no list says where tokens may go.

const EVIL = 'https://evil.example';
const AUDIENCE = 'api://AzureADTokenExchange';

type Texts = Readonly<Record<string, string>>;

async function opened(block: object, env: Texts = {}, files: Texts = {}) {
  const backends = { one: block, giver: { type: 'vault', url: 'https://vault.example' } };
  const { settings, error } = await load({
    files: { 'secretctl.yaml': JSON.stringify({ backends }), ...files },
    args: ['one:x'],
    env,
  });
  const [backend] = settings?.backends ?? [];
  if (settings === undefined || backend === undefined) throw error ?? new Error('no backend');
  const invocation = invocationIn({ env });
  const general = { ...settings.general, cache: false };
  return { parts: [backend, general, invocation, () => undefined] as const, lines: invocation.lines };
}

function originsIn(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => /the endpoint (?<origin>\S+) comes from a file/.exec(line)?.groups?.['origin'] ?? []);
}

/** The origins that are warned of before an ID token with this audience leaves. */
async function warned(block: object, aud: string, env: Texts = {}, files: Texts = {}): Promise<readonly string[]> {
  const { parts, lines } = await opened(block, env, files);
  const connection = await connect(...parts);
  onTestFinished(() => connection.close());
  await mayLeave(connection, readToken(new Sensitive(craftToken(RS256, { ...fineClaims(), aud })), 'x'));
  return originsIn(lines);
}

const AZURE = {
  type: 'azure',
  'tenant-id': 'acme.example',
  'client-id': '00000000-0000-0000-0000-000000000000',
};
const GCP = {
  type: 'gcp',
  provider: 'projects/1/locations/global/workloadIdentityPools/ci/providers/ci',
  project: 'acme',
};
const VENAFI = { type: 'venafi', 'token-url': 'https://api.venafi.cloud/v1/oauth2/v2.0/acme/token' };
const EXCHANGE = { type: 'token-exchange', url: 'https://auth.example/token' };
const LOGIN = (service?: string) => ({
  request: { ...(service !== undefined && { service }), path: '/', raw: { text: '{id-token}' } },
});
const RECIPE = {
  services: { auth: 'https://auth.example' },
  login: [
    { ...LOGIN('auth'), outputs: { first: 'token' } },
    { ...LOGIN(), outputs: { token: 'token' } },
  ],
  fetch: { one: { request: { path: '/s/{path}' }, value: 'value' } },
};

test.each<[string, object, string, readonly string[]]>([
  ["Azure's own vaults", { ...AZURE, url: 'https://acme.vault.azure.net' }, AUDIENCE, []],
  [
    'a vault of nobody knows whom, which would get the access token',
    { ...AZURE, url: EVIL, scope: 'https://vault.azure.net/.default' },
    AUDIENCE,
    [EVIL],
  ],
  ['another authority', { ...AZURE, url: 'https://acme.vault.azure.net', authority: EVIL }, AUDIENCE, [EVIL]],
  ["Google's own services", GCP, '//iam.googleapis.com/x', []],
  ["Google's own services, by name", { ...GCP, 'sts-url': 'https://sts.googleapis.com' }, 'x', []],
  [
    'another host of Google',
    { ...GCP, 'sts-url': 'https://evil.googleapis.com' },
    'x',
    ['https://evil.googleapis.com'],
  ],
  ['another place for the secrets', { ...GCP, url: EVIL }, '//iam.googleapis.com/x', [EVIL]],
  [
    'another universe',
    { ...GCP, 'universe-domain': 'evil.example' },
    '//iam.googleapis.com/x',
    ['https://sts.evil.example'],
  ],
  [
    'another place for access tokens',
    { ...GCP, 'service-account': 'a@b.example', 'iam-credentials-url': EVIL },
    'x',
    [EVIL],
  ],
  ['the product as it is', VENAFI, 'api.venafi.cloud', []],
  ['certificates from elsewhere', { ...VENAFI, url: EVIL }, 'api.venafi.cloud', [EVIL]],
  ['revocation elsewhere', { ...EXCHANGE, 'revocation-url': `${EVIL}/revoke` }, 'https://auth.example', [EVIL]],
  ['an audience that names it', EXCHANGE, 'https://auth.example', []],
  ['a recipe with two logins', { type: 'http', url: EVIL, recipe: RECIPE }, 'https://auth.example', [EVIL]],
  ['this machine', { ...EXCHANGE, url: 'https://127.0.0.1:1/token' }, 'x', []],
])('%s', async (_, block, aud, origins) => {
  expect(await warned(block, aud)).toEqual(origins);
  expect(await warned(block, aud, { SECRETCTL_ALLOWED_ORIGINS: await allOf(block) })).toEqual([]);
});

/** A list that has every address of this backend. */
async function allOf(block: object): Promise<string> {
  const connection = await connect(...(await opened(block)).parts);
  onTestFinished(() => connection.close());
  return [...connection.endpoints, ...connection.services.map(({ url }) => url)].map(({ origin }) => origin).join();
}

test.each<[string, object, Texts, readonly string[]]>([
  ['a file of the checkout that a variable names', {}, { SECRETCTL_HTTP_RECIPE: './pam.yaml' }, [EVIL]],
  [
    'a recipe that stands in a variable',
    {},
    { SECRETCTL_HTTP_RECIPE: JSON.stringify({ ...RECIPE, services: { auth: EVIL } }) },
    [],
  ],
  [
    "a recipe that stands in a variable, whose host is a parameter of the file's",
    { parameters: { host: 'evil.example' } },
    {
      SECRETCTL_HTTP_RECIPE: JSON.stringify({
        ...RECIPE,
        parameters: { host: {} },
        services: { auth: 'https://{parameters.host}' },
      }),
    },
    [EVIL],
  ],
])('%s', async (_, more, env, origins) => {
  const files = { 'pam.yaml': JSON.stringify({ ...RECIPE, services: { auth: EVIL } }) };
  const variables = { ...env, SECRETCTL_URL: 'https://pam.example', SECRETCTL_BACKEND: 'one' };
  expect(await warned({ type: 'http', ...more }, 'https://pam.example', variables, files)).toEqual(origins);
});

test('an audience does not bind what another backend gives', async () => {
  const block = { ...EXCHANGE, 'client-id': 'ci', 'client-secret': 'secretctl:giver:prod/other' };
  expect(await warned(block, 'https://auth.example')).toEqual(['https://auth.example']);
});

test('a test token does not go to another machine because one of two logins is on this one', async () => {
  const recipe = { ...RECIPE, services: { auth: 'http://127.0.0.1:1' } };
  const connection = await connect(...(await opened({ type: 'http', url: EVIL, recipe })).parts);
  onTestFinished(() => connection.close());
  const token = readToken(new Sensitive(craftToken({ alg: 'HS256' }, fineClaims())), 'x');
  await expect(mayLeave(connection, token)).rejects.toMatchObject({ reason: 'ALG_REFUSED' });
});

test('credentials that no ID token binds are warned of as well', async () => {
  const block = { type: 'protegrity', url: 'https://evil.invalid', 'login-name': 'ci' };
  const { parts, lines } = await opened(block, { SECRETCTL_PROTEGRITY_PASSWORD: 'a password of nobody' });
  const [backend, general, { runtime, journal, deadline }, hide] = parts;
  const ended = { runtime, journal, deadline: { ...deadline, signal: AbortSignal.abort(new Error('over')) } };
  const session = await openSession(backend, general, ended, hide);
  onTestFinished(() => session.close());
  await expect(session.fetchSecrets([{ name: 'X', backend: 'one', path: 'x', field: [], text: 'x' }])).rejects.toThrow(
    'over',
  );
  expect(originsIn(lines)).toEqual(['https://evil.invalid']);
});

import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCredentialsFile } from '../../../../src/backends/gcp/credentials-file.ts';
import { gcp } from '../../../../src/backends/gcp/index.ts';
import type { HttpClient } from '../../../../src/lib/http.ts';
import type { Invocation } from '../../../../src/lib/invocation.ts';
import { systemRuntime } from '../../../../src/lib/runtime.ts';
import { SettingFault } from '../../../../src/lib/settings.ts';
import { inDirectory, load } from '../../../support/configured.ts';
import { refs, settingValues } from '../../../support/rehearsed-backend.ts';
import { rehearse, told } from './rehearsed.ts';

const PROVIDER = 'projects/123456789012/locations/global/workloadIdentityPools/ci-pool/providers/ci-jobs';
const ACCOUNT = 'ci@shop.iam.gserviceaccount.com';
const fs = systemRuntime().fs;

test.each([PROVIDER, `//iam.googleapis.com/${PROVIDER}`, `https://iam.googleapis.com/${PROVIDER}`])(
  'a provider in any spelling: %s',
  (text) => {
    expect(settingValues(gcp, { provider: text })).toMatchObject({ provider: PROVIDER });
  },
);

test.each<[string, string]>([
  ['provider', 'projects/shop/locations/global/workloadIdentityPools/p/providers/q'],
  ['provider', `https://evil.example.com/${PROVIDER}`],
  ['provider', `${PROVIDER}/x`],
  ['service-account', 'ci'],
  ['service-account', 'a@b/c'],
  ['project', 'Shop'],
  ['location', 'europe/west3'],
  ['universe-domain', 'localhost'],
  ['universe-domain', 'a.b/c'],
  ['sts-url', 'http://sts.example.com'],
])('%s does not take "%s"', (key, text) => {
  expect(() => settingValues(gcp, { [key]: text })).toThrow(SettingFault);
});

test.each<[Record<string, string>, string, string]>([
  [{}, 'https://secretmanager.googleapis.com/', 'https://sts.googleapis.com/'],
  [
    { location: 'europe-west3' },
    'https://secretmanager.europe-west3.rep.googleapis.com/',
    'https://sts.googleapis.com/',
  ],
  [
    { 'universe-domain': 'apis.example.cloud' },
    'https://secretmanager.apis.example.cloud/',
    'https://sts.apis.example.cloud/',
  ],
])('addresses that %o means', (given, url, sts) => {
  const values = settingValues(gcp, { provider: PROVIDER, ...given });
  expect(gcp.defaultUrl?.(values)).toEqual(new URL(url));
  // Who says the domain says the address.
  const said = 'universe-domain' in given ? { setting: 'universe-domain' } : {};
  expect(gcp.services?.(new URL(url), values)).toEqual([
    { name: 'sts', url: new URL(sts), ...said, takesIdToken: true },
  ]);
});

test('only who acts as a service account talks to its service', () => {
  const url = new URL('https://secretmanager.googleapis.com');
  const values = settingValues(gcp, { provider: PROVIDER, 'service-account': ACCOUNT });
  expect(gcp.services?.(url, values).map(({ name }) => name)).toEqual(['sts', 'iam']);
});

test('what is missing or does not go together is named', () => {
  const url = new URL('https://secretmanager.googleapis.com');
  expect(gcp.check(url, settingValues(gcp, {}))).toMatchObject([{ missing: 'provider' }]);
  expect(gcp.check(url, settingValues(gcp, { 'project-number': '1', pool: 'p' }))).toMatchObject([
    { missing: 'provider' },
  ]);
  expect(gcp.check(url, settingValues(gcp, { 'project-number': '1', pool: 'p', 'provider-id': 'q' }))).toEqual([]);
  const wrong = settingValues(gcp, { provider: PROVIDER, delegates: ACCOUNT, 'token-lifetime': '1m' });
  expect(gcp.check(new URL('https://secretmanager.googleapis.com/v1'), wrong)).toHaveLength(3);
});

test("GitLab's variables and those of Google's own clients are enough", async () => {
  const { settings, error } = await load({
    args: ['KEY=key'],
    env: {
      GCP_PROJECT_NUMBER: '123456789012',
      GCP_WORKLOAD_IDENTITY_FEDERATION_POOL_ID: 'ci-pool',
      GCP_WORKLOAD_IDENTITY_FEDERATION_PROVIDER_ID: 'ci-jobs',
      GOOGLE_CLOUD_PROJECT: 'shop',
      GOOGLE_CLOUD_QUOTA_PROJECT: 'billing',
      CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT: ACCOUNT,
    },
  });
  expect(error).toBeUndefined();
  expect(settings?.backends).toMatchObject([
    {
      type: 'gcp',
      url: new URL('https://secretmanager.googleapis.com'),
      values: { pool: 'ci-pool', project: 'shop', 'quota-project': 'billing', 'service-account': ACCOUNT },
    },
  ]);
});

const FILE = {
  type: 'external_account',
  audience: `//iam.googleapis.com/${PROVIDER}`,
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  token_url: 'https://sts.googleapis.com/v1/token',
  credential_source: { file: '/builds/token' },
};
const IMPERSONATION = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`;

function reading(content: string, given: Record<string, string> = {}): Promise<unknown> {
  return inDirectory({ 'credentials.json': content }, async (root) => {
    return readCredentialsFile(path.join(root, 'credentials.json'), settingValues(gcp, given), fs);
  });
}

const noFile = (what: string): object => ({
  noFile: expect.stringContaining(`has ${what} in its credential_source, which is not followed`) as string,
});

function placeIn(file: object): Promise<unknown> {
  return inDirectory({ 'credentials.json': JSON.stringify(file) }, async (root) => {
    return gcp.tokenPlace?.(settingValues(gcp, { 'credentials-file': path.join(root, 'credentials.json') }), fs);
  });
}

describe('a credentials file', () => {
  test('names provider, service account, life and quota', async () => {
    const file = {
      ...FILE,
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      service_account_impersonation_url: IMPERSONATION,
      service_account_impersonation: { token_lifetime_seconds: 900 },
      quota_project_id: 'billing',
    };
    expect(await reading(JSON.stringify(file))).toEqual({
      provider: PROVIDER,
      tokenType: 'id_token',
      serviceAccount: ACCOUNT,
      lifetimeSeconds: 900,
      quotaProject: 'billing',
    });
    expect(await reading(JSON.stringify(FILE))).toMatchObject({ provider: PROVIDER, serviceAccount: undefined });
  });

  test.each<[string, object]>([
    ['a token URL elsewhere', { token_url: 'https://sts.evil.example.com/v1/token' }],
    ['a token URL that only begins like it', { token_url: 'https://sts.googleapis.com.evil.example.com/v1/token' }],
    ['a token URL with credentials', { token_url: 'https://x@sts.googleapis.com/v1/token' }],
    ['no token URL', { token_url: undefined }],
    ['an impersonation elsewhere', { service_account_impersonation_url: IMPERSONATION.replace('google', 'evil') }],
    ['another universe', { universe_domain: 'evil.example.com' }],
    ['another type', { type: 'service_account', private_key: 'canary-key' }],
    ['a pool of people', { audience: '//iam.googleapis.com/locations/global/workforcePools/p/providers/q' }],
    ['an identity of AWS', { subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request' }],
  ])('with %s is refused, and nothing of it shown but where it leads', async (_, more) => {
    const failing = reading(JSON.stringify({ ...FILE, ...more }));
    await expect(failing).rejects.toMatchObject({ reason: 'CONFIG_INVALID', exit: 78 });
    await expect(failing).rejects.not.toThrow(/canary/);
  });

  test.each(['', '[]', 'canary', `{"type":"${'x'.repeat(70_000)}"}`])('that is none is refused', async (content) => {
    const failing = reading(content);
    await expect(failing).rejects.toMatchObject({ reason: 'CONFIG_INVALID' });
    await expect(failing).rejects.not.toThrow(/canary/);
  });

  test('that is not there is told so', () => {
    const values = settingValues(gcp, {});
    expect(() => readCredentialsFile('/nonexistent/file.json', values, fs)).toThrow(
      expect.objectContaining({ reason: 'CONFIG_MISSING' }),
    );
  });

  test('another token URL is good once a setting says it', async () => {
    const file = { ...FILE, token_url: 'https://sts.us-east1.rep.googleapis.com/v1/token' };
    await expect(reading(JSON.stringify(file))).rejects.toThrow(/sts-url/);
    const given = { 'sts-url': 'https://sts.us-east1.rep.googleapis.com' };
    await expect(reading(JSON.stringify(file), given)).resolves.toMatchObject({ provider: PROVIDER });
  });

  test('is what a backend logs in by', async () => {
    const file = { ...FILE, service_account_impersonation_url: IMPERSONATION };
    await inDirectory({ 'credentials.json': JSON.stringify(file) }, async (root) => {
      const values = settingValues(gcp, { 'credentials-file': path.join(root, 'credentials.json'), project: 'shop' });
      const url = new URL('https://secretmanager.googleapis.com');
      expect(gcp.check(url, values)).toEqual([]);
      expect(gcp.services?.(url, values).map(({ name }) => name)).toEqual(['sts', 'iam']);
      const http = { endpoint: url } as HttpClient;
      const invocation = { runtime: systemRuntime() } as Invocation;
      const service = (): HttpClient => http;
      const backend = await gcp.create({
        name: 'main',
        url,
        values,
        http,
        service,
        invocation,
        maxAnswerBytes: 1,
        singleUse: false,
      });
      expect(backend.cacheContext).toEqual([PROVIDER, 'jwt', ACCOUNT, '', '3600']);
      expect(backend.plan(refs('key')).map(({ origin, path: target }) => `${origin ?? ''}${target}`)).toEqual([
        'https://sts.googleapis.com/v1/token',
        IMPERSONATION,
        '/v1/projects/shop/secrets/key/versions/latest:access',
      ]);
    });
  });

  test.each<[string, unknown, unknown]>([
    ['a file', { file: '/builds/token' }, { file: '/builds/token' }],
    ['a file of text', { file: 't', format: { type: 'text' } }, { file: 't' }],
    [
      'a member of a file',
      { file: 't', format: { type: 'json', subject_token_field_name: 'id_token' } },
      { file: 't', fileMember: 'id_token' },
    ],
    ['an address', { url: 'https://ci.example.com/token', headers: { a: 'b' } }, noFile('a url')],
    ['a program', { executable: { command: '/bin/token' } }, noFile('an executable')],
    ['a certificate', { certificate: { certificate_config_location: 'x' } }, noFile('a certificate')],
    ['an environment', { environment_id: 'aws1' }, noFile('an environment_id')],
    ['nothing', undefined, noFile('no file')],
  ])('says that the ID token is in %s', async (_what, source, place) => {
    expect(await placeIn({ ...FILE, credential_source: source })).toEqual(place);
  });

  test('of a workforce pool is refused for that reason', async () => {
    const audience = '//iam.googleapis.com/locations/global/workforcePools/p/providers/q';
    await expect(reading(JSON.stringify({ ...FILE, audience }))).rejects.toThrow(/workforce pool, which is for people/);
  });

  test.each([{ type: 'xml' }, { type: 'json' }])('a format %j of the ID token is refused', async (format) => {
    await expect(placeIn({ ...FILE, credential_source: { file: 't', format } })).rejects.toMatchObject({
      reason: 'CONFIG_INVALID',
    });
  });

  test('says nothing of it where the settings name a provider', () => {
    const values = settingValues(gcp, { provider: PROVIDER, 'credentials-file': '/nonexistent/file.json' });
    expect(gcp.tokenPlace?.(values, fs)).toBeUndefined();
  });

  test('is not read where the settings name a provider', async () => {
    const { fetch } = await rehearse({ values: { 'credentials-file': '/nonexistent/file.json' } });
    expect((await fetch(refs('plain_one'))).map(told)).toEqual(['as it is']);
  });
});

import { expect, test } from 'vitest';
import { azure } from '../../../../src/backends/azure/index.ts';
import { SettingFault } from '../../../../src/lib/settings.ts';
import { load } from '../../../support/configured.ts';
import { settingValues } from '../../../support/rehearsed-backend.ts';
import { rehearse } from './rehearsed.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const OWN = { 'tenant-id': TENANT, 'client-id': TENANT };

test.each<[string, string]>([
  ['tenant-id', 'common'],
  ['tenant-id', 'organizations'],
  ['tenant-id', 'a/b'],
  ['tenant-id', '..'],
  ['client-id', 'my-app'],
  ['scope', 'https://vault.azure.net'],
  ['api-version', '7.4&x=y'],
  ['slash', '/'],
  ['slash', ''],
  ['authority', 'http://login.example.com'],
])('%s does not take "%s"', (key, text) => {
  expect(() => settingValues(azure, { [key]: text })).toThrow(SettingFault);
});

test.each([
  ['shop.vault.azure.net', 'https://login.microsoftonline.com/', 'https://vault.azure.net/.default'],
  ['shop.vaultcore.azure.net', 'https://login.microsoftonline.com/', 'https://vault.azure.net/.default'],
  ['shop.vault.usgovcloudapi.net', 'https://login.microsoftonline.us/', 'https://vault.usgovcloudapi.net/.default'],
  ['shop.vault.azure.cn', 'https://login.partner.microsoftonline.cn/', 'https://vault.azure.cn/.default'],
])('%s says its cloud: authority and scope', async (host, authority, scope) => {
  const url = new URL(`https://${host}`);
  const values = settingValues(azure, OWN);
  expect(azure.check(url, values)).toEqual([]);
  expect(azure.services?.(url, values)).toEqual([{ name: 'authority', url: new URL(authority), takesIdToken: true }]);
  const backend = await azure.create({ ...NO_CONTEXT, url, values });
  expect(backend.cacheContext).toEqual([authority, TENANT, TENANT, scope]);
  expect(backend.plan([])).toMatchObject([{ origin: new URL(authority).origin, path: `/${TENANT}/oauth2/v2.0/token` }]);
});

test('settings win over what the host says, and name themselves as the source', () => {
  const values = settingValues(azure, { ...OWN, authority: 'https://login.example.com/x', scope: 'api://a/.default' });
  expect(azure.services?.(new URL('https://shop.vault.azure.net'), values)).toMatchObject([
    { url: new URL('https://login.example.com/x'), setting: 'authority' },
  ]);
});

test.each<[string, string, unknown]>([
  ['a managed HSM', 'https://shop.managedhsm.azure.net', [expect.stringContaining('no secrets')]],
  [
    'the address of a secret',
    'https://shop.vault.azure.net/secrets/key',
    [expect.stringContaining('without /secrets')],
  ],
  ['a host that is not of Azure', 'https://vault.example.com', [expect.objectContaining({ missing: 'scope' })]],
  ['a host that only ends like one', 'https://evilvault.azure.net', [expect.objectContaining({ missing: 'scope' })]],
])('%s as url is a fault', (_, url, faults) => {
  expect(azure.check(new URL(url), settingValues(azure, OWN))).toEqual(faults);
});

test.each<[string, string, boolean]>([
  ['shop.vault.azure.net', 'https://vault.azure.net/.default', true],
  ['shop.vault.azure.net', 'https://vault.azure.net//.default', true],
  ['shop.vault.azure.net', 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093/.default', true],
  ['shop.vault.azure.cn', 'https://vault.azure.net/.default', false],
  ['shop.vault.azure.net', 'https://management.azure.com/.default', false],
  ['shop.vault.azure.net', 'HTTPS://graph.microsoft.com/.default', false],
  ['vault.example.com', 'https://vault.example.com/.default', true],
])('%s with the scope %s: %j', (host, scope, isFine) => {
  const faults = azure.check(new URL(`https://${host}`), settingValues(azure, { ...OWN, scope }));
  expect(faults).toEqual(isFine ? [] : [expect.stringContaining('scope must be')]);
});

test.each(['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_REGIONAL_AUTHORITY_NAME'])(
  '%s is not heeded, and that is said without its value',
  async (name) => {
    const { lines } = await rehearse({ backendWorld: { env: { [name]: 'canary-value' } } });
    expect(lines).toEqual([expect.stringContaining(`${name} is not heeded`)]);
    expect(lines.join()).not.toContain('canary');
  },
);

test('tenant and application must be given', () => {
  const faults = azure.check(new URL('https://shop.vault.azure.net'), settingValues(azure, {}));
  expect(faults).toMatchObject([{ missing: 'tenant-id' }, { missing: 'client-id' }]);
});

test("the variables of Azure's own clients and of GitLab are enough", async () => {
  const { settings, error } = await load({
    args: ['KEY=app-key'],
    env: {
      AZURE_KEY_VAULT_SERVER_URL: 'https://shop.vault.usgovcloudapi.net',
      AZURE_TENANT_ID: TENANT,
      AZURE_CLIENT_ID: TENANT,
      AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/',
      AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token',
    },
  });
  expect(error).toBeUndefined();
  expect(settings?.backends).toMatchObject([
    {
      type: 'azure',
      token: { file: '/var/run/secrets/azure/tokens/azure-identity-token' },
      values: { ...OWN, authority: new URL('https://login.microsoftonline.us/') },
    },
  ]);
});

/** What `create` gets and, before the first request, does not look at. */
const NO_CONTEXT: Omit<Parameters<typeof azure.create>[0], 'url' | 'values'> = {
  name: 'main',
  http: undefined as never,
  service: () => undefined as never,
  invocation: { runtime: { env: {} }, journal: undefined, deadline: undefined } as never,
  maxAnswerBytes: 1,
  singleUse: false,
};

import { expect, test } from 'vitest';
import { vault } from '../../../../src/backends/vault/index.ts';
import { SettingFault } from '../../../../src/lib/settings.ts';
import { load } from '../../../support/configured.ts';
import { settingValues } from '../../../support/rehearsed-backend.ts';

test.each<[string, string, unknown]>([
  ['namespace', 'admin/', 'admin'],
  ['namespace', '/admin/team/', 'admin/team'],
  ['auth-path', 'gitlab/prod', 'gitlab/prod'],
  ['binary-fields', 'key, keystore', ['key', 'keystore']],
])('%s takes %s', (key, text, value) => {
  expect(settingValues(vault, { [key]: text })).toMatchObject({ [key]: value });
});

test.each<[string, string]>([
  ['auth-path', 'auth/jwt'],
  ['auth-path', ''],
  ['mount', 'a//b'],
  ['mount', 'a/../b'],
  ['namespace', '/'],
  ['namespace', 'équipe'],
  ['engine', '2'],
])('%s does not take "%s"', (key, text) => {
  expect(() => settingValues(vault, { [key]: text })).toThrow(SettingFault);
});

test('settings that do not go together are named', () => {
  const values = settingValues(vault, { engine: 'other', references: 'gitlab' });
  expect(vault.check(new URL('https://vault.example.com/v1'), values)).toHaveLength(2);
  expect(vault.check(new URL('https://vault.example.com/'), settingValues(vault, {}))).toEqual([]);
});

test("the variables of the product's own clients are enough", async () => {
  const { settings } = await load({
    args: ['secret/app#user'],
    env: {
      VAULT_ADDR: 'https://vault.example.com',
      VAULT_NAMESPACE: 'admin/team',
      VAULT_AUTH_PATH: 'gitlab',
      VAULT_AUTH_ROLE: 'ci',
      VAULT_ID_TOKEN: 'a.b.c',
      VAULT_CACERT: '/etc/ca.pem',
      VAULT_CLIENT_CERT: '/etc/client.pem',
      VAULT_CLIENT_KEY: '/etc/client.key',
      VAULT_TLS_SERVER_NAME: 'vault.internal',
    },
  });
  expect(settings?.backends).toMatchObject([
    {
      type: 'vault',
      token: { env: 'VAULT_ID_TOKEN' },
      tls: {
        caFile: '/etc/ca.pem',
        clientCertFile: '/etc/client.pem',
        clientKeyFile: '/etc/client.key',
        serverName: 'vault.internal',
      },
      values: { namespace: 'admin/team', 'auth-path': 'gitlab', role: 'ci' },
    },
  ]);
});

test("OpenBao's variables come first", async () => {
  const env = {
    BAO_ADDR: 'https://bao.example.com',
    VAULT_ADDR: 'https://vault.example.com',
    BAO_CLIENT_KEY: '/bao',
    VAULT_CLIENT_KEY: '/vault',
  };
  const { settings } = await load({ args: ['secret/app#user'], env: { ...env, BAO_CLIENT_CERT: '/cert' } });
  expect(settings?.backends[0]?.url.href).toBe('https://bao.example.com/');
  expect(settings?.backends[0]?.tls.clientKeyFile).toBe('/bao');
});

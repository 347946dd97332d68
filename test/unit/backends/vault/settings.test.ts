import { expect, test } from 'vitest';
import { vault } from '../../../../src/backends/vault/index.ts';
import { SettingFault } from '../../../../src/lib/settings.ts';
import { load } from '../../../support/configured.ts';
import { settingValues } from '../../../support/rehearsed-backend.ts';
import { rehearse } from './rehearsed.ts';

test.each<[string, string, unknown]>([
  ['namespace', 'admin/', 'admin'],
  ['namespace', '/admin/team/', 'admin/team'],
  ['auth-path', 'gitlab/prod', 'gitlab/prod'],
  ['binary-fields', 'key, keystore', ['key', 'keystore']],
  ['wrap-for', '60', 60],
  ['wrap-for', '1h30m', 5400],
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
  ['wrap-for', ''],
  ['wrap-for', '0s'],
  ['wrap-for', '1d'],
  ['wrap-for', '9999999'],
])('%s does not take "%s"', (key, text) => {
  expect(() => settingValues(vault, { [key]: text })).toThrow(SettingFault);
});

test('settings that do not go together are named', () => {
  const values = settingValues(vault, { engine: 'other', references: 'gitlab' });
  expect(vault.check(new URL('https://vault.example.com/v1'), values)).toHaveLength(2);
  expect(vault.check(new URL('https://vault.example.com/'), settingValues(vault, {}))).toEqual([]);
});

test('a wrapping token and the path it was made at belong together; what stays wrapped has no fields', () => {
  const url = new URL('https://vault.example.com/');
  const check = (given: Record<string, string>): unknown => vault.check(url, settingValues(vault, given));
  expect(check({ 'wrapping-token': 'hvs.x' })).toMatchObject([{ missing: 'wrapped-path' }]);
  expect(check({ 'wrapped-path': 'secret/data/app' })).toMatchObject([{ missing: 'wrapping-token' }]);
  expect(check({ 'wrapping-token': 'hvs.x', 'wrapped-path': 'secret/data/app' })).toEqual([]);
  expect(check({ 'wrap-for': '60s', field: 'password' })).toHaveLength(1);
  expect(check({ 'wrap-for': '60s', references: 'gitlab' })).toHaveLength(1);
});

test('variables that are not heeded are said, those that are off or empty are not', async () => {
  const env = {
    VAULT_TOKEN: 'hvs.x',
    BAO_CAPATH: '/etc/ssl',
    VAULT_MAX_RETRIES: '5',
    VAULT_SKIP_VERIFY: 'false',
    VAULT_MFA: '',
  };
  const { lines } = await rehearse({ backendWorld: { env } });
  expect(lines.map((line) => /(?:BAO|VAULT)_\w+/.exec(line)?.[0]).toSorted()).toEqual([
    'BAO_CAPATH',
    'VAULT_MAX_RETRIES',
    'VAULT_TOKEN',
  ]);
  expect(lines.join('\n')).not.toContain('hvs.x');
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

import { describe, expect, test } from 'vitest';
import { conjur } from '../../../../src/backends/conjur/index.ts';
import { SettingFault } from '../../../../src/lib/settings.ts';
import { load } from '../../../support/configured.ts';
import { settingValues } from '../../../support/rehearsed-backend.ts';
import { rehearse } from './rehearsed.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

const values = (texts: Readonly<Record<string, string>>) => settingValues(conjur, texts);
const baseUrl = (url: string): string => conjur.baseUrl?.(new URL(url), values({})).href ?? '';

describe('base URL', () => {
  test.each([
    ['https://acme.secretsmgr.cyberark.cloud', 'https://acme.secretsmgr.cyberark.cloud/api'],
    ['https://acme.secretsmgr.cyberark.cloud/', 'https://acme.secretsmgr.cyberark.cloud/api'],
    ['https://acme.secretsmgr.cyberark.cloud/api', 'https://acme.secretsmgr.cyberark.cloud/api'],
    ['https://ACME-SecretsManager.CyberArk.cloud', 'https://acme-secretsmanager.cyberark.cloud/api'],
    ['https://api.secretsmgr.cyberark.cloud', 'https://api.secretsmgr.cyberark.cloud/api'],
    ...['integration', 'test', 'dev', 'sandbox', 'pt'].map((name) => [
      `https://a-secretsmanager.${name}-cyberark.cloud`,
      `https://a-secretsmanager.${name}-cyberark.cloud/api`,
    ]),
    [
      'https://a.secretsmgr.cyberark-everest-integdev.cloud',
      'https://a.secretsmgr.cyberark-everest-integdev.cloud/api',
    ],
    [
      'https://a.secretsmgr.cyberark-everest-pre-prod.cloud',
      'https://a.secretsmgr.cyberark-everest-pre-prod.cloud/api',
    ],
    ['https://a.secretsmgr.cyberark.cloud.example.com/', 'https://a.secretsmgr.cyberark.cloud.example.com/'],
    ['https://asecretsmgr.cyberark.cloud/', 'https://asecretsmgr.cyberark.cloud/'],
    ['https://a.secretsmgr.evil-cyberark.cloud/', 'https://a.secretsmgr.evil-cyberark.cloud/'],
    ['https://conjur.example.com/', 'https://conjur.example.com/'],
    ['https://edge.example.com:8443/api', 'https://edge.example.com:8443/api'],
  ])('%s -> %s', (url, base) => expect(baseUrl(url)).toBe(base));

  test('is the same when it is asked for twice', () => {
    const once = baseUrl('https://acme.secretsmgr.cyberark.cloud');
    expect(baseUrl(once)).toBe(once);
  });
});

describe('faults of a configuration', () => {
  const full = { account: 'prod', 'service-id': 'gitlab' };
  test.each([
    ['complete', 'https://conjur.example.com', full, []],
    ['no account', 'https://conjur.example.com', { 'service-id': 'gitlab' }, [{ missing: 'account' }]],
    ['nothing', 'https://conjur.example.com', {}, [{ missing: 'account' }, { missing: 'service-id' }]],
    ['SaaS by host', 'https://a.secretsmgr.cyberark.cloud', { 'service-id': 'gitlab' }, []],
    [
      'SaaS by host, another account',
      'https://a.secretsmgr.cyberark.cloud',
      full,
      [expect.stringMatching(/^account must be conjur/)],
    ],
    ['SaaS by word', 'https://conjur.example.com/api', { 'service-id': 'gitlab', edition: 'cloud' }, []],
    ['an address with a call', 'https://conjur.example.com/authn-jwt/gitlab', full, [expect.stringMatching(/alone/)]],
    ['an address with another', 'https://conjur.example.com/x/authn', full, [expect.stringMatching(/alone/)]],
    ['an address with secrets', 'https://conjur.example.com/secrets/prod', full, [expect.stringMatching(/alone/)]],
    ['an address that only looks so', 'https://conjur.example.com/my-secrets-api', full, []],
    ['Edge', 'https://edge.example.com/api', { 'service-id': 'gitlab', edition: 'edge' }, []],
    ['self-hosted', 'https://conjur.example.com', { 'service-id': 'gitlab', edition: 'CE' }, [{ missing: 'account' }]],
  ])('%s', (_, url, texts, faults) => {
    const found = conjur.check(new URL(url), values(texts));
    expect(found).toMatchObject(faults);
  });
});

describe("variables of Conjur's own clients, as those take them", () => {
  const env = {
    CONJUR_APPLIANCE_URL: 'https://conjur.example.com',
    CONJUR_ACCOUNT: 'prod',
    CONJUR_SERVICE_ID: 'general',
  };

  test.each<[string, Record<string, string>, object]>([
    [
      'the service id for JWT wins',
      { CONJUR_AUTHN_JWT_SERVICE_ID: 'gitlab' },
      { values: { 'service-id': 'gitlab', account: 'prod' } },
    ],
    ['without it the other one counts', {}, { values: { 'service-id': 'general' } }],
    [
      'a token as text wins over a file',
      { CONJUR_AUTHN_JWT_TOKEN: 'x', JWT_TOKEN_PATH: '/builds/token' },
      { token: { env: 'CONJUR_AUTHN_JWT_TOKEN' } },
    ],
    ['a file counts', { JWT_TOKEN_PATH: '/builds/token' }, { token: { file: '/builds/token' } }],
    [
      'certificates as text win over a file',
      { CONJUR_SSL_CERTIFICATE: PEM, CONJUR_CERT_FILE: '/builds/ca.pem' },
      { tls: { caFile: undefined, ca: PEM } },
    ],
    ['a login for the URL', { CONJUR_AUTHN_JWT_HOST_ID: 'host/ci' }, { values: { 'host-id': 'host/ci' } }],
    ['the edition', { CONJUR_ENVIRONMENT: 'CE' }, { values: { edition: 'self-hosted' } }],
  ])('%s', async (_, more, expected) => {
    const { settings, error } = await load({ args: ['A=a'], env: { ...env, ...more } });
    expect(error).toBeUndefined();
    expect(settings?.backends).toMatchObject([expected]);
    expect(settings?.backends[0]?.token.file === undefined || more['CONJUR_AUTHN_JWT_TOKEN'] === undefined).toBe(true);
  });
});

describe("variables of Conjur's own clients that mean another way in", () => {
  test.each(['CONJUR_AUTHN_API_KEY', 'CONJUR_AUTHN_TOKEN', 'CONJUR_AUTHN_LOGIN', 'CONJUR_AUTHN_URL'])(
    '%s is not heeded, and that is said without its value',
    async (name) => {
      const { lines } = await rehearse({ backendWorld: { env: { [name]: 'canary-value' } } });
      expect(lines).toEqual([expect.stringContaining(`${name} is not heeded`)]);
      expect(lines.join()).not.toContain('canary');
    },
  );

  test.each([
    ['jwt', 0],
    ['', 0],
    ['ldap', 1],
  ])('CONJUR_AUTHN_TYPE=%s: %i warnings', async (type, count) => {
    const { lines } = await rehearse({ backendWorld: { env: { CONJUR_AUTHN_TYPE: type } } });
    expect(lines).toHaveLength(count);
  });
});

describe('setting values', () => {
  test.each([
    ['saas', 'saas'],
    ['cloud', 'saas'],
    ['CC', 'saas'],
    ['self-hosted', 'self-hosted'],
    ['CE', 'self-hosted'],
    ['enterprise', 'self-hosted'],
    ['oss', 'oss'],
    ['OSS', 'oss'],
    ['open-source', 'oss'],
    ['edge', 'edge'],
  ])('edition %s is %s', (text, edition) => expect(conjur.settings.edition.parser.parse(text)).toBe(edition));

  test.each([
    ['edition', 'constructor'],
    ['edition', ''],
    ['batch', 'v3'],
    ['account', 'a/b'],
    ['account', ''],
    ['account', '..'],
    ['service-id', 'authn-jwt/gitlab'],
    ['service-id', 'a\nb'],
    ['host-id', ''],
    ['host-id', 'host/a\u0000'],
    ['host-id', '\ud800'],
  ] as const)('%s %j is refused', (key, text) => {
    expect(() => conjur.settings[key].parser.parse(text)).toThrow(SettingFault);
  });
});

import { describe, expect, test } from 'vitest';
import { aws } from '../../../../src/backends/aws/index.ts';
import { publicUrl } from '../../../../src/backends/aws/partitions.ts';
import { SettingFault } from '../../../../src/lib/settings.ts';
import { load } from '../../../support/configured.ts';
import { rehearse } from './rehearsed.ts';
import { settingValues } from '../../../support/rehearsed-backend.ts';

const URL_OF_SECRETS = new URL('https://secretsmanager.eu-central-1.amazonaws.com');
const ROLE = 'arn:aws:iam::123456789012:role/ci';

test.each<[string, string]>([
  ['role-arn', 'arn:aws:iam::123456789012:user/ci'],
  ['role-arn', 'ci'],
  ['region', 'eu-central-1.evil.example/'],
  ['region', 'Frankfurt'],
  ['session-name', 'a'],
  ['session-name', 'two words'],
  ['service', 's3'],
  ['sts-url', 'http://sts.example.com'],
])('%s does not take "%s"', (key, text) => {
  expect(() => settingValues(aws, { [key]: text })).toThrow(SettingFault);
});

test.each<[string, Record<string, string>, number]>([
  ['nothing', {}, 2],
  ['all that is needed', { 'role-arn': ROLE, region: 'eu-central-1' }, 0],
  ['a life that STS does not grant', { 'role-arn': ROLE, region: 'eu-central-1', 'session-lifetime': '5m' }, 1],
  ['a role elsewhere', { 'role-arn': ROLE.replace('aws', 'aws-cn'), region: 'eu-central-1' }, 1],
  ['a role and a region in China', { 'role-arn': ROLE.replace('aws', 'aws-cn'), region: 'cn-north-1' }, 0],
])('%s', (_, given, faults) => {
  expect(aws.check(URL_OF_SECRETS, settingValues(aws, given))).toHaveLength(faults);
});

// What the vendor's SDK answers for the same.
describe('addresses', () => {
  const PLAIN = { 'use-fips-endpoint': false, 'use-dualstack-endpoint': false };
  const FIPS = { ...PLAIN, 'use-fips-endpoint': true };
  const DUAL = { ...PLAIN, 'use-dualstack-endpoint': true };
  test.each<[string, typeof PLAIN, readonly string[]]>([
    [
      'eu-central-1',
      PLAIN,
      ['sts.eu-central-1.amazonaws.com', 'ssm.eu-central-1.amazonaws.com', 'secretsmanager.eu-central-1.amazonaws.com'],
    ],
    [
      'us-east-1',
      FIPS,
      [
        'sts-fips.us-east-1.amazonaws.com',
        'ssm-fips.us-east-1.amazonaws.com',
        'secretsmanager-fips.us-east-1.amazonaws.com',
      ],
    ],
    ['us-east-1', DUAL, ['sts.us-east-1.api.aws', 'ssm.us-east-1.api.aws', 'secretsmanager.us-east-1.amazonaws.com']],
    [
      'cn-north-1',
      PLAIN,
      [
        'sts.cn-north-1.amazonaws.com.cn',
        'ssm.cn-north-1.amazonaws.com.cn',
        'secretsmanager.cn-north-1.amazonaws.com.cn',
      ],
    ],
    [
      'us-gov-west-1',
      FIPS,
      [
        'sts.us-gov-west-1.amazonaws.com',
        'ssm.us-gov-west-1.amazonaws.com',
        'secretsmanager-fips.us-gov-west-1.amazonaws.com',
      ],
    ],
    [
      'eusc-de-east-1',
      DUAL,
      [
        'sts.eusc-de-east-1.api.amazonwebservices.eu',
        'ssm.eusc-de-east-1.api.amazonwebservices.eu',
        'secretsmanager.eusc-de-east-1.api.amazonwebservices.eu',
      ],
    ],
    [
      'us-iso-east-1',
      PLAIN,
      ['sts.us-iso-east-1.c2s.ic.gov', 'ssm.us-iso-east-1.c2s.ic.gov', 'secretsmanager.us-iso-east-1.c2s.ic.gov'],
    ],
  ])('%s %o', (region, flags, expected) => {
    const values = { ...settingValues(aws, {}), ...flags };
    const hosts = (['sts', 'ssm', 'secretsmanager'] as const).map((one) => publicUrl(one, region, values).href);
    expect(hosts).toEqual(expected.map((host) => `https://${host}/`));
  });

  test.each([
    ['eu-central-1', 'sts.amazonaws.com'],
    ['eu-south-1', 'sts.eu-south-1.amazonaws.com'],
  ])('the STS of %s was %s once', (region, host) => {
    expect(publicUrl('sts', region, settingValues(aws, { 'sts-regional-endpoints': 'legacy' })).host).toBe(host);
  });
});

test('the variables of the SDKs are enough', async () => {
  const { settings } = await load({
    args: ['app/db'],
    env: {
      AWS_ROLE_ARN: ROLE,
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ROLE_SESSION_NAME: 'deploy',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/run/token',
      AWS_CA_BUNDLE: '/etc/ca.pem',
      AWS_ENDPOINT_URL_SSM: 'https://ssm.internal.example',
    },
  });
  expect(settings?.backends).toMatchObject([
    {
      type: 'aws',
      url: new URL('https://secretsmanager.eu-west-1.amazonaws.com'),
      token: { file: '/run/token' },
      tls: { caFile: '/etc/ca.pem' },
      values: { 'role-arn': ROLE, region: 'eu-west-1', 'session-name': 'deploy' },
    },
  ]);
  const [backend] = settings?.backends ?? [];
  if (backend === undefined) throw new Error('no backend');
  const values = settingValues(aws, { region: 'eu-west-1', 'ssm-url': 'https://ssm.internal.example' });
  expect(aws.services?.(backend.url, values)).toEqual([
    { name: 'sts', url: new URL('https://sts.eu-west-1.amazonaws.com'), takesIdToken: true },
    { name: 'ssm', url: new URL('https://ssm.internal.example'), setting: 'ssm-url' },
  ]);
});

test('no other address can stand in', async () => {
  const env = { AWS_ROLE_ARN: ROLE, AWS_REGION: 'eu-west-1', SECRETCTL_FALLBACK_URL: 'https://aws.example.com' };
  const { error } = await load({ args: ['app/db'], env });
  expect(error).toMatchObject({
    reason: 'CONFIG_INVALID',
    message: expect.stringContaining('fallback-url is not for AWS') as string,
  });
});

test('one address for all of them', async () => {
  const { settings } = await load({
    args: ['app/db'],
    env: { AWS_ROLE_ARN: ROLE, AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:5000' },
  });
  const url = new URL('http://127.0.0.1:5000');
  expect(settings?.backends).toMatchObject([{ url, values: { 'sts-url': url, 'ssm-url': url } }]);
});

test.each(['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'])('%s is not heeded, and that is said', async (name) => {
  const { lines } = await rehearse({ backendWorld: { env: { [name]: 'shop' } } });
  expect(lines).toEqual([expect.stringContaining(`${name} is not heeded: profiles`)]);
});

test.each<[string, string, string]>([
  ['true', 'https://secretsmanager.eu-west-1.amazonaws.com', 'https://sts.eu-west-1.amazonaws.com'],
  ['True', 'https://secretsmanager.eu-west-1.amazonaws.com', 'https://sts.eu-west-1.amazonaws.com'],
  ['false', 'https://secrets.example.com', 'https://sts.example.com'],
  ['', 'https://secrets.example.com', 'https://sts.example.com'],
])('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=%s, as the SDKs have it', async (ignore, secrets, sts) => {
  const env = {
    AWS_ROLE_ARN: ROLE,
    AWS_REGION: 'eu-west-1',
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignore,
    AWS_ENDPOINT_URL: 'https://aws.example.com',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: 'https://secrets.example.com',
    AWS_ENDPOINT_URL_STS: 'https://sts.example.com',
    AWS_ENDPOINT_URL_SSM: 'https://ssm.example.com',
  };
  const { settings } = await load({ args: ['app/db'], env });
  const [backend] = settings?.backends ?? [];
  if (backend === undefined) throw new Error('no backend');
  const own = settingValues(aws, { region: 'eu-west-1' });
  const services = aws.services?.(backend.url, { ...own, ...backend.values }) ?? [];
  expect([backend.url.origin, services[0]?.url.origin]).toEqual([secrets, sts]);
});

test('a configuration in a file keeps its addresses whatever that variable says', async () => {
  const env = { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true', AWS_ENDPOINT_URL: 'https://aws.example.com' };
  const file = `backends: { shop: { type: aws, role-arn: '${ROLE}', region: eu-west-1, sts-url: 'https://sts.internal.example' } }`;
  const { settings } = await load({ args: ['app/db'], env, files: { 'secretctl.yaml': file } });
  expect(settings?.backends).toMatchObject([
    {
      url: new URL('https://secretsmanager.eu-west-1.amazonaws.com'),
      values: { 'sts-url': new URL('https://sts.internal.example') },
    },
  ]);
});

import { duration } from '../../lib/text.ts';
import { warnOfUnheeded } from '../../lib/unheeded.ts';
import type { BackendType, Service, SettingsFault } from '../types.ts';
import { partitionName, publicUrl } from './partitions.ts';
import { type AwsValues, settings } from './settings.ts';

/** Secrets Manager and the parameters of Systems Manager, by a role that the job assumes (pam-cloud.md, 4.1). */
export const aws: BackendType<typeof settings> = {
  type: 'aws',
  title: 'AWS',
  algorithms: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'],
  usualAudience: 'sts.amazonaws.com',
  requiredClaims: ['exp', 'iat', 'iss', 'aud'],
  settings,
  pathPrefixes: ['ssm', 'secretsmanager', 'arn'],
  variables: {
    url: ['AWS_ENDPOINT_URL_SECRETS_MANAGER', 'AWS_ENDPOINT_URL'],
    'ca-file': ['AWS_CA_BUNDLE'],
    'token-file': ['AWS_WEB_IDENTITY_TOKEN_FILE'],
  },
  announcedBy: [['AWS_ROLE_ARN']],
  noFallback: 'requests are signed for one host',
  defaultUrl: (values) => {
    return values.region === undefined ? REGION_MISSING : publicUrl('secretsmanager', values.region, values);
  },
  silenced: (env) => (env[IGNORING]?.trim().toLowerCase() === 'true' ? ENDPOINTS : []),
  check: (_, values) => checkSettings(values),
  services: (_, values) => [serviceOf('sts', values), serviceOf('ssm', values)],
  async create(context) {
    warnOfUnheeded(UNHEEDED, context.invocation);
    const { openAws } = await import('./aws.ts');
    return openAws(context);
  },
};

const REGION_MISSING: SettingsFault = { missing: 'region', what: 'the region of the secrets, such as eu-central-1' };

/** Lives that STS grants at all, milliseconds. */
const SHORTEST_MS = 900_000;
const LONGEST_MS = 43_200_000;

function checkSettings(values: AwsValues): readonly SettingsFault[] {
  const faults: SettingsFault[] = [];
  const { region, 'role-arn': role, 'session-lifetime': lifetimeMs } = values;
  if (role === undefined) faults.push({ missing: 'role-arn', what: 'the role that the job assumes' });
  if (region === undefined) faults.push(REGION_MISSING);
  if (lifetimeMs < SHORTEST_MS || lifetimeMs > LONGEST_MS) {
    faults.push(`session-lifetime must be from ${duration(SHORTEST_MS)} to ${duration(LONGEST_MS)}`);
  }
  const partition = role?.split(':')[1];
  if (partition !== undefined && region !== undefined && partition !== partitionName(region)) {
    faults.push(`role-arn is of the partition ${partition} and region of ${partitionName(region)}`);
  }
  return faults;
}

function serviceOf(name: 'sts' | 'ssm', values: AwsValues): Service {
  const key = `${name}-url` as const;
  const configured = values[key];
  const takes = name === 'sts' ? { takesIdToken: true as const } : {};
  if (configured !== undefined) return { name, url: configured, setting: key, ...takes };
  return { name, url: publicUrl(name, values.region ?? '', values), ...takes };
}

/** The SDKs' switch for all of their endpoint variables. */
const IGNORING = 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS';
const ENDPOINTS = ['', '_SECRETS_MANAGER', '_SSM', '_STS'].map((service) => `AWS_ENDPOINT_URL${service}`);

const NO_PROFILES = 'profiles and files of the AWS CLI are not read: role-arn and region say who and where';

/** What the SDKs would do otherwise. */
const UNHEEDED = { AWS_PROFILE: NO_PROFILES, AWS_DEFAULT_PROFILE: NO_PROFILES };

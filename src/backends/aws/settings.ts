import { durationMs, endpoint, oneOf, onOff } from '../../lib/parsers.ts';
import { type Parser, SettingFault, settingRows, type SettingValues } from '../../lib/settings.ts';

/** The role that the job assumes. */
const roleArn: Parser<string> = {
  takes: 'the ARN of a role, such as arn:aws:iam::123456789012:role/ci',
  schema: { type: 'string', pattern: '^arn:aws[a-z-]*:iam::[0-9]{12}:role/[!-~]{1,1000}$' },
  parse(input) {
    if (!/^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[!-~]{1,1000}$/.test(input)) throw new SettingFault(roleArn.takes);
    return input;
  },
};

/** It becomes a part of host names. */
const region: Parser<string> = {
  takes: 'a region such as eu-central-1',
  schema: { type: 'string', pattern: '^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$' },
  parse(input) {
    if (!/^[a-z]{2,4}(?:-[a-z]{1,20}){1,4}-[0-9]{1,2}$/.test(input)) throw new SettingFault(region.takes);
    return input;
  },
};

/** As STS takes it (pam-cloud.md, 4.1). */
const sessionName: Parser<string> = {
  takes: '2 to 64 letters, digits and any of _ + = , . @ -',
  schema: { type: 'string', pattern: '^[\\w+=,.@-]{2,64}$' },
  parse(input) {
    if (!/^[\w+=,.@-]{2,64}$/.test(input)) throw new SettingFault(sessionName.takes);
    return input;
  },
};

/** Settings of one role in one region, with the variables that the vendor's SDKs honour (pam-cloud.md, 4.1). */
export const settings = settingRows({
  'role-arn': {
    parser: roleArn,
    variables: ['AWS_ROLE_ARN'],
    help: 'role that the job assumes with its ID token',
  },
  region: {
    parser: region,
    variables: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    help: 'region of the secrets and of STS',
  },
  'session-name': {
    parser: sessionName,
    variables: ['AWS_ROLE_SESSION_NAME'],
    help: "name of the job's session in CloudTrail (default: made from the ID token)",
  },
  'session-lifetime': {
    parser: durationMs,
    default: 15 * 60_000,
    help: "how long the access token lives, from 15m to the role's own limit",
  },
  service: {
    parser: oneOf(['secretsmanager', 'ssm']),
    default: 'secretsmanager',
    help: 'what a path without "secretsmanager:" or "ssm:" in front names: a secret, or a parameter of Systems Manager',
  },
  batch: {
    parser: oneOf(['auto', 'off']),
    default: 'auto',
    help: 'how several secrets are read: auto (20 at a time where the role may), or off (one by one)',
  },
  'sts-url': {
    parser: endpoint,
    variables: ['AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL'],
    help: "address of STS (default: the region's)",
  },
  'ssm-url': {
    parser: endpoint,
    variables: ['AWS_ENDPOINT_URL_SSM', 'AWS_ENDPOINT_URL'],
    help: "address of Systems Manager (default: the region's)",
  },
  'sts-regional-endpoints': {
    parser: oneOf(['regional', 'legacy']),
    default: 'regional',
    variables: ['AWS_STS_REGIONAL_ENDPOINTS'],
    help: 'regional, or legacy: in older regions the one global STS',
  },
  'use-fips-endpoint': {
    parser: onOff,
    default: false,
    variables: ['AWS_USE_FIPS_ENDPOINT'],
    help: 'the public addresses are those with FIPS 140 cryptography',
  },
  'use-dualstack-endpoint': {
    parser: onOff,
    default: false,
    variables: ['AWS_USE_DUALSTACK_ENDPOINT'],
    help: 'the public addresses are those that speak IPv6 as well',
  },
});

/** What the rows say, parsed. */
export type AwsValues = SettingValues<typeof settings>;

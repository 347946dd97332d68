import type { AwsValues } from './settings.ts';

/** The services that are spoken to, by the word that stands in their hosts and signatures. */
export type AwsService = 'secretsmanager' | 'ssm' | 'sts';

/** A part of AWS with accounts and host names of its own. */
interface Partition {
  readonly name: string;
  /** What the names of its regions begin with. */
  readonly regions: RegExp;
  readonly suffix: string;
  readonly dualStackSuffix: string;
  /** Set where Secrets Manager's ordinary hosts speak IPv6 as well and no other ones exist. */
  readonly hasOneSecretsManager?: true;
  /** Set where the ordinary hosts of STS and Systems Manager are the FIPS ones. */
  readonly isFipsByItself?: true;
}

/** All regions that no other partition has. */
const COMMERCIAL: Partition = {
  name: 'aws',
  regions: /^/,
  suffix: 'amazonaws.com',
  dualStackSuffix: 'api.aws',
  hasOneSecretsManager: true,
};

/** The others, as the endpoint rules of the vendor's SDK have them. */
const PARTITIONS: readonly Partition[] = [
  {
    name: 'aws-cn',
    regions: /^cn-/,
    suffix: 'amazonaws.com.cn',
    dualStackSuffix: 'api.amazonwebservices.com.cn',
    hasOneSecretsManager: true,
  },
  {
    name: 'aws-us-gov',
    regions: /^us-gov-/,
    suffix: 'amazonaws.com',
    dualStackSuffix: 'api.aws',
    hasOneSecretsManager: true,
    isFipsByItself: true,
  },
  {
    name: 'aws-eusc',
    regions: /^eusc-/,
    suffix: 'amazonaws.eu',
    dualStackSuffix: 'api.amazonwebservices.eu',
  },
  { name: 'aws-iso', regions: /^us-iso-/, suffix: 'c2s.ic.gov', dualStackSuffix: 'api.aws.ic.gov' },
  { name: 'aws-iso-b', regions: /^us-isob-/, suffix: 'sc2s.sgov.gov', dualStackSuffix: 'api.aws.scloud' },
  { name: 'aws-iso-e', regions: /^eu-isoe-/, suffix: 'cloud.adc-e.uk', dualStackSuffix: 'api.cloud-aws.adc-e.uk' },
  { name: 'aws-iso-f', regions: /^us-isof-/, suffix: 'csp.hci.ic.gov', dualStackSuffix: 'api.aws.hci.ic.gov' },
];

/** Regions that older SDKs served from the one global STS (`AWS_STS_REGIONAL_ENDPOINTS=legacy`). */
const GLOBAL_STS = new Set([
  ...['ap-northeast-1', 'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1'],
  ...['eu-north-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'sa-east-1'],
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'],
]);

/** The name of the partition that a region is in, as it stands in ARNs. */
export function partitionName(region: string): string {
  return partitionOf(region).name;
}

/** The public address of a service in a region. */
export function publicUrl(service: AwsService, region: string, values: AwsValues): URL {
  const { 'use-fips-endpoint': wantsFips, 'use-dualstack-endpoint': wantsDualStack } = values;
  if (service === 'sts' && isGlobal(region, values)) return new URL('https://sts.amazonaws.com');
  const partition = partitionOf(region);
  const isDualStack = wantsDualStack && !(service === 'secretsmanager' && partition.hasOneSecretsManager === true);
  const isSameHost = partition.isFipsByItself === true && service !== 'secretsmanager' && !isDualStack;
  const host = wantsFips && !isSameHost ? `${service}-fips` : service;
  return new URL(`https://${host}.${region}.${isDualStack ? partition.dualStackSuffix : partition.suffix}`);
}

function isGlobal(region: string, values: AwsValues): boolean {
  if (values['use-fips-endpoint'] || values['use-dualstack-endpoint']) return false;
  return values['sts-regional-endpoints'] === 'legacy' && GLOBAL_STS.has(region);
}

function partitionOf(region: string): Partition {
  return PARTITIONS.find(({ regions }) => regions.test(region)) ?? COMMERCIAL;
}

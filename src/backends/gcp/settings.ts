import { durationMs, endpoint, filePath, listOf, oneOf } from '../../lib/parsers.ts';
import { type Parser, SettingFault, settingRows, type SettingValues } from '../../lib/settings.ts';

function matching(pattern: RegExp, takes: string): Parser<string> {
  return {
    takes,
    schema: { type: 'string', pattern: pattern.source },
    parse(input) {
      if (!pattern.test(input)) throw new SettingFault(takes);
      return input;
    },
  };
}

const PROVIDER =
  /^(?:(?:https:)?\/\/iam\.[a-z0-9.-]+\/)?(?<name>projects\/[0-9]+\/locations\/global\/workloadIdentityPools\/[a-z0-9-]+\/providers\/[a-z0-9-]+)$/;

/** The name of a provider, with or without the service in front, as the console and the audience have it. */
const provider: Parser<string> = {
  takes: 'projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER',
  schema: { type: 'string', pattern: PROVIDER.source.replace('?<name>', '?:') },
  parse(input) {
    const name = PROVIDER.exec(input)?.groups?.['name'];
    if (name === undefined) throw new SettingFault(provider.takes);
    return name;
  },
};

/** Ids of projects, old ones with a domain in front. */
const PROJECT = /^(?:[a-z0-9.-]+:)?[a-z0-9][a-z0-9-]{0,61}$/;

const project = matching(PROJECT, 'the id or the number of a project');
const account = matching(/^[a-z0-9.-]+@[a-z0-9.-]+$/, 'the e-mail address of a service account');
const poolWord = matching(/^[a-z0-9-]{1,64}$/, 'lower-case letters, digits and hyphens');
const location = matching(/^[a-z0-9-]{1,40}$/, 'a location such as europe-west3');

/** The domain of the public cloud. */
const GOOGLES_OWN = 'googleapis.com';

/** Settings of Secret Manager, with the variables of Google's own clients and of GitLab (pam-cloud.md, 4.2). */
export const settings = settingRows({
  provider: {
    parser: provider,
    help: 'full name of the workload identity provider (or project-number, pool and provider-id)',
  },
  'project-number': {
    parser: matching(/^[0-9]{1,20}$/, 'the number of a project'),
    variables: ['GCP_PROJECT_NUMBER'],
    help: 'number of the project that the pool is in',
  },
  pool: {
    parser: poolWord,
    variables: ['GCP_WORKLOAD_IDENTITY_FEDERATION_POOL_ID'],
    help: 'id of the workload identity pool',
  },
  'provider-id': {
    parser: poolWord,
    variables: ['GCP_WORKLOAD_IDENTITY_FEDERATION_PROVIDER_ID'],
    help: 'id of the provider in that pool',
  },
  'credentials-file': {
    parser: filePath,
    variables: ['GOOGLE_APPLICATION_CREDENTIALS'],
    help: 'file of type external_account that names provider and service account; read only where no provider is set',
  },
  'service-account': {
    parser: account,
    variables: ['CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT'],
    help: 'service account to act as (default: none, the pool itself has the access)',
  },
  delegates: {
    parser: listOf(account),
    help: 'service accounts on the way to that one, each of which may act as the next',
  },
  'token-lifetime': {
    parser: durationMs,
    default: 3_600_000,
    help: "life of the service account's access token, 10m to 12h",
  },
  'subject-token-type': {
    parser: oneOf(['jwt', 'id_token']),
    default: 'jwt',
    help: 'what the exchange calls the ID token',
  },
  project: {
    parser: project,
    variables: ['GOOGLE_CLOUD_PROJECT', 'CLOUDSDK_CORE_PROJECT', 'GCLOUD_PROJECT'],
    help: 'project of references that name none',
  },
  location: {
    parser: location,
    help: 'location of regional secrets, such as europe-west3 (default: none, the global ones)',
  },
  'quota-project': {
    parser: project,
    variables: ['GOOGLE_CLOUD_QUOTA_PROJECT', 'CLOUDSDK_BILLING_QUOTA_PROJECT'],
    help: 'project whose quota the reads count against',
  },
  'universe-domain': {
    parser: matching(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'a domain such as googleapis.com'),
    default: GOOGLES_OWN,
    variables: ['GOOGLE_CLOUD_UNIVERSE_DOMAIN', 'CLOUDSDK_CORE_UNIVERSE_DOMAIN'],
    help: 'domain of the services of this cloud',
  },
  'sts-url': {
    parser: endpoint,
    variables: ['CLOUDSDK_API_ENDPOINT_OVERRIDES_STS'],
    help: 'where the ID token is exchanged (default: https://sts.<universe-domain>)',
  },
  'iam-credentials-url': {
    parser: endpoint,
    variables: ['CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS'],
    help: "where the service account's access token comes from (default: https://iamcredentials.<universe-domain>)",
  },
  slash: {
    parser: matching(/^[0-9A-Za-z_-]{1,8}$/, 'one to eight letters, digits, hyphens and underscores, such as --'),
    help: "what a slash of a reference becomes in a secret's id, which has none, such as --",
  },
});

/** What the rows say, parsed. */
export type GcpValues = SettingValues<typeof settings>;

/** The provider that the settings name, in full; undefined where they leave it to a file. */
export function providerOf(values: GcpValues): string | undefined {
  if (values.provider !== undefined) return values.provider;
  const { 'project-number': number, pool, 'provider-id': id } = values;
  if (number === undefined || pool === undefined || id === undefined) return undefined;
  return `projects/${number}/locations/global/workloadIdentityPools/${pool}/providers/${id}`;
}

/** The name of a provider out of any spelling of it; undefined for what is none. */
export function providerName(text: string): string | undefined {
  return PROVIDER.exec(text)?.groups?.['name'];
}

/** Where the ID token is exchanged, and the setting that says so. */
export function stsOf(values: GcpValues): { readonly url: URL; readonly setting?: string } {
  return addressOf(values, 'sts-url', 'sts');
}

/** Where a service account's access tokens come from, and the setting that says so. */
export function iamOf(values: GcpValues): { readonly url: URL; readonly setting?: string } {
  return addressOf(values, 'iam-credentials-url', 'iamcredentials');
}

function addressOf(
  values: GcpValues,
  setting: 'sts-url' | 'iam-credentials-url',
  service: string,
): { url: URL; setting?: string } {
  const { [setting]: url, 'universe-domain': universe } = values;
  if (url !== undefined) return { url, setting };
  const standing = new URL(`https://${service}.${universe}`);
  return universe === GOOGLES_OWN ? { url: standing } : { url: standing, setting: 'universe-domain' };
}

/** Whether an address is one of Google's public cloud. */
export function isGoogles({ hostname }: URL): boolean {
  const [service, domain] = [hostname.slice(0, -GOOGLES_OWN.length - 1), hostname.slice(-GOOGLES_OWN.length - 1)];
  return domain === `.${GOOGLES_OWN}` && /^(?:sts|iamcredentials|secretmanager(?:\.[a-z0-9-]+\.rep)?)$/.test(service);
}

/** Where secrets are: of all locations together, or of one that keeps them to itself. */
export function secretManagerUrl({ location: region, 'universe-domain': universe }: GcpValues): URL {
  return new URL(`https://secretmanager.${region === undefined ? '' : `${region}.rep.`}${universe}`);
}

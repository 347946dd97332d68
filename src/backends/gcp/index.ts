import type { BackendType, Service, SettingsFault } from '../types.ts';
import { tokenPlaceIn } from './credentials-file.ts';
import { type GcpValues, iamOf, isGoogles, providerOf, secretManagerUrl, settings, stsOf } from './settings.ts';

/** Google's Secret Manager, by workload identity federation (pam-cloud.md, 4.2). */
export const gcp: BackendType<typeof settings> = {
  type: 'gcp',
  title: 'Google Secret Manager',
  algorithms: ['RS256', 'ES256'],
  requiredClaims: ['iss', 'aud', 'exp', 'iat'],
  longestTokenSeconds: 86_400,
  settings,
  variables: { url: ['CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER'] },
  announcedBy: [
    ['GOOGLE_APPLICATION_CREDENTIALS'],
    ['GCP_PROJECT_NUMBER', 'GCP_WORKLOAD_IDENTITY_FEDERATION_POOL_ID', 'GCP_WORKLOAD_IDENTITY_FEDERATION_PROVIDER_ID'],
  ],
  defaultUrl: secretManagerUrl,
  check: checkSettings,
  services,
  isPublic: isGoogles,
  tokenPlace(values, fs) {
    const path = values['credentials-file'];
    return path === undefined || providerOf(values) !== undefined ? undefined : tokenPlaceIn(path, fs);
  },
  create: async (context) => (await import('./gcp.ts')).openGcp(context),
};

/** A file may name a service account: only reading it can tell. */
function services(_: URL, values: GcpValues): readonly Service[] {
  const sts: Service = { name: 'sts', ...stsOf(values), takesIdToken: true };
  const mayActAs = values['service-account'] !== undefined || providerOf(values) === undefined;
  return mayActAs ? [sts, { name: 'iam', ...iamOf(values) }] : [sts];
}

const LEAST_LIFE_MS = 600_000;
const LONGEST_LIFE_MS = 43_200_000;

function checkSettings(url: URL, values: GcpValues): readonly SettingsFault[] {
  const faults: SettingsFault[] = [];
  if (/^\/v1(?:\/|$)/.test(url.pathname)) faults.push('url must be without /v1: that is added');
  if (providerOf(values) === undefined && values['credentials-file'] === undefined) {
    faults.push({ missing: 'provider', what: 'the provider of a workload identity pool' });
  }
  if (values.delegates !== undefined && values['service-account'] === undefined) {
    faults.push('delegates are on the way to a service-account, which is not set');
  }
  const life = values['token-lifetime'];
  if (life < LEAST_LIFE_MS || life > LONGEST_LIFE_MS) faults.push('token-lifetime must be from 10m to 12h');
  return faults;
}

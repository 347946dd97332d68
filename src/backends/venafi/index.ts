import type { BackendType, Service, SettingsFault } from '../types.ts';
import { settings, TOKEN_SERVICE, type VenafiValues } from './settings.ts';

/** Next-Gen Trust Security, Certificate Manager SaaS before: certificates and their keys (pam-cloud.md, section 3). */
export const venafi: BackendType<typeof settings> = {
  type: 'venafi',
  title: 'Next-Gen Trust Security',
  algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'],
  requiredClaims: ['exp', 'iat', 'iss', 'aud'],
  longestTokenSeconds: 7200,
  settings,
  variables: {
    url: ['VCERT_URL'],
    'ca-file': ['VCERT_TRUST_BUNDLE'],
    'token-text': ['VCERT_EXTERNAL_JWT', 'TLSPC_EXTERNAL_JWT'],
  },
  announcedBy: [['VCERT_TOKEN_URL']],
  standing: ['VCERT_APIKEY', 'VCERT_TOKEN', 'VCERT_CLIENT_SECRET'],
  defaultUrl: ({ platform, region }) => new URL(platform === 'ngts' ? NGTS : REGIONS[region]),
  check: checkSettings,
  services: servicesIn,
  isPublic: ({ origin }) => [NGTS, ...Object.values(REGIONS)].some((one) => new URL(one).origin === origin),
  create: async (context) => (await import('./venafi.ts')).openVenafi(context),
};

/** pam-cloud.md, 3.3 */
const NGTS = 'https://api.strata.paloaltonetworks.com/ngts';
const REGIONS = {
  us: 'https://api.venafi.cloud',
  eu: 'https://api.venafi.eu',
  au: 'https://api.au.venafi.cloud',
  uk: 'https://api.uk.venafi.cloud',
  sg: 'https://api.sg.venafi.cloud',
  ca: 'https://api.ca.venafi.cloud',
} as const;

function checkSettings(url: URL, values: VenafiValues): readonly SettingsFault[] {
  const { 'token-url': tokenUrl, tenant } = values;
  const faults: SettingsFault[] = [];
  if (/\/v1\/?$/.test(url.pathname)) faults.push('url must be without /v1: that is added');
  if (tokenUrl === undefined && tenant === undefined) {
    faults.push({
      missing: 'token-url',
      what: "the token URL that the built-in account shows (an API key, an access token or a TPP server does not take a job's ID token)",
    });
  }
  if (tokenUrl !== undefined && tenant !== undefined)
    faults.push('token-url and tenant say the same: give one of them');
  if (
    tokenUrl !== undefined &&
    /\/oauth\/token\/serviceaccount\/?$|\/oauth2\/access_token\/?$/.test(tokenUrl.pathname)
  ) {
    faults.push("token-url is that of accounts with a key or secret of their own, not of a job's ID token");
  }
  if (tenant !== undefined && url.pathname.replace(/\/+$/, '') !== '') {
    faults.push('tenant is for an url without a path; there, give token-url');
  }
  return faults;
}

function servicesIn(_url: URL, { 'token-url': tokenUrl }: VenafiValues): readonly Service[] {
  if (tokenUrl === undefined) return [];
  return [{ name: TOKEN_SERVICE, url: new URL('/', tokenUrl), setting: 'token-url', takesIdToken: true }];
}

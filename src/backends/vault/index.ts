import { warnOfUnheeded } from '../../lib/unheeded.ts';
import type { BackendType, SettingsFault } from '../types.ts';
import { settings, type VaultValues } from './settings.ts';

/** HashiCorp Vault and OpenBao, one protocol (conjur-vault.md, section 3). */
export const vault: BackendType<typeof settings> = {
  type: 'vault',
  title: 'HashiCorp Vault',
  algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
  requiredClaims: [],
  settings,
  variables: {
    url: ['BAO_ADDR', 'VAULT_ADDR', 'VAULT_SERVER_URL'],
    'ca-file': ['BAO_CACERT', 'VAULT_CACERT'],
    ca: ['BAO_CACERT_BYTES', 'VAULT_CACERT_BYTES'],
    'client-cert': ['BAO_CLIENT_CERT', 'VAULT_CLIENT_CERT'],
    'client-key': ['BAO_CLIENT_KEY', 'VAULT_CLIENT_KEY'],
    'server-name': ['BAO_TLS_SERVER_NAME', 'VAULT_TLS_SERVER_NAME'],
    'token-text': ['VAULT_ID_TOKEN'],
  },
  check: checkSettings,
  async create(context) {
    warnOfUnheeded(unheeded(), context.invocation);
    const { openVault } = await import('./vault.ts');
    return openVault(context);
  },
};

function checkSettings(url: URL, values: VaultValues): readonly SettingsFault[] {
  const faults: SettingsFault[] = [];
  if (/\/v1\/?$/.test(url.pathname)) faults.push('url must be without /v1: that is added');
  if (values.engine === 'other' && values.references === 'gitlab')
    faults.push('references: gitlab is for key-value engines');
  if (values['wrap-for'] !== undefined && (values.field !== undefined || values.references === 'gitlab'))
    faults.push('what stays wrapped (wrap-for) has no fields, which field and references: gitlab name');
  if ((values['wrapping-token'] === undefined) === (values['wrapped-path'] === undefined)) return faults;
  const [missing, what] =
    values['wrapping-token'] === undefined
      ? ['wrapping-token', 'the token that is to be opened']
      : ['wrapped-path', 'the path that the wrapping token must have been made at'];
  return [...faults, { missing, what }];
}

/** Variables of the products' own clients that change what those do, and what stands in for them here. */
const UNHEEDED: Readonly<Record<string, string>> = {
  SKIP_VERIFY: 'the certificate is checked all the same (ca-file names a private CA)',
  CAPATH: 'ca-file names one file with all CAs',
  CLIENT_TIMEOUT: '--timeout is the time for all requests together',
  MAX_RETRIES: 'what is worth repeating is repeated within --timeout',
  RATE_LIMIT: 'at most eight requests are under way at a time',
  AGENT_ADDR: 'url says where the server is',
  PROXY_ADDR: 'url says where the server is, HTTPS_PROXY a proxy on the way',
  HTTP_PROXY: 'HTTPS_PROXY names a proxy',
  SRV_LOOKUP: 'url has host and port',
  MFA: 'a job has no second factor',
  TOKEN: "the job's ID token is used",
};

/** Both products' names for each. */
function unheeded(): Readonly<Record<string, string>> {
  const names = Object.entries(UNHEEDED);
  return Object.fromEntries(
    names.flatMap(([end, instead]) => [`BAO_${end}`, `VAULT_${end}`].map((name) => [name, instead])),
  );
}

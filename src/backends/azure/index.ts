import { warnOfUnheeded } from '../../lib/unheeded.ts';
import type { BackendType, SettingsFault } from '../types.ts';
import { cloudOf, isManagedHsm, isMicrosofts } from './clouds.ts';
import { authorityOf, type AzureValues, scopeOf, settings } from './settings.ts';

/** Secrets of an Azure Key Vault, by a federated credential of Entra ID (pam-cloud.md, 4.3). */
export const azure: BackendType<typeof settings> = {
  type: 'azure',
  title: 'Azure Key Vault',
  // Federated credentials are supported for this one alone; Microsoft has not tried any other.
  algorithms: ['RS256'],
  usualAudience: 'api://AzureADTokenExchange',
  requiredClaims: ['iss', 'aud', 'exp'],
  settings,
  pathPrefixes: ['https'],
  variables: {
    url: ['AZURE_KEY_VAULT_SERVER_URL', 'AZURE_KEYVAULT_URL'],
    'token-file': ['AZURE_FEDERATED_TOKEN_FILE'],
  },
  check: checkSettings,
  services(url, values) {
    return [{ name: 'authority', ...authorityOf(url, values), takesIdToken: true }];
  },
  isPublic: isMicrosofts,
  async create(context) {
    warnOfUnheeded(UNHEEDED, context.invocation);
    const { openAzure } = await import('./azure.ts');
    return openAzure(context);
  },
};

const ID_TOKEN = "the job's ID token is used";

/** Variables of Azure's own clients that mean another way in, or another address. */
const UNHEEDED = {
  AZURE_CLIENT_SECRET: ID_TOKEN,
  AZURE_CLIENT_CERTIFICATE_PATH: ID_TOKEN,
  AZURE_REGIONAL_AUTHORITY_NAME: 'authority says where Entra is',
};

function checkSettings(url: URL, values: AzureValues): readonly SettingsFault[] {
  const faults: SettingsFault[] = [];
  if (isManagedHsm(url)) faults.push('url is that of a managed HSM, which holds keys and no secrets');
  if (/^\/(?:secrets|keys|certificates)(?:\/|$)/.test(url.pathname)) {
    faults.push("url must be the vault's alone, without /secrets");
  }
  if (values['tenant-id'] === undefined) faults.push({ missing: 'tenant-id', what: 'the tenant of the application' });
  if (values['client-id'] === undefined) {
    faults.push({ missing: 'client-id', what: 'the application with the federated credential' });
  }
  faults.push(...scopeFaults(url, values));
  if (cloudOf(url) === undefined && scopeOf(url, values) === undefined && !isManagedHsm(url)) {
    faults.push({ missing: 'scope', what: 'the host of url is not one of Azure, so it does not say the scope' });
  }
  return faults;
}

/** A token for something else is nothing that a vault may see. */
function scopeFaults(url: URL, { scope = '' }: AzureValues): readonly SettingsFault[] {
  const resource = cloudOf(url)?.resource;
  if (resource === undefined || !/^https?:/i.test(scope) || scope.replace(/\/*\.default$/, '') === resource) return [];
  return [`scope must be ${resource}/.default for this vault: that is what its cloud calls it`];
}

/** One of Azure's clouds, as far as a vault's client has to know it. */
export interface Cloud {
  /** What follows the vault's name in its host; the second one is that of private endpoints. */
  readonly vaults: readonly string[];
  /** What an access token for its vaults is asked for. */
  readonly resource: string;
  /** Where its tokens are issued. */
  readonly authority: string;
}

/** The clouds with vaults of their own (pam-cloud.md, 4.3; Microsoft's list of national clouds). */
const CLOUDS: readonly Cloud[] = [
  {
    vaults: ['vault.azure.net', 'vaultcore.azure.net'],
    resource: 'https://vault.azure.net',
    authority: 'https://login.microsoftonline.com',
  },
  {
    vaults: ['vault.usgovcloudapi.net', 'vaultcore.usgovcloudapi.net'],
    resource: 'https://vault.usgovcloudapi.net',
    authority: 'https://login.microsoftonline.us',
  },
  {
    vaults: ['vault.azure.cn', 'vaultcore.azure.cn'],
    resource: 'https://vault.azure.cn',
    authority: 'https://login.partner.microsoftonline.cn',
  },
];

/** Where tokens come from when a vault's host does not say. */
export const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com';

/** The cloud that a vault's host belongs to; undefined for a host of any other name. */
export function cloudOf({ hostname }: URL): Cloud | undefined {
  return CLOUDS.find(({ vaults }) => vaults.some((suffix) => hostname.endsWith(`.${suffix}`)));
}

/** Whether an address is that of a vault or of Entra in one of these clouds: whoever rents the vault, Microsoft runs it. */
export function isMicrosofts(url: URL): boolean {
  return cloudOf(url) !== undefined || CLOUDS.some(({ authority }) => authority === url.origin);
}

/** Whether a host is that of a managed HSM, which has keys and no secrets at all. */
export function isManagedHsm({ hostname }: URL): boolean {
  return /\.managedhsm\.(?:azure\.net|azure\.cn|usgovcloudapi\.net)$/.test(hostname);
}

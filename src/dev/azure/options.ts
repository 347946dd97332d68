import { oneOf, wholeNumber } from '../../lib/parsers.ts';
import { anyText, type OptionTable, readServerOptions } from '../frame/server-options.ts';

/** The variants of this server. */
export interface AzureOptions {
  /** Tenant of the vault and of the application. */
  readonly tenant: string;
  /** Application (client) id. */
  readonly client: string;
  /** What the vault takes access tokens for. */
  readonly resource: string;
  /** Seconds. */
  readonly 'token-lifetime': number;
  /** Who may read is said by roles, or by access policies: the words of a 403 differ. */
  readonly permissions: 'rbac' | 'policy';
  /** Whether the firewall lets anybody in. */
  readonly firewall: 'open' | 'closed';
  /** How values that are no text are kept: as the Azure CLI does with --encoding. */
  readonly encoding: 'base64' | 'hex';
  /** Names, separated by spaces: whose newest version is disabled, or past its end. */
  readonly disabled: string;
  readonly expired: string;
  /** Names, separated by spaces, of what is a certificate's secret: a PKCS#12 file in base64. */
  readonly certificates: string;
}

/** The options with their defaults. */
export const azureOptions: OptionTable<AzureOptions> = (option) => ({
  tenant: option('tenant', anyText, '11111111-2222-4333-8444-555555555555'),
  client: option('client', anyText, '66666666-7777-4888-9999-000000000000'),
  resource: option('resource', anyText, 'https://vault.azure.net'),
  'token-lifetime': option('token-lifetime', wholeNumber(1, 99_999), 3599),
  permissions: option('permissions', oneOf(['rbac', 'policy']), 'rbac'),
  firewall: option('firewall', oneOf(['open', 'closed']), 'open'),
  encoding: option('encoding', oneOf(['base64', 'hex']), 'base64'),
  disabled: option('disabled', anyText, ''),
  expired: option('expired', anyText, ''),
  certificates: option('certificates', anyText, ''),
});

/** Those that were given. Throws USAGE for one that is not known or a value that it does not take. */
export function readOptions(given: ReadonlyMap<string, string>): AzureOptions {
  return readServerOptions('Azure', azureOptions, given);
}

import { endpoint, listOf, onOff, text } from '../../lib/parsers.ts';
import { type Parser, SettingFault, settingRows, type SettingValues } from '../../lib/settings.ts';
import { cloudOf, PUBLIC_AUTHORITY } from './clouds.ts';

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

/** The words that stand for any tenant: an application cannot log in to one of those. */
const tenant = matching(
  /^(?!(?:common|organizations|consumers)$)[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/,
  'the id of a tenant, or a domain of it',
);

const clientId = matching(
  /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  'an application (client) id such as 00000000-0000-0000-0000-000000000000',
);

const scope = matching(/^[!-~]+\/\.default$/, 'a scope such as https://vault.azure.net/.default');

const apiVersion = matching(/^[0-9][0-9A-Za-z.-]{0,31}$/, 'a version of the API such as 7.4 or 2025-07-01');

const slash = matching(/^[0-9A-Za-z-]{1,8}$/, 'one to eight letters, digits and hyphens, such as --');

/** Settings of one vault, with the variables of Azure's own clients and of GitLab (pam-cloud.md, 4.3). */
export const settings = settingRows({
  'tenant-id': {
    parser: tenant,
    variables: ['AZURE_TENANT_ID'],
    help: 'directory (tenant) that the application is in: its id or a domain',
  },
  'client-id': {
    parser: clientId,
    variables: ['AZURE_CLIENT_ID'],
    help: 'application (client) id of the app registration or the managed identity with the federated credential',
  },
  authority: {
    parser: endpoint,
    variables: ['AZURE_AUTHORITY_HOST'],
    help: "where Entra issues the access token (default: that of the vault's cloud)",
  },
  scope: {
    parser: scope,
    help: "what the access token is asked for (default: that of the vault's cloud)",
  },
  'api-version': {
    parser: apiVersion,
    default: '7.4',
    help: 'version of the Key Vault API',
  },
  slash: {
    parser: slash,
    help: "what a slash becomes in the vault's names, such as --; without it, only a version follows a slash",
  },
  'keep-encoded': {
    parser: onOff,
    default: false,
    help: 'values that the Azure CLI stored with --encoding base64 or hex stay encoded',
  },
  'base64-content-types': {
    parser: listOf(text),
    help: 'content types whose values are base64 text and are decoded, such as application/x-pkcs12 for certificates',
  },
});

/** What the rows say, parsed. */
export type AzureValues = SettingValues<typeof settings>;

/** Where access tokens come from, and whether a setting said so. */
export function authorityOf(url: URL, { authority }: AzureValues): { readonly url: URL; readonly setting?: string } {
  if (authority !== undefined) return { url: authority, setting: 'authority' };
  return { url: new URL(cloudOf(url)?.authority ?? PUBLIC_AUTHORITY) };
}

/** What the access token is asked for; undefined where neither a setting nor the vault's host says it. */
export function scopeOf(url: URL, values: AzureValues): string | undefined {
  const cloud = cloudOf(url);
  return values.scope ?? (cloud === undefined ? undefined : `${cloud.resource}/.default`);
}

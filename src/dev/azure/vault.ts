import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import type { RehearsalWorld, ServerReply, ServerRequest } from '../types.ts';
import type { Entra } from './entra.ts';
import type { AzureOptions } from './options.ts';
import { json, vaultFailure } from './replies.ts';

/** What stands for a slash of a rehearsed secret's path in the vault's name for it. */
export const SLASH = '--';

/** Versions of the API that this vault knows. */
const API_VERSIONS = new Set(['7.0', '7.1', '7.2', '7.3', '7.4', '7.5', '7.6', '2025-07-01', '2026-04-01']);

/** What a vault works with. */
export interface Site {
  readonly world: RehearsalWorld;
  readonly options: AzureOptions;
  readonly entra: Entra;
}

/** Reads of secrets, with the words of the real one (pam-cloud.md, 4.3; Key Vault's page of error codes). */
export function readSecret(request: ServerRequest, inside: string, site: Site): ServerReply {
  const { options } = site;
  if (request.method !== 'GET') return vaultFailure(405, 'MethodNotAllowed', 'The method is not allowed.');
  const token = /^Bearer (?<token>\S+)$/.exec(request.headers['authorization'] ?? '')?.groups?.['token'];
  if (token === undefined) return challenge('AKV10000: Request is missing a Bearer or PoP token.', options);
  if (!site.entra.admits(token)) return challenge('AKV10022: The token is expired or was revoked.', options);
  return versionFault(request) ?? firewallFault(options) ?? placed(inside, site);
}

function firewallFault({ firewall }: AzureOptions): ServerReply | undefined {
  if (firewall === 'open') return undefined;
  const sentence = 'Client address is not authorized and caller is not a trusted service.';
  return vaultFailure(403, 'Forbidden', sentence, 'ForbiddenByFirewall');
}

function placed(inside: string, site: Site): ServerReply {
  const [name = '', version = '', ...more] = inside.split('/');
  if (/^[0-9A-Za-z-]{1,127}$/.test(name) && more.length === 0) return named(name, version, site);
  return vaultFailure(400, 'BadParameter', 'The request URI contains an invalid name.');
}

function versionFault({ target }: ServerRequest): ServerReply | undefined {
  const asked = new URLSearchParams(target.split('?')[1] ?? '').getAll('api-version');
  if (asked.length !== 1) return vaultFailure(400, 'BadParameter', 'api-version must be specified');
  if (API_VERSIONS.has(asked[0] ?? '')) return undefined;
  return vaultFailure(400, 'BadParameter', 'The specified version is not recognized.');
}

function challenge(message: string, { tenant, resource }: AzureOptions): ServerReply {
  const header = `Bearer authorization="https://login.microsoftonline.com/${tenant}", resource="${resource}"`;
  return json(401, { error: { code: 'Unauthorized', message } }, { 'www-authenticate': header });
}

/** The newest version where `version` is empty. */
function named(name: string, version: string, { world, options }: Site): ServerReply {
  const isNamed = (path: string): boolean => vaultName(path) === name.toLowerCase();
  if ([...world.forbidden].some(isNamed)) return denied(options);
  const [path, versions] = [...world.secrets].find(([one]) => isNamed(one)) ?? ['', []];
  const newest = versions.length - 1;
  const index = version === '' ? newest : versions.findIndex((_, at) => versionId(path, at) === version.toLowerCase());
  const value = versions[index];
  if (value === undefined) {
    const sentence = `A secret with (name/id) ${name}/${version} was not found in this key vault.`;
    return vaultFailure(404, 'SecretNotFound', sentence);
  }
  if (isIn(options.disabled, name) && index === newest) {
    return vaultFailure(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled');
  }
  return json(200, bundle({ name, id: versionId(path, index), value }, world, options));
}

/** Which of a path's versions, counted from 0, is which: 32 hexadecimal digits, as the product has it. */
export function versionId(path: string, index: number): string {
  return createHash('sha256').update(`${index} ${path}`).digest('hex').slice(0, 32);
}

function vaultName(path: string): string {
  return path.replaceAll('/', SLASH).toLowerCase();
}

function denied({ permissions }: AzureOptions): ServerReply {
  if (permissions === 'rbac') {
    const sentence =
      "Caller is not authorized to perform action on resource.\r\nAction: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'";
    return vaultFailure(403, 'Forbidden', sentence, 'ForbiddenByRbac');
  }
  const sentence =
    "The user, group or application 'rehearsal' does not have secrets get permission on key vault 'rehearsal'.";
  return vaultFailure(403, 'Forbidden', sentence, 'AccessDenied');
}

interface Held {
  readonly name: string;
  readonly id: string;
  readonly value: Buffer;
}

function bundle({ name, id, value }: Held, world: RehearsalWorld, options: AzureOptions): unknown {
  const nowSeconds = Math.floor(world.now() / 1000);
  const isExpired = isIn(options.expired, name);
  const isCertificate = isIn(options.certificates, name);
  const isText = isUtf8(value) && !value.includes(0);
  const encoding = isCertificate ? 'base64' : options.encoding;
  return {
    value: isText && !isCertificate ? value.toString('utf8') : value.toString(encoding),
    ...(isCertificate && { contentType: 'application/x-pkcs12', managed: true }),
    id: `https://rehearsal.vault.azure.net/secrets/${name}/${id}`,
    attributes: {
      enabled: true,
      ...(isExpired && { exp: nowSeconds - 60 }),
      created: 1_767_323_045,
      updated: 1_767_323_045,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
    },
    ...(!isCertificate && { tags: { 'file-encoding': isText ? 'utf-8' : encoding } }),
  };
}

function isIn(names: string, name: string): boolean {
  return names.toLowerCase().split(' ').includes(name.toLowerCase());
}

import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { visible } from '../../lib/text.ts';
import { AccessTokenRefused } from '../types.ts';
import { factsOf } from './answers.ts';
import type { Identity } from './requests.ts';

/**
 * Reads a 401. Always throws: AUTH_REFUSED where the vault's challenge asks for another tenant or another resource than
 * the settings say, because a fresh access token would be refused like this one; otherwise {@link AccessTokenRefused}.
 */
export function refuseToken(answer: HttpAnswer, { tenant, scope }: Identity, words: string): never {
  const hints = hintsIn(answer.headers['www-authenticate'] ?? '', { tenant, scope });
  if (hints.length === 0) throw new AccessTokenRefused();
  const message = `the vault takes no such access token: 401${words} to ${answer.request}`;
  throw new SecretctlError('AUTH_REFUSED', message, { ...factsOf(answer), hint: hints });
}

/** What the challenge asks for and the settings do not say. */
function hintsIn(header: string, { tenant, scope }: Pick<Identity, 'tenant' | 'scope'>): readonly string[] {
  const wantedTenant = /\bauthorization(?:_uri)?="https:\/\/[^"/]+\/(?<tenant>[0-9a-fA-F-]{36})\/?"/.exec(header)
    ?.groups?.['tenant'];
  const resource = /\b(?:resource|scope)="(?<resource>https:\/\/[!#-~]+)"/.exec(header)?.groups?.['resource'];
  const hints: string[] = [];
  if (wantedTenant !== undefined && isId(tenant) && wantedTenant.toLowerCase() !== tenant.toLowerCase()) {
    hints.push(`the vault is in the tenant ${visible(wantedTenant)}: tenant-id must be that one`);
  }
  // A scope that is an application's id cannot be compared with an address.
  if (resource !== undefined && scope.startsWith('https:') && bare(resource) !== bare(scope)) {
    hints.push(
      `the vault takes tokens for ${visible(bare(resource))}: scope must be ${visible(bare(resource))}/.default`,
    );
  }
  return hints;
}

/** A domain of a tenant cannot be compared with the tenant's id. */
function isId(tenant: string): boolean {
  return /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(tenant);
}

function bare(resource: string): string {
  return resource.replace(/\/\.default$/, '').replace(/\/+$/, '');
}

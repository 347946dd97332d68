import type { HttpAnswer } from '../../lib/http.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken, SubjectToken } from '../../lib/tokens.ts';
import { wordsOf } from './answers.ts';
import type { VaultValues } from './settings.ts';

/** The header that the ID token travels in. Its name behind the dash is free, the parameter's is inside. */
export const INLINE_TOKEN = 'x-vault-inline-auth-parameter-jwt';

/** The ID token as each request of an inline authentication carries it (conjur-vault.md, 3.7). */
export function inlineToken({ jwt }: SubjectToken): AccessToken {
  const value = new Sensitive(parameter('jwt', jwt.reveal().toString('latin1')));
  return { value, expiresAtMs: undefined, lifetimeSeconds: undefined, isIdToken: true };
}

/** What such a request carries besides. */
export function inlineHeaders({ 'auth-path': authPath, role }: VaultValues): Readonly<Record<string, string>> {
  return {
    'x-vault-inline-auth-path': `auth/${authPath}/login`,
    ...(role !== undefined && { 'x-vault-inline-auth-parameter-role': parameter('role', role) }),
  };
}

/** Whether it was the login in a request that failed, and not what was asked for. */
export function isInlineFailed({ status, headers }: HttpAnswer): boolean {
  return status >= 400 && headers['x-vault-inline-auth-failed']?.toLowerCase() === 'true';
}

/** Whether a server wants an access token all the same: it does not know these headers, or what it gives has a lease. */
export function isLoginNeeded(answer: HttpAnswer): boolean {
  if (answer.status !== 400) return false;
  return /missing client token|inline authentication cannot generate leases/.test(wordsOf(answer));
}

function parameter(key: string, value: string): string {
  return Buffer.from(JSON.stringify({ key, value })).toString('base64url');
}

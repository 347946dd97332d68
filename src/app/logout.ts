import { isRevoking } from '../backends/types.ts';
import type { BackendSettings, GeneralSettings } from '../config/types.ts';
import { type Reason, SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import { visible } from '../lib/text.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import { type Connection, connect, contextOf, isKeeping } from './connection.ts';
import { hideAccessToken } from './exchange.ts';
import type { Hide } from './hide.ts';
import { readIdToken } from './session.ts';

/**
 * Revokes the kept access token where the backend can, and forgets it always, even when revoking failed (which is then
 * thrown). Content when nothing is kept. Without the job's ID token nothing kept can be named, or opened by anybody:
 * that is a warning.
 */
export async function logOut(
  backend: BackendSettings,
  general: GeneralSettings,
  invocation: Invocation,
  hide: Hide,
): Promise<void> {
  const connection = await connect(backend, general, invocation, hide);
  try {
    if (!isKeeping(connection)) return;
    const idToken = await idTokenIfAny(connection);
    if (idToken !== undefined) await takeAndRevoke(connection, idToken);
  } finally {
    await connection.close();
  }
}

async function takeAndRevoke(connection: Connection, idToken: SubjectToken): Promise<void> {
  const { backend, cache, endpoints } = connection;
  let revoked = 0;
  const taken = endpoints.map((endpoint) => cache.take(contextOf(connection, endpoint), idToken));
  for (const accessToken of taken) {
    if (accessToken === undefined) continue;
    hideAccessToken(connection, accessToken);
    if (!isRevoking(backend)) continue;
    await backend.revoke(accessToken);
    revoked++;
  }
  const forgotten = taken.filter((accessToken) => accessToken !== undefined).length;
  connection.invocation.journal.debug('logged out', { backend: visible(backend.name), forgotten, revoked });
}

/** Reasons that say that there is no ID token, not that there is a bad one. */
const NO_TOKEN: ReadonlySet<Reason> = new Set<Reason>(['NO_ID_TOKEN', 'TOKEN_MISSING', 'TOKEN_EMPTY', 'TOKEN_FILE']);

async function idTokenIfAny(connection: Connection): Promise<SubjectToken | undefined> {
  try {
    return await readIdToken(connection);
  } catch (error) {
    if (!(error instanceof SecretctlError) || !NO_TOKEN.has(error.reason)) throw error;
    connection.invocation.journal.warn(
      `there is no ID token (${error.reason}), so a kept access token cannot be found; without it nobody can use the file either`,
    );
    return undefined;
  }
}

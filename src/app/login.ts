import type { BackendSettings, GeneralSettings } from '../config/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import { visible } from '../lib/text.ts';
import { connect, isKeeping } from './connection.ts';
import { exchange } from './exchange.ts';
import type { Hide } from './hide.ts';
import { keep, readIdToken } from './session.ts';

/**
 * Exchanges now, whatever is kept, and keeps the access token for the job's next commands. Throws CACHE_DIR (78) when
 * it cannot be kept, before a packet where that can be known before: a login that leaves nothing behind did nothing,
 * and a job that relies on it should hear so at once.
 */
export async function logIn(
  backend: BackendSettings,
  general: GeneralSettings,
  invocation: Invocation,
  hide: Hide,
): Promise<void> {
  const connection = await connect(backend, general, invocation, hide);
  try {
    if (!isKeeping(connection)) {
      const name = visible(backend.name);
      return invocation.journal.warn(
        `nothing is kept for ${name}: it takes no ID token of this job, or settings of it come from another backend`,
      );
    }
    if (connection.cache.directory === undefined) {
      throw notKept(general.cache ? 'there is no directory for it' : '--no-cache says so');
    }
    const idToken = await readIdToken(connection);
    const accessToken = await exchange(connection, idToken);
    const reason = keep(connection, idToken, accessToken);
    if (reason !== undefined) throw notKept(reason);
    invocation.journal.debug('logged in', { backend: visible(backend.name) });
  } finally {
    await connection.close();
  }
}

function notKept(why: string): SecretctlError {
  return new SecretctlError('CACHE_DIR', `the access token cannot be kept: ${why}`, {
    hint: 'name a private directory outside the workspace with --cache-dir, or leave "login" out: every command logs in by itself',
  });
}

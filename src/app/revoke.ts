import { isRevoking } from '../backends/types.ts';
import type { BackendSettings, GeneralSettings } from '../config/types.ts';
import { startDeadline } from '../lib/deadline.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import { visible } from '../lib/text.ts';
import type { AccessToken } from '../lib/tokens.ts';
import { connect } from './connection.ts';
import type { Hide } from './hide.ts';

/** An access token that this run was given and that no other command of the job can use. */
export interface OwnToken {
  readonly backend: BackendSettings;
  readonly accessToken: AccessToken;
}

/** What revoking gets on the way out, whatever else took how long. */
const GRACE_MS = 2000;

/**
 * Revokes these tokens where their products can, all at the same time and within two seconds of their own, even after a
 * signal. That it fails is a warning and nothing more.
 */
export async function revokeAll(
  tokens: readonly OwnToken[],
  general: GeneralSettings,
  invocation: Invocation,
  hide: Hide,
): Promise<void> {
  if (tokens.length === 0) return;
  const grace = startDeadline(invocation.runtime, GRACE_MS);
  try {
    await Promise.all(tokens.map((token) => revokeOne(token, general, { ...invocation, deadline: grace }, hide)));
  } finally {
    grace.settle();
  }
}

async function revokeOne(
  { backend, accessToken }: OwnToken,
  general: GeneralSettings,
  invocation: Invocation,
  hide: Hide,
): Promise<void> {
  try {
    const connection = await connect(backend, { ...general, cache: false }, invocation, hide);
    try {
      if (isRevoking(connection.backend)) await connection.backend.revoke(accessToken);
    } finally {
      await connection.close();
    }
  } catch (error) {
    const why = error instanceof SecretctlError ? error.reason : 'it was refused';
    invocation.journal.warn(
      `the access token of ${visible(backend.name)} could not be revoked (${why}); it ends with its lifetime`,
    );
  }
}

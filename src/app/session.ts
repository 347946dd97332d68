import {
  AccessTokenRefused,
  type Backend,
  isLoggingIn,
  isRefreshing,
  isRevoking,
  type Outcome,
} from '../backends/types.ts';
import type { BackendSettings, GeneralSettings } from '../config/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { SecretRef } from '../lib/secrets.ts';
import { visible } from '../lib/text.ts';
import { checkIssuer, outlives } from '../lib/token-rules.ts';
import type { AccessToken, SubjectToken } from '../lib/tokens.ts';
import { readSubjectToken } from '../sources/index.ts';
import { type Connection, connect, contextOf } from './connection.ts';
import { arrived, exchange, explaining, hideAccessToken, logInTo, rulesOf } from './exchange.ts';
import type { Hide } from './hide.ts';
import type { OwnToken } from './revoke.ts';

/** One backend on behalf of this job: it logs in when, and only if, something is fetched. */
export interface Session {
  readonly backend: Backend;
  /** One outcome per reference, in order. A kept access token that is refused is replaced once (P15). */
  fetchSecrets(refs: readonly SecretRef[]): Promise<readonly Outcome[]>;
  /** The access tokens so far that only this session can use and that can be revoked. */
  own(): readonly OwnToken[];
  close(): Promise<void>;
}

/** Opens a session without sending anything. Throws what `connect` throws. */
export async function openSession(
  backend: BackendSettings,
  general: GeneralSettings,
  invocation: Invocation,
  hide: Hide,
): Promise<Session> {
  const connection = await connect(backend, general, invocation, hide);
  let current: Promise<Access> | undefined;
  return {
    backend: connection.backend,
    async fetchSecrets(refs) {
      if (refs.length === 0) return [];
      current = current === undefined ? gainAccess(connection) : freshAccess(connection, await current);
      const { outcomes, access } = await fetchWith(connection, await current, refs);
      current = Promise.resolve(access);
      return outcomes;
    },
    own: () =>
      isRevoking(connection.backend)
        ? connection.own.map((accessToken) => ({ backend: connection.settings, accessToken }))
        : [],
    close: () => connection.close(),
  };
}

/** An access token and what it was given for. */
interface Access {
  /** Undefined where the backend takes none. */
  readonly idToken: SubjectToken | undefined;
  readonly accessToken: AccessToken;
  /** Whether the access token was kept by an earlier command. */
  readonly isKept: boolean;
}

/** The ID token is needed even where an access token is kept: it is the key to it. */
async function gainAccess(connection: Connection): Promise<Access> {
  const { backend } = connection;
  if (isLoggingIn(backend)) {
    const accessToken = await logInTo(connection, backend);
    connection.own.push(accessToken);
    return { idToken: undefined, accessToken, isKept: false };
  }
  const idToken = await readIdToken(connection);
  const accessToken = findKept(connection, idToken);
  if (accessToken === undefined) return exchangeAndKeep(connection, idToken);
  // Of what is demanded of the ID token the one thing that a kept access token is not bound to.
  checkIssuer(idToken, rulesOf(connection));
  return { idToken, accessToken, isKept: true };
}

/** What is left of an access token's life below which it is not used for anything new: of a short one, less. */
const MARGIN_MS = 30_000;
const MARGIN_OF_LIFE = 0.15;

/** The same access, or a new one where its end is near. */
async function freshAccess(connection: Connection, access: Access): Promise<Access> {
  const { backend, invocation } = connection;
  const { expiresAtMs, lifetimeSeconds = Number.POSITIVE_INFINITY } = access.accessToken;
  const margin = Math.min(MARGIN_MS, lifetimeSeconds * 1000 * MARGIN_OF_LIFE);
  if (expiresAtMs === undefined || expiresAtMs - invocation.runtime.now() > margin) return access;
  if (!isRefreshing(backend)) return gainAccess(connection);
  try {
    const accessToken = arrived(connection, await backend.refresh(access.accessToken));
    keepOrOwn(connection, access.idToken, accessToken);
    return { ...access, accessToken, isKept: false };
  } catch (error) {
    if (!(error instanceof AccessTokenRefused)) throw error;
    return gainAccess(connection);
  }
}

/** Reads the ID token; from then on our own stderr shows nothing of it. */
export async function readIdToken({ settings, invocation, hide }: Connection): Promise<SubjectToken> {
  const idToken = await readSubjectToken(settings.token, { ...invocation, hide });
  hide('ID token', idToken.jwt);
  return idToken;
}

/** The same ID token, or a later one where this one ends before the run may and its source can be asked again. */
async function lasting(connection: Connection, idToken: SubjectToken): Promise<SubjectToken> {
  if (idToken.renewal === undefined || outlives(idToken, connection.invocation)) return idToken;
  return readIdToken(connection);
}

/** The access token that an earlier command of this job kept, from whichever endpoint it came. */
function findKept(connection: Connection, idToken: SubjectToken): AccessToken | undefined {
  const { cache, endpoints, invocation } = connection;
  for (const endpoint of endpoints) {
    const kept = cache.get(contextOf(connection, endpoint), idToken);
    if (kept === undefined) continue;
    hideAccessToken(connection, kept);
    const leftMs = (kept.expiresAtMs ?? 0) - invocation.runtime.now();
    invocation.journal.debug('kept access token', { expires_in_s: Math.floor(leftMs / 1000) });
    return kept;
  }
  return undefined;
}

/**
 * Exchanges, and keeps what came for the job's next commands. This is where one process of a job may hold the others
 * back: take the lock, look for a kept token once more, exchange and keep, release. The lock may only save work, so
 * everything here is right without it.
 */
async function exchangeAndKeep(connection: Connection, idToken: SubjectToken): Promise<Access> {
  const accessToken = await exchange(connection, idToken);
  keepOrOwn(connection, idToken, accessToken);
  return { idToken, accessToken, isKept: false };
}

/** What is not kept is this session's alone. */
function keepOrOwn(connection: Connection, idToken: SubjectToken | undefined, accessToken: AccessToken): void {
  if (accessToken.isIdToken === true) return;
  if (idToken === undefined || keep(connection, idToken, accessToken) !== undefined) connection.own.push(accessToken);
}

/** Keeps an access token for the endpoint that gave it; says why it is not kept, undefined when it is. */
export function keep(connection: Connection, idToken: SubjectToken, accessToken: AccessToken): string | undefined {
  const { cache, http } = connection;
  if (accessToken.isIdToken === true) return 'each request carries the ID token, and no access token is made';
  // Nothing but this very ID token would open what is kept.
  if (idToken.renewal === 'asked' && idToken.jobSecret === undefined)
    return 'each command of this job asks for an ID token of its own';
  return cache.put(contextOf(connection, http.endpoint), idToken, accessToken, http.clockOffsetMs);
}

function forget(connection: Connection, idToken: SubjectToken): void {
  for (const endpoint of connection.endpoints) connection.cache.forget(contextOf(connection, endpoint), idToken);
}

interface FetchedWith {
  readonly outcomes: readonly Outcome[];
  /** What later fetches of this session use. */
  readonly access: Access;
}

async function fetchWith(connection: Connection, access: Access, refs: readonly SecretRef[]): Promise<FetchedWith> {
  const { backend } = connection;
  try {
    return { outcomes: await fetchOrExplain(connection, access, refs), access };
  } catch (error) {
    if (!(error instanceof AccessTokenRefused)) throw error;
    if (access.idToken === undefined) throw refusedAgain(backend);
    forget(connection, access.idToken);
    if (!access.isKept && access.accessToken.isIdToken !== true) throw refusedAgain(backend);
  }
  const renewed = await exchangeAndKeep(connection, await lasting(connection, access.idToken));
  try {
    return { outcomes: await backend.fetchSecrets(renewed.accessToken, refs), access: renewed };
  } catch (error) {
    if (!(error instanceof AccessTokenRefused)) throw error;
    if (renewed.idToken !== undefined) forget(connection, renewed.idToken);
    throw refusedAgain(backend);
  }
}

/** Where the reads carry the ID token itself, theirs is the refusal of it. */
async function fetchOrExplain(
  connection: Connection,
  { idToken, accessToken }: Access,
  refs: readonly SecretRef[],
): Promise<readonly Outcome[]> {
  const read = (): Promise<readonly Outcome[]> => connection.backend.fetchSecrets(accessToken, refs);
  return idToken !== undefined && accessToken.isIdToken === true ? explaining(connection, idToken, read) : read();
}

function refusedAgain(backend: Backend): SecretctlError {
  return new SecretctlError(
    'AUTH_REFUSED',
    `${visible(backend.name)} refused the access token that it had just issued`,
    {
      hint: 'a proxy may drop the header it travels in, the nodes may have different keys, or their clocks may differ',
    },
  );
}

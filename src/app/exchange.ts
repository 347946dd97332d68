import { isComposing, isLoggingIn, type LoggingIn } from '../backends/types.ts';
import { isLoopback } from '../lib/endpoint.ts';
import { SecretctlError } from '../lib/errors.ts';
import { checkToken, type TokenRules } from '../lib/jwt.ts';
import { duration, visible } from '../lib/text.ts';
import { CLOCK_SKEW_SECONDS } from '../lib/token-rules.ts';
import type { AccessToken, SubjectToken } from '../lib/tokens.ts';
import type { Connection } from './connection.ts';
import { warnOfUnboundEndpoint } from './origins.ts';
import { explainRefusal } from './refusal.ts';

/**
 * A new access token for this ID token, which leaves only if it may. Throws the refusals of `checkToken` (79),
 * AUTH_REFUSED with what the token said (77), TOKEN_DEAD_ON_ARRIVAL (76), and what the connection throws.
 */
export async function exchange(connection: Connection, idToken: SubjectToken): Promise<AccessToken> {
  await mayLeave(connection, idToken);
  return arrived(connection, await exchangeOrExplain(connection, idToken));
}

/**
 * A new access token of a backend that takes no ID token. Throws AUTH_REFUSED (77), TOKEN_DEAD_ON_ARRIVAL (76), and
 * what the connection throws.
 */
export async function logInTo(connection: Connection, backend: LoggingIn): Promise<AccessToken> {
  warnOfDestinations(connection, []);
  return arrived(connection, await connection.exchanging(() => backend.logIn()));
}

/** Takes an access token in: hides it, and refuses one that is over already. */
export function arrived(connection: Connection, accessToken: AccessToken): AccessToken {
  hideAccessToken(connection, accessToken);
  warnOfClock(connection);
  refuseDead(connection, accessToken);
  return accessToken;
}

/** From now on our own stderr shows nothing of an access token, whole or in parts. */
export function hideAccessToken({ backend, hide }: Connection, accessToken: AccessToken): void {
  hide('access token', accessToken.value);
  if (!isComposing(backend)) return;
  for (const part of backend.partsOf(accessToken)) hide('access token', part);
}

/** Returns once this token may leave for this backend's endpoints. Throws the refusals of `checkToken` (79). */
export async function mayLeave(connection: Connection, idToken: SubjectToken): Promise<void> {
  await checkToken(idToken, rulesOf(connection), connection.invocation);
  if (idToken.claims.aud.length === 0) {
    connection.invocation.journal.warn('the ID token names no audience, so whoever receives it can use it anywhere');
  }
  // Where a CI gives a token for any audience, the file chooses that too: then it binds the token, and nobody else's secrets.
  const isGivenSecrets = connection.settings.chained.some(({ key }) => key !== 'token');
  warnOfDestinations(connection, isGivenSecrets ? [] : idToken.claims.aud);
}

/** What this backend and its configuration demand of an ID token. */
export function rulesOf({ settings, type, destinations }: Connection): TokenRules {
  return {
    algorithms: type.algorithms,
    requiredClaims: type.requiredClaims,
    longestTokenSeconds: type.longestTokenSeconds,
    audience: settings.token.audience,
    issuer: settings.token.issuer,
    toLoopback: destinations.every(({ url, takesIdToken }) => !takesIdToken || isLoopback(url.hostname)),
  };
}

function warnOfDestinations({ destinations, invocation }: Connection, audiences: readonly string[]): void {
  const unbound = destinations.filter(({ isUnbound }) => isUnbound).map(({ url }) => [url.origin, url] as const);
  for (const url of new Map(unbound).values()) warnOfUnboundEndpoint(url, audiences, invocation);
}

async function exchangeOrExplain(connection: Connection, idToken: SubjectToken): Promise<AccessToken> {
  const { backend } = connection;
  if (isLoggingIn(backend)) throw new SecretctlError('INTERNAL', `${visible(backend.name)} takes no ID token`);
  return explaining(connection, idToken, () => connection.exchanging(() => backend.exchange(idToken)));
}

/** The result of this work, which sends the ID token; AUTH_REFUSED is thrown with what the token said. */
export async function explaining<Result>(
  { exchangeHttp, settings, invocation }: Connection,
  idToken: SubjectToken,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SecretctlError) || error.reason !== 'AUTH_REFUSED') throw error;
    throw explainRefusal(error, idToken, {
      expected: settings.token,
      nowMs: invocation.runtime.now(),
      clockOffsetMs: exchangeHttp.clockOffsetMs,
    });
  }
}

function warnOfClock({ exchangeHttp: http, invocation }: Connection): void {
  if (Math.abs(http.clockOffsetMs) <= CLOCK_SKEW_SECONDS * 1000) return;
  const side = http.clockOffsetMs < 0 ? 'ahead of' : 'behind';
  invocation.journal.warn(`this machine's clock is ${duration(http.clockOffsetMs)} ${side} the server's`);
}

function refuseDead(
  { exchangeHttp: http, invocation }: Connection,
  { expiresAtMs, lifetimeSeconds }: AccessToken,
): void {
  const isOver = expiresAtMs !== undefined && expiresAtMs <= invocation.runtime.now();
  if (!isOver && (lifetimeSeconds === undefined || lifetimeSeconds > 0)) return;
  const offset = `the server's clock minus this machine's is ${Math.round(http.clockOffsetMs / 1000)} s`;
  throw new SecretctlError('TOKEN_DEAD_ON_ARRIVAL', `the access token was already over when it arrived; ${offset}`, {
    hint: 'compare the clocks of this machine and of the server',
  });
}

import { type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import type { RehearsalWorld } from '../types.ts';

/** Signatures of JWTs by a key pair (RFC 7518 3.1), as most products take them. */
export const ASYMMETRIC: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512'],
];

/** The same with those of RFC 8037. */
export const ASYMMETRIC_AND_EDDSA: readonly string[] = [...ASYMMETRIC, 'EdDSA'];

/** Whether `aud` is that audience, or a list with it (RFC 7519 4.1.3). */
export function namesAudience(claims: JsonObject, audience: string): boolean {
  const aud = member(claims, 'aud');
  const all = aud?.kind === 'array' ? aud.items : [aud];
  return all.some((one) => one?.kind === 'string' && one.value === audience);
}

/** The first bound claim that a token does not have with exactly its text; undefined where it has all of them. */
export function unboundClaim(claims: JsonObject, { boundClaims }: RehearsalWorld): string | undefined {
  return Object.keys(boundClaims).find((name) => textMember(claims, name) !== boundClaims[name]);
}

/** Whether an ID token is this job's: signature, times without any leeway, issuer, audience and every bound claim. */
export async function isWelcome(
  jwt: string | undefined,
  algorithms: readonly string[],
  world: RehearsalWorld,
): Promise<boolean> {
  const claims = jwt === undefined ? undefined : (await world.verify(jwt, algorithms))?.claims;
  if (claims === undefined) return false;
  const nowSeconds = world.now() / 1000;
  const exp = numberMember(claims, 'exp');
  if (exp === undefined || exp <= nowSeconds || (numberMember(claims, 'nbf') ?? 0) > nowSeconds) return false;
  if (textMember(claims, 'iss') !== world.issuer || !namesAudience(claims, world.audience)) return false;
  return unboundClaim(claims, world) === undefined;
}

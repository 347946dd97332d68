import type { CryptoKey, JWK } from 'jose';
import { type JsonObject, parseJsonBytes } from './json.ts';
import { Sensitive } from './sensitive.ts';

export { LONGEST_TOKEN, readToken } from './token-reader.ts';
export { checkToken, type TokenRules } from './token-rules.ts';

// Reading and judging a token needs no cryptography, so those two live in files of their own and `fetch` does not
// pay for jose: only the rehearsal's issuer and `token --verify` do, when they first sign or verify.
const loadJose = () => import('jose');

/** A public key as a key set publishes it (RFC 7517). */
export type Jwk = JWK;

/** A key pair that signs test tokens. */
export interface IssuerKey {
  readonly algorithm: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: Jwk;
}

/** A new key pair for `algorithm` (RS256, ES256, EdDSA, …), named by its RFC 7638 thumbprint. */
export async function createIssuerKey(algorithm = 'RS256'): Promise<IssuerKey> {
  const jose = await loadJose();
  const { privateKey, publicKey } = await jose.generateKeyPair(algorithm, { extractable: true });
  const jwk = await jose.exportJWK(publicKey);
  const kid = await jose.calculateJwkThumbprint(jwk);
  return { algorithm, kid, privateKey, publicJwk: { ...jwk, kid, alg: algorithm, use: 'sig' } };
}

/** What goes into a test token besides its claims. */
export interface SigningOptions {
  /** Header members that are added or replaced; `undefined` removes one. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** The compact JWT (RFC 7519) of these claims, signed; claims that are `undefined` are left out. */
export async function signToken(
  claims: Readonly<Record<string, unknown>>,
  key: IssuerKey,
  options: SigningOptions = {},
): Promise<Sensitive> {
  const jose = await loadJose();
  const header = { typ: 'JWT', kid: key.kid, ...options.header };
  const jwt = await new jose.CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ ...withoutUndefined(header), alg: key.algorithm })
    .sign(key.privateKey);
  return new Sensitive(jwt);
}

/**
 * Header and claims of a JWT whose signature one of these keys made with one of these algorithms; undefined for any
 * other text. Times and claims are the caller's to check.
 */
export async function verifySignature(
  jwt: string,
  jwks: { readonly keys: readonly Jwk[] },
  algorithms: readonly string[],
): Promise<{ readonly header: JsonObject; readonly claims: JsonObject } | undefined> {
  const jose = await loadJose();
  try {
    const keys = jose.createLocalJWKSet({ keys: jwks.keys.map(withoutLeadingZero) });
    const verified = await jose.compactVerify(jwt, keys, { algorithms: [...algorithms] });
    const header = parseJsonBytes(Buffer.from(jwt.slice(0, jwt.indexOf('.')), 'base64url'));
    const claims = parseJsonBytes(verified.payload);
    return header.kind === 'object' && claims.kind === 'object' ? { header, claims } : undefined;
  } catch {
    return undefined;
  }
}

/** Jenkins publishes the modulus as a signed number, with a zero byte in front, which importing a key may not take. */
function withoutLeadingZero(jwk: Jwk): Jwk {
  if (jwk.kty !== 'RSA' || jwk.n === undefined) return jwk;
  const modulus = Buffer.from(jwk.n, 'base64url');
  return modulus[0] === 0 ? { ...jwk, n: modulus.subarray(1).toString('base64url') } : jwk;
}

function withoutUndefined(header: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(header).filter(([, value]) => value !== undefined));
}

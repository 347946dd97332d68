import { SecretctlError } from '../../lib/errors.ts';
import type { Invocation } from '../../lib/invocation.ts';
import { checkToken, type Jwk, type TokenRules, verifySignature } from '../../lib/jwt.ts';
import { quoted, visible } from '../../lib/text.ts';
import type { SubjectToken } from '../../lib/tokens.ts';
import { askForKeys, type IssuerKeys, issuerUrl, type KeysQuestion } from './issuer-keys.ts';

/** What came of it; a failure does not hide what was found out before it. */
export interface Verification {
  /** Whether a key of the issuer made the signature; undefined when that could not be found out. */
  readonly isSigned: boolean | undefined;
  /** What the issuer published; undefined when it was not asked or did not say. */
  readonly published: IssuerKeys | undefined;
  /** Why the token does not verify; undefined when it does. */
  readonly failure: SecretctlError | undefined;
}

/** Everything that signs with a private key; a shared secret proves nothing to anybody (RFC 8725, 3.1 and 3.2). */
export const ASYMMETRIC: readonly string[] =
  'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');

/**
 * Holds an ID token against the keys that its issuer publishes, then against the rules: algorithm, times, audience,
 * issuer. Nothing of the token is sent. The failure is ALG_REFUSED, TOKEN_SIGNATURE or another of TOKEN_… (79), or what
 * asking for the keys throws.
 */
export async function verifyToken(
  token: SubjectToken,
  rules: TokenRules,
  asked: Pick<KeysQuestion, 'keysUrl' | 'ca'>,
  invocation: Invocation,
): Promise<Verification> {
  let published: IssuerKeys | undefined;
  let isSigned: boolean | undefined;
  try {
    refuseAlgorithm(token);
    const issuer = asked.keysUrl === undefined ? issuerOf(token) : (token.claims.iss ?? '');
    published = await askForKeys({ ...asked, issuer }, invocation);
    isSigned = await isSignedBy(published.keys, token);
    if (!isSigned) throw unsigned(token, published);
    await checkToken(token, rules, invocation);
    return { isSigned, published, failure: undefined };
  } catch (error) {
    if (!(error instanceof SecretctlError)) throw error;
    return { isSigned, published, failure: error };
  }
}

/** Before a packet: a key set says nothing about a signature that everybody can make. */
function refuseAlgorithm({ header: { alg } }: SubjectToken): void {
  if (ASYMMETRIC.includes(alg)) return;
  throw new SecretctlError('ALG_REFUSED', `a signature of ${quoted(alg)} is nothing that published keys could verify`, {
    hint: `what can be verified: ${ASYMMETRIC.join(', ')}`,
  });
}

function issuerOf({ claims: { iss } }: SubjectToken): string {
  issuerUrl(iss);
  return iss ?? '';
}

/** The key that the token names; any of them where it names none. */
async function isSignedBy(keys: readonly Jwk[], { jwt, header }: SubjectToken): Promise<boolean> {
  const candidates = header.kid === undefined ? keys : keys.filter((key) => key.kid === header.kid);
  const text = jwt.reveal().toString('latin1');
  for (const key of candidates) {
    if ((await verifySignature(text, { keys: [key] }, [header.alg])) !== undefined) return true;
  }
  return false;
}

function unsigned({ header: { kid } }: SubjectToken, { keys, url }: IssuerKeys): SecretctlError {
  const isThere = keys.some((key) => key.kid === kid);
  const names = keys.flatMap((key) => key.kid ?? []);
  const shown = names.slice(0, 5).map(quoted).join(', ');
  const there = names.length === 0 ? 'none that has a name' : shown + (names.length > 5 ? ' and more' : '');
  if (kid !== undefined && !isThere) {
    return new SecretctlError('TOKEN_SIGNATURE', `the ID token's key ${quoted(kid)} is not published`, {
      hint: [`${visible(url.href)} has ${there}`, 'the issuer may have changed its keys since it signed this token'],
    });
  }
  return new SecretctlError('TOKEN_SIGNATURE', 'the signature of the ID token is by none of its issuer’s keys', {
    hint: `the keys are those of ${visible(url.href)}; the token was changed on the way, or somebody else made it`,
  });
}

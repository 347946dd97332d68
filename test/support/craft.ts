/** JWTs that no issuer would sign, for the reader that must refuse them. */
export function craftToken(header: unknown, claims: unknown, signature = 'c2lnbmF0dXJl'): string {
  return [part(header), part(claims), signature].join('.');
}

/** One part: bytes and text as they are, anything else as JSON, in base64url. */
function part(content: unknown): string {
  const bytes = Buffer.isBuffer(content)
    ? content
    : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return bytes.toString('base64url');
}

/** Now, as a NumericDate, plus some seconds. */
export function numericDate(offsetSeconds = 0): number {
  return Math.floor(Date.now() / 1000) + offsetSeconds;
}

/** A claims set that is fine in every respect, with changes; undefined takes a claim away. */
export function fineClaims(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    iss: 'https://gitlab.example.test',
    aud: 'https://conjur.example.test',
    sub: 'project_path:group/project:ref_type:branch:ref:main',
    iat: numericDate(-10),
    nbf: numericDate(-15),
    exp: numericDate(290),
    ...changes,
  };
}

/** The header of an ordinary ID token. */
export const RS256 = { alg: 'RS256', kid: 'test', typ: 'JWT' };

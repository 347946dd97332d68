import { SecretctlError } from './errors.ts';
import { JsonFault, type JsonObject, parseJsonBytes, textMember } from './json.ts';
import { Sensitive } from './sensitive.ts';
import type { Claims, SubjectToken, TokenHeader } from './tokens.ts';

/** Longest ID token that is read, bytes. */
export const LONGEST_TOKEN = 16 * 1024;

/** Latest NumericDate that a calendar has; later ones cannot be shown or compared. */
const LATEST_SECONDS = 8.64e12;

/**
 * Reads an ID token strictly, without verifying it (security.md 6.2, rows 2 to 9, 14 and 21): one trailing line end
 * is trimmed, nothing else is bent. `origin` says in messages where the token came from. Throws TOKEN_EMPTY,
 * TOKEN_UNEXPANDED, TOKEN_TOO_LONG, TOKEN_FORMAT, TOKEN_ENCRYPTED or TOKEN_CLAIMS, none of which quote the token.
 */
export function readToken(jwt: Sensitive, origin: string): SubjectToken {
  const bytes = withoutLineEnd(jwt.reveal());
  if (bytes.length > LONGEST_TOKEN) {
    throw new SecretctlError('TOKEN_TOO_LONG', `the ID token from ${origin} is longer than ${LONGEST_TOKEN} bytes`);
  }
  const text = bytes.toString('latin1');
  refuseNoToken(text, origin);
  const fault = formFault(text);
  if (fault !== undefined) {
    throw new SecretctlError('TOKEN_FORMAT', `the ID token from ${origin} is not a JWT: ${fault}`, { hint: AS_ISSUED });
  }
  const parts = text.split('.');
  refuseParts(parts, origin);
  const [header = '', claims = '', signature = ''] = parts;
  const read = {
    header: readHeader(objectPart(header, 'header', origin), origin),
    claims: objectPart(claims, 'claims set', origin),
  };
  if (signature === '' && read.header.alg.toLowerCase() !== 'none') {
    throw new SecretctlError('TOKEN_FORMAT', `the ID token from ${origin} is not a JWT: its signature is missing`, {
      hint: CUT_OFF,
    });
  }
  return {
    jwt: bytes.length === jwt.byteLength ? jwt : new Sensitive(bytes),
    header: read.header,
    claims: readClaims(read.claims, origin),
    origin,
  };
}

const AS_ISSUED = 'pass the token on as the CI issued it, three base64url parts with dots between, and nothing else';
const CUT_OFF = 'the token was probably cut off';
const NO_JWT =
  'this is something else, or a part of a token: check that the variable or file is the one with the ID token';

function withoutLineEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end -= bytes[end - 2] === 0x0d ? 2 : 1;
  return bytes.subarray(0, end);
}

/** `$NAME`, `${NAME}`, `$(NAME)`, `%NAME%`, `$env:NAME`, `$[NAME]`: what a CI or shell leaves when it does not expand. */
const UNEXPANDED = /^["']?(?:\$(?:env:)?\w+|\$\{[^}]*\}|\$\([^)]*\)|\$\[[^\]]*\]|%\w+%)["']?$/i;

function refuseNoToken(text: string, origin: string): void {
  if (/^\s*$/.test(text)) {
    throw new SecretctlError('TOKEN_EMPTY', `the ID token from ${origin} is empty`, {
      hint: 'what should fill it gave nothing: look at how this job declares or fetches its ID token',
    });
  }
  if (!UNEXPANDED.test(text.trim())) return;
  throw new SecretctlError('TOKEN_UNEXPANDED', `${origin} holds the name of a variable, not an ID token`, {
    hint: 'a reference such as $NAME was passed on without being expanded: that variable does not exist in this job',
  });
}

const LETTERS = /^[A-Za-z0-9_.-]*$/;

/** What keeps a text from being three base64url parts, most telling first, in words that hold nothing of it. */
const FORM_FAULTS: readonly (readonly [RegExp, string])[] = [
  [/\0/, 'it holds NUL bytes, as text in UTF-16 does'],
  [/^\xef\xbb\xbf/, 'it begins with a byte order mark'],
  [/^["'`]|["'`]$/, 'it stands in quotes'],
  [/^bearer\b/i, 'it begins with the word "Bearer"'],
  [/^\s*\{/, 'it is a JSON object'],
  [/^\s|\s$/, 'white space stands before or after it'],
  [/[\r\n]/, 'a line break stands inside it'],
  [/\s/, 'white space stands inside it'],
  [/^[\w.+/=-]*$/, 'it is in the alphabet of standard base64 (+, /, =), not of base64url'],
];

function formFault(text: string): string | undefined {
  if (LETTERS.test(text)) return undefined;
  const known = FORM_FAULTS.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? 'it holds characters that base64url does not have';
}

function refuseParts(parts: readonly string[], origin: string): void {
  if (parts.length === 5) {
    throw new SecretctlError('TOKEN_ENCRYPTED', `the ID token from ${origin} is encrypted (five parts)`, {
      hint: 'a backend reads the claims of a signed token: three parts',
    });
  }
  if (parts.length !== 3) {
    const count = parts.length === 1 ? 'one part' : `${parts.length} parts`;
    throw new SecretctlError('TOKEN_FORMAT', `the ID token from ${origin} is not a JWT: it has ${count}, not three`, {
      hint: parts.length < 3 ? NO_JWT : AS_ISSUED,
    });
  }
  const broken = parts.findIndex((part, index) => !isBase64url(part) || (part === '' && index < 2));
  if (broken < 0) return;
  const which = ['first', 'second', 'third'][broken] ?? '';
  throw new SecretctlError(
    'TOKEN_FORMAT',
    `the ID token from ${origin} is not a JWT: its ${which} part is not base64url`,
    {
      hint: CUT_OFF,
    },
  );
}

/** Canonical: a part whose last character carries stray bits was cut or changed on the way. */
function isBase64url(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}

/** Members whose names may be shown; any other name is a part of the token. */
const KNOWN_NAMES = ['alg', 'kid', 'crit', 'typ', 'iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'];

function objectPart(part: string, name: string, origin: string): JsonObject {
  const json = parsePart(part, name, origin);
  if (json.kind !== 'object') throw claimsFault(origin, `its ${name} is not a JSON object`);
  if (json.repeated.size > 0) {
    const known = KNOWN_NAMES.find((candidate) => json.repeated.has(candidate));
    throw claimsFault(origin, `${known === undefined ? 'a member' : `"${known}"`} of its ${name} stands there twice`);
  }
  return json;
}

function parsePart(part: string, name: string, origin: string): ReturnType<typeof parseJsonBytes> {
  try {
    return parseJsonBytes(Buffer.from(part, 'base64url'));
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw claimsFault(origin, `its ${name} is not JSON: ${error.message} (position ${error.position})`);
  }
}

function readHeader(header: JsonObject, origin: string): TokenHeader {
  const alg = textClaim(header, 'alg', origin);
  if (alg === undefined) throw claimsFault(origin, 'its header names no algorithm ("alg")');
  return { alg, kid: textClaim(header, 'kid', origin), crit: header.members.has('crit') };
}

function readClaims(claims: JsonObject, origin: string): Claims {
  return {
    iss: textClaim(claims, 'iss', origin),
    sub: textClaim(claims, 'sub', origin),
    aud: audienceClaim(claims, origin),
    exp: dateClaim(claims, 'exp', origin),
    nbf: dateClaim(claims, 'nbf', origin),
    iat: dateClaim(claims, 'iat', origin),
    jti: textMember(claims, 'jti'),
    all: claims,
  };
}

function textClaim(object: JsonObject, name: string, origin: string): string | undefined {
  const found = object.members.get(name);
  if (found === undefined) return undefined;
  if (found.kind !== 'string') throw claimsFault(origin, `"${name}" is not a text`);
  return found.value;
}

function audienceClaim(claims: JsonObject, origin: string): readonly string[] {
  const found = claims.members.get('aud');
  if (found === undefined) return [];
  if (found.kind === 'string') return [found.value];
  const items = found.kind === 'array' ? found.items : [undefined];
  return items.map((item) => {
    if (item?.kind !== 'string') throw claimsFault(origin, '"aud" is neither a text nor a list of texts');
    return item.value;
  });
}

function dateClaim(claims: JsonObject, name: 'exp' | 'nbf' | 'iat', origin: string): number | undefined {
  const found = claims.members.get(name);
  if (found === undefined) return undefined;
  const seconds = found.kind === 'number' ? Number(found.text) : Number.NaN;
  if (seconds >= 0 && seconds <= LATEST_SECONDS) return seconds;
  throw claimsFault(origin, `"${name}" is not a time: a number of seconds since 1970`);
}

function claimsFault(origin: string, what: string): SecretctlError {
  return new SecretctlError('TOKEN_CLAIMS', `the ID token from ${origin} cannot be used: ${what}`);
}

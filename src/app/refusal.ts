import { SecretctlError } from '../lib/errors.ts';
import { duration, quoted, visible } from '../lib/text.ts';
import { CLOCK_SKEW_SECONDS, isHmac } from '../lib/token-rules.ts';
import type { Claims, SubjectToken } from '../lib/tokens.ts';
import type { TokenSettings } from '../sources/types.ts';

/** What a refused token is held against. */
export interface Expectations {
  /** What the configuration says about the token. */
  readonly expected: TokenSettings;
  /** This machine's clock, milliseconds since 1970. */
  readonly nowMs: number;
  /** The server's clock minus this machine's, milliseconds. */
  readonly clockOffsetMs: number;
}

/**
 * The same AUTH_REFUSED with an answer to "why was my token refused?": what the token says beside what the
 * configuration expects and the server's clock, and the likeliest cause as the first hint (product.md 6.1), then what
 * would have told sooner. Claims only; nothing of the token itself.
 */
export function explainRefusal(error: SecretctlError, token: SubjectToken, against: Expectations): SecretctlError {
  const cause = likeliestCause(token, against);
  const unchecked = against.expected.audience === undefined ? [NO_AUDIENCE] : [];
  return new SecretctlError(error.reason, error.message, {
    ...error.facts,
    details: [...(error.facts.details ?? []), ...describe(token, against)],
    hint: [...(cause === undefined ? [] : [`likeliest cause: ${cause}`]), ...unchecked, ...error.hints],
  });
}

const NO_AUDIENCE =
  'no audience is configured here: set --audience (token.audience) to what the server expects, and a wrong one is found before it is sent';

function describe({ claims, header, origin }: SubjectToken, against: Expectations): readonly string[] {
  const { expected, nowMs, clockOffsetMs } = against;
  const key = header.kid === undefined ? 'no key id' : `key id ${quoted(header.kid)}`;
  return [
    `what the refused ID token (${origin}) says:`,
    `  issuer: ${claims.iss === undefined ? 'none' : quoted(claims.iss)}; ${configured(expected.issuer)}`,
    `  audience: ${audiences(claims)}; ${configured(expected.audience)}`,
    `  subject: ${claims.sub === undefined ? 'none' : quoted(claims.sub)}`,
    `  issued: ${moment(claims.iat, nowMs)}`,
    ...(claims.nbf === undefined ? [] : [`  valid from: ${moment(claims.nbf, nowMs)}`]),
    `  expires: ${moment(claims.exp, nowMs)}`,
    `  algorithm: ${visible(header.alg)}, ${key}`,
    `the server's clock: ${clock(clockOffsetMs)}`,
  ];
}

function configured(expected: string | undefined): string {
  return expected === undefined ? 'none configured' : `configured: ${quoted(expected)}`;
}

function audiences({ aud }: Claims): string {
  if (aud.length === 0) return 'none';
  const shown = aud.slice(0, 5).map(quoted).join(', ');
  return aud.length > 5 ? `${shown} and ${aud.length - 5} more` : shown;
}

/** A NumericDate as people say it: `in 4 min (2026-11-22T01:00:00.000Z)`. */
export function moment(seconds: number | undefined, nowMs: number): string {
  if (seconds === undefined) return 'not said';
  const awayMs = seconds * 1000 - nowMs;
  const relative = awayMs < 0 ? `${duration(awayMs)} ago` : `in ${duration(awayMs)}`;
  return `${relative} (${new Date(seconds * 1000).toISOString()})`;
}

/** Another clock, by how far it is from this machine's, milliseconds. */
export function clock(offsetMs: number): string {
  if (Math.abs(offsetMs) < 2000) return "no difference from this machine's was seen";
  return `${duration(offsetMs)} ${offsetMs < 0 ? 'behind' : 'ahead of'} this machine's`;
}

/** Below this a token may have ended on the way, milliseconds. */
const LITTLE_LIFE_MS = 30_000;

/** One thing that would explain it, the most certain first; undefined when the token itself gives no reason. */
function likeliestCause(token: SubjectToken, against: Expectations): string | undefined {
  const { header, claims } = token;
  const { expected, clockOffsetMs } = against;
  const cause = timeCause(claims, against) ?? audienceCause(claims, expected.audience);
  if (cause !== undefined) return cause;
  const issuer = issuerCause(claims.iss, expected.issuer);
  if (issuer !== undefined) return issuer;
  if (isHmac(header.alg)) return 'the token is signed with a shared secret, as test tokens are';
  return areClocksApart(clockOffsetMs) ? clockCause(clockOffsetMs) : undefined;
}

function areClocksApart(offsetMs: number): boolean {
  return Math.abs(offsetMs) > CLOCK_SKEW_SECONDS * 1000;
}

function clockCause(offsetMs: number): string {
  const side = offsetMs < 0 ? 'ahead of' : 'behind';
  return `this machine's clock is ${duration(offsetMs)} ${side} the server's; correct one of the clocks (NTP)`;
}

/** A token that is only wrong by the server's clock, where the clocks are apart, is not what is wrong. */
function timeCause(claims: Claims, { nowMs, clockOffsetMs }: Expectations): string | undefined {
  const cause = timeFault(claims, nowMs + clockOffsetMs);
  if (cause === undefined || !areClocksApart(clockOffsetMs)) return cause;
  return timeFault(claims, nowMs) === undefined ? clockCause(clockOffsetMs) : cause;
}

function timeFault(claims: Claims, serverMs: number): string | undefined {
  const leftMs = claims.exp === undefined ? Number.POSITIVE_INFINITY : claims.exp * 1000 - serverMs;
  if (leftMs <= 0) return `on the server's clock the token expired ${duration(leftMs)} ago; use it earlier in the job`;
  const aheadMs = Math.max(claims.nbf ?? 0, claims.iat ?? 0) * 1000 - serverMs;
  // The server's clock is known to the second only.
  if (aheadMs > 1000) {
    return `on the server's clock the token becomes valid only in ${duration(aheadMs)}; set the clocks right`;
  }
  if (leftMs > LITTLE_LIFE_MS) return undefined;
  return `the token had only ${duration(leftMs)} to live; use it earlier in the job`;
}

function audienceCause(claims: Claims, expected: string | undefined): string | undefined {
  if (claims.aud.length === 0) return 'the token has no audience; declare one where the CI issues it';
  if (expected === undefined || claims.aud.includes(expected)) return undefined;
  return 'the audience of the token is not the configured one';
}

function issuerCause(issuer: string | undefined, expected: string | undefined): string | undefined {
  if (issuer === undefined) return 'the token names no issuer';
  if (expected !== undefined && issuer !== expected) return 'the issuer of the token is not the configured one';
  if (!/^https?:\/\//.test(issuer)) {
    return 'the issuer is a bare host name, as in old GitLab tokens; a server that expects https://… takes it for another one';
  }
  if (issuer.startsWith('http://'))
    return 'the issuer is an http: URL; a server that expects https: takes it for another one';
  return undefined;
}

import { SecretctlError } from './errors.ts';
import type { Invocation } from './invocation.ts';
import { duration, quoted } from './text.ts';
import type { SubjectToken } from './tokens.ts';

/** What a token must be before it may leave (security.md 6.2): the backend's demands and the configuration's. */
export interface TokenRules {
  /** Signature algorithms that the backend takes. */
  readonly algorithms: readonly string[];
  readonly requiredClaims: readonly ('exp' | 'iat' | 'iss' | 'aud')[];
  /** Longest life of a token that the backend takes, seconds. */
  readonly longestTokenSeconds: number | undefined;
  /** The audience it must carry; undefined when none is configured. */
  readonly audience: string | undefined;
  /** The issuer it must name; undefined when none is configured. */
  readonly issuer: string | undefined;
  /** The endpoint is this machine (the rehearsal): an HMAC-signed test token may go there, and nowhere else. */
  readonly toLoopback: boolean;
}

/** How far this machine's clock and the issuer's may be apart, seconds. */
export const CLOCK_SKEW_SECONDS = 60;

/** Longest wait for a token that is about to become valid, milliseconds. */
const LONGEST_WAIT_MS = 5000;

/**
 * Returns once this token may be sent. Throws ALG_REFUSED, TOKEN_CRIT, TOKEN_NO_EXP, TOKEN_EXPIRED,
 * TOKEN_NOT_YET_VALID, TOKEN_LIFETIME, TOKEN_AUDIENCE or TOKEN_ISSUER (79). Waits up to 5 s where `nbf` or `iat` is
 * only just ahead, because some servers allow no leeway at all; warns when the token ends before the time budget.
 */
export async function checkToken(token: SubjectToken, rules: TokenRules, invocation: Invocation): Promise<void> {
  const nowSeconds = invocation.runtime.now() / 1000;
  checkHeader(token, rules);
  checkExpiry(token, rules, nowSeconds);
  checkAudience(token, rules);
  checkIssuer(token, rules);
  checkLifetime(token, rules);
  const aheadSeconds = Math.max(token.claims.nbf ?? 0, token.claims.iat ?? 0) - nowSeconds;
  checkStart(token, aheadSeconds);
  warnOfShortLife(token, nowSeconds, invocation);
  if (aheadSeconds <= 0) return;
  invocation.journal.debug('waiting for the ID token to become valid', { seconds: Math.ceil(aheadSeconds) });
  await invocation.runtime.sleep(Math.min(aheadSeconds * 1000, LONGEST_WAIT_MS), invocation.deadline.signal);
}

/** Whether a token lives at least until the time budget ends. */
export function outlives({ claims: { exp } }: SubjectToken, { runtime, deadline }: Invocation): boolean {
  return exp === undefined || exp * 1000 - runtime.now() >= deadline.remainingMs();
}

/** Whether `alg` signs with a shared secret (RFC 7518 3.2). */
export function isHmac(alg: string): boolean {
  return /^hs/i.test(alg);
}

function checkHeader(token: SubjectToken, rules: TokenRules): void {
  const { alg, crit } = token.header;
  if (crit) {
    throw new SecretctlError(
      'TOKEN_CRIT',
      'the ID token has a "crit" header: it demands extensions that are not known here',
    );
  }
  if (isHmac(alg) ? rules.toLoopback : rules.algorithms.includes(alg)) return;
  throw new SecretctlError('ALG_REFUSED', `the ID token is signed with ${quoted(alg)} and was not sent`, {
    hint: `accepted here: ${rules.algorithms.filter((name) => !isHmac(name)).join(', ')}`,
  });
}

function checkExpiry(token: SubjectToken, rules: TokenRules, nowSeconds: number): void {
  const { exp, iat } = token.claims;
  if (exp === undefined) {
    if (!rules.requiredClaims.includes('exp')) return;
    throw new SecretctlError('TOKEN_NO_EXP', 'the ID token has no "exp" claim, and this backend takes none without');
  }
  if (exp > nowSeconds - CLOCK_SKEW_SECONDS) return;
  const life = iat === undefined || exp < iat ? '' : `; the job token's life is ${duration((exp - iat) * 1000)}`;
  throw new SecretctlError('TOKEN_EXPIRED', `the ID token expired ${duration((nowSeconds - exp) * 1000)} ago${life}`, {
    hint: [
      'start the job again, exchange earlier in it ("secretctl login" as its first step), or raise the job timeout',
      "if the job is younger than that, this machine's clock is wrong",
    ],
  });
}

function checkAudience(token: SubjectToken, rules: TokenRules): void {
  const { aud } = token.claims;
  if (rules.audience === undefined) {
    if (aud.length > 0 || !rules.requiredClaims.includes('aud')) return;
    throw new SecretctlError('TOKEN_AUDIENCE', 'the ID token has no "aud" claim, and this backend takes none without');
  }
  if (aud.includes(rules.audience)) return;
  const found = aud.length === 0 ? 'no audience' : listed(aud);
  throw new SecretctlError('TOKEN_AUDIENCE', `the ID token is for ${found}, expected ${quoted(rules.audience)}`, {
    hint: 'the audience must be the same, to the letter, where the CI declares the token and in the configuration',
  });
}

/** Throws TOKEN_ISSUER (79) for a token that does not name the issuer that is configured, or that the backend must be told. */
export function checkIssuer(token: SubjectToken, rules: Pick<TokenRules, 'issuer' | 'requiredClaims'>): void {
  const { iss } = token.claims;
  if (rules.issuer === undefined) {
    if (iss !== undefined || !rules.requiredClaims.includes('iss')) return;
    throw new SecretctlError('TOKEN_ISSUER', 'the ID token has no "iss" claim, and this backend takes none without', {
      hint: 'this is not a token of a CI: name the right one with --token-env or --token-file',
    });
  }
  if (iss === rules.issuer) return;
  const found = iss === undefined ? 'no issuer' : `issuer ${quoted(iss)}`;
  throw new SecretctlError('TOKEN_ISSUER', `the ID token names ${found}, expected ${quoted(rules.issuer)}`, {
    hint: "the issuer must be the same, to the letter, in the token (the CI server's own URL) and in the configuration",
  });
}

function checkLifetime(token: SubjectToken, rules: TokenRules): void {
  const { exp, iat } = token.claims;
  if (iat === undefined && rules.requiredClaims.includes('iat')) {
    throw new SecretctlError('TOKEN_LIFETIME', 'the ID token has no "iat" claim, and this backend takes none without');
  }
  if (rules.longestTokenSeconds === undefined || exp === undefined || iat === undefined) return;
  if (exp - iat <= rules.longestTokenSeconds) return;
  const numbers = `${grouped(exp - iat)} s > ${grouped(rules.longestTokenSeconds)} s`;
  throw new SecretctlError('TOKEN_LIFETIME', `the ID token lives longer than this backend takes: ${numbers}`, {
    hint: 'shorten the job timeout, which the life of the token follows',
  });
}

function checkStart(token: SubjectToken, aheadSeconds: number): void {
  if (aheadSeconds <= CLOCK_SKEW_SECONDS) return;
  const claim = (token.claims.nbf ?? 0) >= (token.claims.iat ?? 0) ? 'nbf' : 'iat';
  throw new SecretctlError(
    'TOKEN_NOT_YET_VALID',
    `the ID token is valid only in ${duration(aheadSeconds * 1000)} ("${claim}")`,
    {
      hint: `a token comes into being valid: this machine's clock, or the issuer's, is ${duration(aheadSeconds * 1000)} off`,
    },
  );
}

function warnOfShortLife(token: SubjectToken, nowSeconds: number, invocation: Invocation): void {
  if (token.claims.exp === undefined) return;
  const leftMs = (token.claims.exp - nowSeconds) * 1000;
  const { budgetMs } = invocation.deadline;
  if (leftMs >= invocation.deadline.remainingMs()) return;
  const what =
    leftMs > 0
      ? `expires in ${duration(leftMs)}, before the time budget of ${duration(budgetMs)} ends`
      : `expired ${duration(leftMs)} ago by this machine's clock; it is still sent, because clocks may be ${CLOCK_SKEW_SECONDS} s apart`;
  invocation.journal.warn(`the ID token ${what}`);
}

function listed(audiences: readonly string[]): string {
  const shown = audiences.slice(0, 5).map(quoted).join(', ');
  return audiences.length > 5 ? `${shown} and ${audiences.length - 5} more` : shown;
}

function grouped(seconds: number): string {
  return Math.ceil(seconds).toLocaleString('en-US');
}

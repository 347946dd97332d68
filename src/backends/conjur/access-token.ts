import { jsonAnswer } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, JsonFault, numberMember, parseJsonBytes, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { duration } from '../../lib/text.ts';
import type { AccessToken } from '../../lib/tokens.ts';

/** Servers so old that their tokens carry no `exp` take them for 8 minutes; the Go client renews after 5. */
const UNSTATED_LIFETIME_SECONDS = 300;

/**
 * The access token of a login answer that arrived at `nowMs`: the exact bytes of its JSON, whether they came as JSON or
 * in base64. Its life is the token's own duration `exp - iat`, counted from the arrival, whatever the clocks say.
 * Throws NOT_THE_API, UNEXPECTED_ANSWER, BAD_JSON or, for a token past its end by the server's own clock,
 * TOKEN_DEAD_ON_ARRIVAL (conjur-vault.md, 1.2).
 */
export function readAccessToken(answer: HttpAnswer, nowMs: number): AccessToken {
  const { bytes, json } = tokenJson(answer);
  for (const part of ['protected', 'payload', 'signature']) checkPart(json, part);
  const { iat, exp } = times(textMember(json, 'payload') ?? '');
  checkAlive({ iat, exp }, answer.clockOffsetMs, nowMs);
  const lifetimeSeconds = iat === undefined ? undefined : exp === undefined ? UNSTATED_LIFETIME_SECONDS : exp - iat;
  return {
    value: new Sensitive(bytes),
    lifetimeSeconds,
    expiresAtMs: lifetimeSeconds === undefined ? undefined : nowMs + lifetimeSeconds * 1000,
  };
}

/** The `Authorization` header of a data call: standard padded base64 of the exact bytes (1.3). */
export function authorization(token: AccessToken): Sensitive {
  return new Sensitive(`Token token="${token.value.reveal().toString('base64')}"`);
}

interface TokenJson {
  readonly bytes: Buffer;
  readonly json: Json;
}

/** The form is told by the first byte: a gateway may have asked for base64 on its own. */
function tokenJson(answer: HttpAnswer): TokenJson {
  const text = answer.body.toString('latin1').trim();
  const isBase64 =
    /^text\/plain\b/i.test(answer.headers['content-type'] ?? '') && /^[A-Za-z0-9+/\r\n]+={0,2}$/.test(text);
  if (!isBase64) return { bytes: answer.body, json: jsonAnswer(answer) };
  const bytes = Buffer.from(text, 'base64');
  const headers = { ...answer.headers, 'content-type': 'application/json' };
  return { bytes, json: jsonAnswer({ ...answer, headers, body: bytes }) };
}

function checkPart(json: Json, part: string): void {
  const isRepeated = json.kind === 'object' && json.repeated.has(part);
  // Both base64 alphabets, padded or not: servers differ.
  if (!isRepeated && /^[A-Za-z0-9+/_-]+={0,2}$/.test(textMember(json, part) ?? '')) return;
  throw new SecretctlError('UNEXPECTED_ANSWER', `the answer to the login has no usable "${part}"`, {
    hint: 'is this the URL of Conjur itself?',
  });
}

interface Times {
  /** Seconds since 1970 on the server's clock. */
  readonly iat: number | undefined;
  readonly exp: number | undefined;
}

function times(payload: string): Times {
  try {
    const claims = parseJsonBytes(Buffer.from(payload, 'base64'));
    return { iat: numberMember(claims, 'iat'), exp: numberMember(claims, 'exp') };
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new SecretctlError('UNEXPECTED_ANSWER', 'the "payload" of the access token is not JSON');
  }
}

function checkAlive({ iat, exp }: Times, clockOffsetMs: number | undefined, nowMs: number): void {
  if (exp === undefined) return;
  const isOver = clockOffsetMs !== undefined && exp * 1000 <= nowMs + clockOffsetMs;
  if (!isOver && (iat === undefined || exp > iat)) return;
  throw new SecretctlError(
    'TOKEN_DEAD_ON_ARRIVAL',
    `the access token that Conjur issued is already over${apart(clockOffsetMs)}`,
    {
      hint: 'compare the clocks of the Conjur nodes, and look for a cache in front of them',
    },
  );
}

function apart(clockOffsetMs: number | undefined): string {
  if (clockOffsetMs === undefined) return '';
  const side = clockOffsetMs < 0 ? 'behind' : 'ahead of';
  return `; the server's clock is ${duration(clockOffsetMs)} ${side} this machine's`;
}

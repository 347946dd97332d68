import { jsonAnswer, refuseHtml, serverCode, unavailable, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, jsonIn, member, numberMember, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { visible } from '../../lib/text.ts';
import type { AccessToken } from '../../lib/tokens.ts';

/** The token's header, as Node has its name; older pages write it in capitals (pam-cloud.md 2.1). */
const TOKEN_HEADER = 'pty_access_jwt_token';

/** A token that came, and what it is renewed with where that is another one. */
export interface Issued {
  readonly accessToken: AccessToken;
  readonly refreshToken: Sensitive | undefined;
}

/**
 * The token in an answer to the login or to a refresh. The header wins: the one in the body is not taken everywhere. Its end
 * is read from the token itself, which is theirs and never verified here. Throws AUTH_REFUSED and UNEXPECTED_ANSWER.
 */
export function issuedIn(answer: HttpAnswer, nowMs: number): Issued {
  refuseHtml(answer);
  if (answer.status >= 400) throw refusal(answer);
  const json = jsonAnswer(answer);
  if (json.kind !== 'object' || isFailure(json)) throw unexpected(answer, 'reports a failure');
  const data = member(json, 'data');
  if (data?.kind === 'object' && data.repeated.size > 0) throw unexpected(answer, 'has a member of "data" twice');
  const token = tokenIn(data, answer);
  const expiresAtMs = endOf(token, answer) ?? endIn(data, nowMs);
  const refresh = textMember(data, 'refreshToken') ?? '';
  return {
    accessToken: {
      value: new Sensitive(token),
      expiresAtMs,
      lifetimeSeconds: expiresAtMs === undefined ? undefined : (expiresAtMs - nowMs) / 1000,
    },
    refreshToken: refresh === '' ? undefined : new Sensitive(refresh),
  };
}

function tokenIn(data: Json | undefined, answer: HttpAnswer): string {
  const token = answer.headers[TOKEN_HEADER] ?? textMember(data, 'accessToken') ?? '';
  if (!/^[\x21-\x7e]+$/.test(token)) throw unexpected(answer, 'holds no usable token');
  return token;
}

/** `exp` of a JWT on this machine's clock, milliseconds. */
function endOf(token: string, { clockOffsetMs = 0 }: HttpAnswer): number | undefined {
  const [, claims] = token.split('.');
  const exp = claims === undefined ? undefined : numberMember(jsonIn(Buffer.from(claims, 'base64url')), 'exp');
  return exp === undefined ? undefined : exp * 1000 - clockOffsetMs;
}

function endIn(data: Json | undefined, nowMs: number): number | undefined {
  const seconds = numberMember(data, 'expiresIn');
  return seconds === undefined ? undefined : nowMs + seconds * 1000;
}

/**
 * A document as it came: a JSON object that says something and is no failure. Throws what `jsonAnswer` throws and
 * UNEXPECTED_ANSWER.
 */
export function documentIn(answer: HttpAnswer): Sensitive {
  const json = jsonAnswer(answer);
  if (json.kind !== 'object' || json.members.size === 0) throw unexpected(answer, 'is no document');
  if (isFailure(json)) throw unexpected(answer, 'reports a failure');
  return new Sensitive(answer.body);
}

/** `{"status": 400, "messages": […]}`, or any error, in an answer of whatever status. */
function isFailure(json: Json): boolean {
  const status = numberMember(json, 'status');
  const words = ['error', 'errors'].some((name) => member(json, name) !== undefined);
  return words || (status !== undefined && status !== 0 && member(json, 'messages') !== undefined);
}

/** The server's words for a failure, with a space before and in quotes, or empty. */
export function wordsOf(answer: HttpAnswer): string {
  const messages = member(jsonIn(answer.body), 'messages');
  const first = messages?.kind === 'array' ? messages.items[0] : undefined;
  const said = first?.kind === 'string' ? visible(first.value.slice(0, 200)) : serverCode(answer);
  return said === undefined ? '' : ` "${said}"`;
}

function refusal(answer: HttpAnswer): SecretctlError {
  const { status, request } = answer;
  const what = `${status}${wordsOf(answer)}`;
  if (status === 429) return new SecretctlError('RATE_LIMITED', `the server asks to wait: ${what} to ${request}`);
  if (status >= 500) return unavailable(answer, `the server answered ${what} to ${request}`);
  if (status !== 401 && status !== 403) {
    return new SecretctlError('BAD_REQUEST', `the server rejected ${request}: ${what}`, {
      hint: 'edition: esa and ppc have the login on different paths',
    });
  }
  const hint =
    status === 403
      ? "the user's role needs the permission Can Create JWT Token"
      : 'name or password is wrong, the user is locked, or edition names the other one';
  return new SecretctlError('AUTH_REFUSED', `the server refused ${request}: ${what}`, { hint });
}

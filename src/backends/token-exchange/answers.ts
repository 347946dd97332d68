import { factsOf, jsonAnswer, refuseHtml, serverCode, unavailable, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type JsonObject, jsonIn, jsonText, member, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { quoted, visible } from '../../lib/text.ts';
import type { AccessToken } from '../../lib/tokens.ts';

/** What means that this very token is refused (RFC 6749 5.2, RFC 8693 2.2.2). */
const REFUSALS = new Set([
  'invalid_grant',
  'invalid_request',
  'invalid_client',
  'unauthorized_client',
  'access_denied',
]);

/** What is wrong with the settings, by the server's own word for it. */
const HINTS: Readonly<Record<string, string>> = {
  invalid_grant:
    'the server does not take this ID token: its issuer, audience or bound claims differ from what it trusts',
  invalid_client:
    'check client-id, client-secret and client-auth; with client-credentials, the audience of the ID token',
  unauthorized_client: 'this client may not use this grant',
  unsupported_grant_type: 'the server does not know this grant: set grant',
  invalid_target: 'the server does not know target-audience or resource',
  invalid_scope: 'the server does not grant scope',
};

/** Longest life that is believed, seconds. */
const LONGEST_LIFE = 1e10;

/**
 * The answer of a token endpoint as an access token that holds all of it (RFC 8693 2.2.1, RFC 6749 5.1): its members
 * are what is fetched. Throws AUTH_REFUSED for a refusal, BAD_REQUEST for a request that cannot be answered,
 * UNEXPECTED_ANSWER for what holds no token.
 */
export function accessTokenIn(answer: HttpAnswer, nowMs: number): AccessToken {
  refuseHtml(answer);
  if (answer.status >= 400) throw refusal(answer);
  const json = jsonAnswer(answer);
  if (json.kind !== 'object') throw unexpected(answer, 'is not a JSON object');
  if (json.members.has('error')) throw refusal(answer);
  for (const name of ['access_token', 'expires_in', 'token_type']) {
    if (json.repeated.has(name)) throw unexpected(answer, `has "${name}" twice`);
  }
  if (!/^[\x21-\x7e]+$/.test(textMember(json, 'access_token') ?? '')) {
    throw unexpected(answer, 'holds no usable "access_token"');
  }
  if (textMember(json, 'token_type') === undefined) throw unexpected(answer, 'has no "token_type"');
  const seconds = lifetimeIn(json, answer);
  return {
    value: new Sensitive(answer.body),
    expiresAtMs: seconds === undefined ? undefined : nowMs + seconds * 1000,
    lifetimeSeconds: seconds,
  };
}

/**
 * One member of what a token endpoint answered: text as it is, anything else as JSON; undefined when it is not there.
 * Throws UNEXPECTED_ANSWER for one that stands twice or has no UTF-8 form.
 */
export function memberOf(token: Sensitive, name: string): Sensitive | undefined {
  const bytes = token.reveal();
  const json = jsonIn(bytes);
  const found = member(json, name);
  if (found === undefined || (found.kind === 'literal' && found.value === null)) return undefined;
  const text = jsonText(found, bytes.toString('utf8'));
  const isRepeated = json?.kind === 'object' && json.repeated.has(name);
  if (!isRepeated && text.isWellFormed()) return new Sensitive(text);
  const fault = isRepeated ? 'stands twice' : 'holds half a character (a lone surrogate)';
  throw new SecretctlError('UNEXPECTED_ANSWER', `${quoted(name)} ${fault} in the answer of the token endpoint`);
}

/** Refuses what a revocation is answered with when it failed (RFC 7009 2.2). */
export function checkRevoked(answer: HttpAnswer): void {
  if (answer.status < 300) return;
  if (answer.status >= 500) throw unavailable(answer, `the server answered ${words(answer)} to ${answer.request}`);
  throw new SecretctlError('BAD_REQUEST', `the server rejected ${answer.request}: ${words(answer)}`);
}

/** Seconds; some servers write the number as text. */
function lifetimeIn(json: JsonObject, answer: HttpAnswer): number | undefined {
  const said = member(json, 'expires_in');
  if (said === undefined || said.kind === 'literal') return undefined;
  const digits = said.kind === 'number' ? said.text : said.kind === 'string' ? said.value : '';
  const seconds = /^[0-9]{1,11}(?:\.[0-9]{1,6})?$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(seconds <= LONGEST_LIFE)) throw unexpected(answer, 'holds no usable "expires_in"');
  return seconds;
}

function refusal(answer: HttpAnswer): SecretctlError {
  const { status, request } = answer;
  const code = textMember(jsonIn(answer.body), 'error') ?? '';
  const facts = factsOf(answer);
  const hint = Object.hasOwn(HINTS, code) ? HINTS[code] : undefined;
  if (status === 429) return new SecretctlError('RATE_LIMITED', `the server asks to wait: ${words(answer)}`, facts);
  if (status >= 500) return unavailable(answer, `the server answered ${words(answer)} to ${request}`);
  const isRefused = REFUSALS.has(code) || status === 401 || status === 403;
  const message = `the server refused ${request}: ${words(answer)}`;
  return new SecretctlError(isRefused ? 'AUTH_REFUSED' : 'BAD_REQUEST', message, {
    ...facts,
    hint: hint ?? 'url must be the token endpoint itself, such as https://auth.example.com/oauth2/token',
  });
}

/** Status and what the server says, `400 "invalid_grant: no such key"`. */
function words(answer: HttpAnswer): string {
  const json = jsonIn(answer.body);
  const code = textMember(json, 'error');
  const description = textMember(json, 'error_description');
  const said =
    code === undefined ? serverCode(answer) : visible([code, description].filter(Boolean).join(': ').slice(0, 200));
  return said === undefined ? `${answer.status}` : `${answer.status} "${said}"`;
}

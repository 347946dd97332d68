import { factsOf, refuseHtml, unexpected } from '../../lib/answer.ts';
import { bearer } from '../../lib/bearer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer, HttpClient } from '../../lib/http.ts';
import { type JsonObject, member, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken, SubjectToken } from '../../lib/tokens.ts';
import { apiFault, objectOf, refuseFinal, rejected } from './answers.ts';
import { exchangeTarget, type Identity, impersonationTarget } from './requests.ts';

const ANSWER_BYTES = 64 * 1024;
/** Beyond this it is no length of a life, seconds. */
const LONGEST_LIFE = 1e8;

/**
 * Exchanges an ID token at the token service of Google. Throws AUTH_REFUSED for a refusal and 76 for an answer without a
 * usable token. `nowMs` tells when the answer arrived.
 */
export async function exchangeToken(
  sts: HttpClient,
  identity: Identity,
  { jwt }: SubjectToken,
  nowMs: () => number,
): Promise<AccessToken> {
  const answer = await sts.send({ ...exchangeTarget(identity, jwt), maxAnswerBytes: ANSWER_BYTES });
  if (answer.status >= 400) throw refusal(answer, EXCHANGE_HINTS);
  const body = objectOf(answer);
  const { request } = answer;
  const value = tokenIn(body, 'access_token', request);
  if (textMember(body, 'token_type')?.toLowerCase() !== 'bearer')
    throw unexpected({ request }, 'holds no Bearer token');
  return { value, ...lifeOf(body, request, nowMs()) };
}

/** The access token of a service account, in place of the pool's. Throws as {@link exchangeToken}. */
export async function actAs(
  iam: HttpClient,
  identity: Identity & { readonly serviceAccount: string },
  accessToken: AccessToken,
  nowMs: () => number,
): Promise<AccessToken> {
  const target = impersonationTarget(identity, identity.serviceAccount);
  const secretHeaders = { authorization: bearer(accessToken.value) };
  const answer = await iam.send({ ...target, secretHeaders, maxAnswerBytes: ANSWER_BYTES });
  if (answer.status >= 400) throw refusal(answer, IMPERSONATION_HINTS);
  const body = objectOf(answer);
  const value = tokenIn(body, 'accessToken', answer.request);
  const end = body.repeated.has('expireTime') ? '' : (textMember(body, 'expireTime') ?? '');
  const endMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/.test(end) ? Date.parse(end) : Number.NaN;
  // The end is on the server's clock.
  const leftMs = endMs - (nowMs() + (answer.clockOffsetMs ?? 0));
  if (!(leftMs > 0 && leftMs < LONGEST_LIFE * 1000)) throw unexpected(answer, 'holds no usable "expireTime"');
  return { value, expiresAtMs: nowMs() + leftMs, lifetimeSeconds: Math.round(leftMs / 1000) };
}

function tokenIn(body: JsonObject, name: string, request: string): Sensitive {
  const token = body.repeated.has(name) ? '' : (textMember(body, name) ?? '');
  // RFC 6750 2.1 and what a header can carry.
  if (!/^[\x21-\x7e]+$/.test(token)) throw unexpected({ request }, 'holds no usable token');
  return new Sensitive(token);
}

/** An exchange may leave the end out; such a token is not kept. */
function lifeOf(body: JsonObject, request: string, nowMs: number): Omit<AccessToken, 'value'> {
  const said = member(body, 'expires_in');
  if (said === undefined) return { expiresAtMs: undefined, lifetimeSeconds: undefined };
  const digits = said.kind === 'number' && !body.repeated.has('expires_in') ? said.text : '';
  const life = /^[0-9]{1,9}$/.test(digits) ? Number(digits) : 0;
  if (life < 1 || life > LONGEST_LIFE) throw unexpected({ request }, 'holds no usable "expires_in"');
  return { expiresAtMs: nowMs + life * 1000, lifetimeSeconds: life };
}

type Hints = readonly (readonly [RegExp, string])[];

function refusal(answer: HttpAnswer, hints: Hints): SecretctlError {
  const { status, request } = answer;
  const { message, reason, status: code, words } = apiFault(answer);
  refuseFinal(answer, words);
  refuseHtml(answer);
  if (status === 404 && code === '') {
    return rejected(answer, words, 'sts-url and iam-credentials-url must be addresses of the services, without a path');
  }
  const hint = hints.find(([pattern]) => pattern.test(`${code} ${reason} ${message}`))?.[1];
  const facts = { ...factsOf(answer), ...(hint !== undefined && { hint }) };
  return new SecretctlError('AUTH_REFUSED', `the server refused ${request}: ${status}${words}`, facts);
}

/** What the words of the token service mean for a job. */
const EXCHANGE_HINTS: Hints = [
  [/attribute condition/, "the provider's attribute condition does not hold for what the ID token says"],
  [/audience in ID Token/i, "the ID token's audience is not one of the provider's allowed audiences"],
  [/issuer in ID Token/i, "the ID token's issuer is not the provider's"],
  [/invalid_target|"audience"/, 'there is no such provider, or it or its pool is disabled: check provider'],
  [/stale|expired|issued at|lifetime/i, 'the ID token is past its end, or too long-lived, by the clock of Google'],
  [
    /connecting to the given credential's issuer|jwks|signature/i,
    "Google could not check the ID token's signature: it must reach the issuer's keys from the internet",
  ],
  [/google\.subject|mapped attribute/i, "the provider's attribute mapping does not fit what the ID token says"],
];

const IMPERSONATION_HINTS: Hints = [
  [/SERVICE_DISABLED/, 'the project must have the API iamcredentials.googleapis.com switched on'],
  [
    /PERMISSION_DENIED|NOT_FOUND/,
    'the pool needs the role Workload Identity User on the service account, which must be there',
  ],
  [/INVALID_ARGUMENT/, 'token-lifetime may be 12h only where a policy of the organisation allows it; usual is 1h'],
];

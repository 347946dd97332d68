import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken, SubjectToken } from '../../lib/tokens.ts';
import { envelopeOf, rejected, unexpected, wordsOf } from './answers.ts';
import type { Api } from './api.ts';
import { loginTarget } from './requests.ts';

/** A new access token, and how often it may be used; 0: any number of times. */
export interface LoggedIn {
  readonly accessToken: AccessToken;
  readonly uses: number;
}

/** Beyond this it is no length of a life, seconds. */
const LONGEST_LIFE = 1e10;

/**
 * Exchanges an ID token. Throws AUTH_REFUSED for a refusal, which is nearly always 400 here, BAD_REQUEST for a path the
 * server does not know, and 76 for an answer without a usable token.
 */
export async function logIn(api: Api, { jwt }: SubjectToken): Promise<LoggedIn> {
  const target = loginTarget(api.values, jwt);
  const answer = await api.send(target);
  if (answer.status >= 400) throw refusal(answer, api);
  const envelope = envelopeOf(answer, api.invocation.journal);
  const auth = member(envelope, 'auth');
  if (auth?.kind !== 'object') throw unexpected(answer.request, 'has no "auth"');
  const value = tokenIn(auth, answer.request);
  const life = countIn(auth, 'lease_duration', answer.request);
  const uses = auth.members.has('num_uses') ? countIn(auth, 'num_uses', answer.request) : 0;
  return { accessToken: { value, ...endOf(life, uses, api.invocation.runtime.now()) }, uses };
}

/**
 * A token that ends never, or after so many requests, has no end in time that a later command could rely on: it is
 * not kept.
 */
function endOf(life: number, uses: number, nowMs: number): Omit<AccessToken, 'value'> {
  if (life === 0) return { expiresAtMs: undefined, lifetimeSeconds: undefined };
  return { expiresAtMs: uses > 0 ? undefined : nowMs + life * 1000, lifetimeSeconds: life };
}

function tokenIn(auth: JsonObject, request: string): Sensitive {
  if (auth.repeated.has('client_token')) throw unexpected(request, 'has "client_token" twice');
  const token = textMember(auth, 'client_token') ?? '';
  if (token === '' && member(auth, 'mfa_requirement')?.kind === 'object') {
    throw new SecretctlError('AUTH_REFUSED', `${request} asks for a second factor, which a job does not have`, {
      hint: 'the login enforcement of the server must leave out this JWT method',
    });
  }
  // RFC 6750 2.1 and what a header can carry.
  if (!/^[\x21-\x7e]+$/.test(token)) throw unexpected(request, 'holds no usable token');
  return new Sensitive(token);
}

function countIn(auth: JsonObject, name: string, request: string): number {
  const count = auth.repeated.has(name) ? undefined : numberMember(auth, name);
  if (count === undefined || !Number.isInteger(count) || count < 0 || count > LONGEST_LIFE) {
    throw unexpected(request, `holds no usable "${name}"`);
  }
  return count;
}

function refusal(answer: HttpAnswer, { values }: Api): SecretctlError {
  const words = wordsOf(answer);
  if (answer.status === 400 || answer.status === 401 || answer.status === 403) {
    const hint = HINTS.find(([pattern]) => pattern.test(words))?.[1];
    const facts = answer.requestId === undefined ? {} : { requestId: answer.requestId };
    const isNamespaceMissing = values.namespace === undefined && UNSEEN.test(words);
    return new SecretctlError('AUTH_REFUSED', `the server refused ${answer.request}: ${answer.status}${words}`, {
      ...facts,
      hint: [...(hint === undefined ? [] : [hint]), ...(isNamespaceMissing ? [NAMESPACE_HINT] : [])],
    });
  }
  return rejected(answer, 'auth-path must name the mount of the JWT method, url the server without /v1');
}

/** A mount or a role that is not seen. */
const UNSEEN = /missing role|could not be found|could not load configuration|permission denied/;
const NAMESPACE_HINT = 'a mount or role in a namespace is only seen with namespace set';

/** What the words of a refusal mean (conjur-vault.md, 3.2). */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/missing role/, 'the mount has no default_role: set role'],
  [/role .* could not be found/, 'the mount has no such role: check role and auth-path'],
  [/oidc role_type/, 'the role was made for people at a browser: it needs role_type=jwt'],
  [/no audiences bound/, 'the role must have bound_audiences with the audience of the ID token'],
  [
    /error validating claims/,
    'the ID token does not say what bound_claims of the role ask for; types count, "22" is not 22',
  ],
  [/user_claim|not found in token/, 'the claim that user_claim of the role names is not in the ID token'],
  [/could not load configuration/, 'the JWT method is mounted but not configured'],
  [/token validator/, "the server cannot fetch the issuer's keys"],
  [/permission denied/, 'there is no such mount, or token_bound_cidrs of the role leave this machine out'],
];

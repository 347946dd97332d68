import { unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import { type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken, SubjectToken } from '../../lib/tokens.ts';
import { envelopeOf } from './answers.ts';
import type { Api } from './api.ts';
import { loginRefusal } from './refusal.ts';
import { loginTarget } from './requests.ts';
import { isWrapped, unwrap, wrappingToken } from './wrapping.ts';

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
  if (answer.status >= 400) throw loginRefusal(answer, api.values);
  const auth = member(await openedEnvelope(api, envelopeOf(answer, api.invocation.journal), answer.request), 'auth');
  if (auth?.kind !== 'object') throw unexpected(answer, 'has no "auth"');
  const value = tokenIn(auth, answer.request);
  const life = countIn(auth, 'lease_duration', answer.request);
  const uses = auth.members.has('num_uses') ? countIn(auth, 'num_uses', answer.request) : 0;
  return { accessToken: { value, ...endOf(life, uses, api.invocation.runtime.now()) }, uses };
}

/** A proxy or a rule of the server may have the answer wrapped although nobody asked for that. */
async function openedEnvelope(api: Api, envelope: JsonObject, request: string): Promise<JsonObject> {
  if (!isWrapped(envelope)) return envelope;
  const path = `auth/${api.values['auth-path']}/login`;
  const opened = await unwrap(api, wrappingToken(envelope, path, request), path);
  if (opened === undefined) throw unexpected({ request }, 'is wrapped, and there is nothing in it');
  return opened.envelope;
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
  if (auth.repeated.has('client_token')) throw unexpected({ request }, 'has "client_token" twice');
  const token = textMember(auth, 'client_token') ?? '';
  if (token === '' && member(auth, 'mfa_requirement')?.kind === 'object') {
    throw new SecretctlError('AUTH_REFUSED', `${request} asks for a second factor, which a job does not have`, {
      hint: 'the login enforcement of the server must leave out this JWT method',
    });
  }
  // RFC 6750 2.1 and what a header can carry.
  if (!/^[\x21-\x7e]+$/.test(token)) throw unexpected({ request }, 'holds no usable token');
  return new Sensitive(token);
}

function countIn(auth: JsonObject, name: string, request: string): number {
  const count = auth.repeated.has(name) ? undefined : numberMember(auth, name);
  if (count === undefined || !Number.isInteger(count) || count < 0 || count > LONGEST_LIFE) {
    throw unexpected({ request }, `holds no usable "${name}"`);
  }
  return count;
}

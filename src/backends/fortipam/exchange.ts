import { unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, type JsonObject, member } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import { badRequest, isPage, judge } from './answers.ts';
import type { FortipamValues } from './settings.ts';

/** What an answer to the login is read with. */
export interface LoginReading {
  readonly values: FortipamValues;
  /** Wall clock of this machine, milliseconds. */
  readonly nowMs: number;
}

const PAGE = 'a login page';

/** Beyond this a number is a point in time, below it a length: 2001 against 31 years. */
const LEAST_NUMERIC_DATE = 1e9;

/**
 * The access token in an answer to the login. Throws AUTH_REFUSED for a refusal and for a login page, BAD_REQUEST for
 * a request that the server did not understand, and UNEXPECTED_ANSWER where no usable token is found. A life that is
 * already over is told as it is.
 */
export function accessTokenIn(answer: HttpAnswer, reading: LoginReading): AccessToken {
  const envelope = acceptedBody(answer);
  const { request } = answer;
  const { values, nowMs } = reading;
  const value = tokenIn(envelope, values['answer-token-fields'], request);
  const said = expiryIn(envelope, values['answer-expiry-fields'], request);
  if (said === undefined) {
    const lifetimeMs = values['token-lifetime'];
    return { value, expiresAtMs: nowMs + lifetimeMs, lifetimeSeconds: lifetimeMs / 1000 };
  }
  const offsetMs = answer.clockOffsetMs ?? 0;
  const lifetimeMs = said >= LEAST_NUMERIC_DATE ? said * 1000 - (nowMs + offsetMs) : said * 1000;
  return { value, expiresAtMs: nowMs + lifetimeMs, lifetimeSeconds: lifetimeMs / 1000 };
}

function acceptedBody(answer: HttpAnswer): JsonObject {
  const { request } = answer;
  if (isPage(answer) && answer.status < 500 && answer.status !== 429) throw refused(PAGE, request);
  const verdict = judge(answer);
  if (verdict.kind === 'ok') return verdict.envelope;
  if (verdict.kind === 'rejected') {
    throw badRequest(request, verdict, 'login-format, login-token-field or user may have to be set for this version');
  }
  if (verdict.kind === 'missing') {
    throw new SecretctlError('BAD_REQUEST', `FortiPAM does not know ${request}: ${verdict.status}${verdict.code}`, {
      hint: 'set login-path: the path differs between versions, another one is /api/v2/auth/jwt/login',
    });
  }
  throw refused(`${verdict.status}${verdict.code}`, request);
}

/** The token at the first of `paths` that holds one. What cannot be a bearer token (RFC 6750 2.1) is no token. */
function tokenIn(envelope: JsonObject, paths: readonly string[], request: string): Sensitive {
  for (const path of paths) {
    const found = memberAt(envelope, path, request);
    if (found === undefined) continue;
    if (found.kind !== 'string' || !/^[\x21-\x7e]+$/.test(found.value)) {
      throw unexpected({ request }, `holds no usable token in ${path}`);
    }
    return new Sensitive(found.value);
  }
  throw new SecretctlError('UNEXPECTED_ANSWER', `the answer to ${request} holds none of ${paths.join(', ')}`, {
    hint: 'set answer-token-fields to the member that holds the access token',
  });
}

/** Seconds to live or a NumericDate, at the first of `paths` that is there. */
function expiryIn(envelope: JsonObject, paths: readonly string[], request: string): number | undefined {
  for (const path of paths) {
    const found = memberAt(envelope, path, request);
    if (found === undefined) continue;
    const text = found.kind === 'number' ? found.text : found.kind === 'string' ? found.value : '';
    const seconds = /^-?[0-9]{1,15}(?:\.[0-9]{1,9})?$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(seconds)) throw unexpected({ request }, `holds no number of seconds in ${path}`);
    return seconds;
  }
  return undefined;
}

function memberAt(envelope: JsonObject, path: string, request: string): Json | undefined {
  let current: Json | undefined = envelope;
  for (const name of path.split('.')) {
    if (current?.kind === 'object' && current.repeated.has(name)) throw unexpected({ request }, `holds ${path} twice`);
    current = member(current, name);
  }
  return current;
}

function refused(what: string, request: string): SecretctlError {
  const claims =
    "every claim of the api-user must be in the ID token with exactly that value, signed by its JWT key's issuer";
  const hosts = 'trusted hosts of the api-user refuse other addresses in the same way';
  const login = 'login-path, login-format and login-token-field may have to be set for this version of FortiPAM';
  // Where the path is wrong, the GUI answers.
  const hint = what === PAGE ? [login, claims, hosts] : [claims, hosts, login];
  return new SecretctlError('AUTH_REFUSED', `FortiPAM refused the ID token: ${what} to ${request}`, { hint });
}

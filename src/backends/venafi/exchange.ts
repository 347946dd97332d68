import { factsOf, jsonAnswer, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer, HttpClient } from '../../lib/http.ts';
import { type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import type { Runtime } from '../../lib/runtime.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken, SubjectToken } from '../../lib/tokens.ts';
import { refuseFinal, rejected, wordsOf } from './answers.ts';
import { exchangeTarget } from './requests.ts';
import type { VenafiValues } from './settings.ts';

/** What an exchange is made with. */
export interface Exchange {
  readonly values: VenafiValues;
  /** The client of the token endpoint. */
  readonly http: HttpClient;
  readonly runtime: Runtime;
}

const ANSWER_BYTES = 64 * 1024;

/** Beyond this it is no length of a life, seconds. */
const LONGEST_LIFE = 1e9;

/**
 * Workload identity exchange (pam-cloud.md, 3.1, A). Throws AUTH_REFUSED for a refusal, BAD_REQUEST for a path that is
 * no token endpoint, and 76 for an answer without a usable token.
 */
export async function exchangeToken({ values, http, runtime }: Exchange, { jwt }: SubjectToken): Promise<AccessToken> {
  const answer = await http.send({ ...exchangeTarget(values, jwt), maxAnswerBytes: ANSWER_BYTES });
  refuseFinal(answer);
  if (answer.status >= 400) throw refusal(answer);
  const json = jsonAnswer(answer);
  if (json.kind !== 'object') throw unexpected(answer, 'is not a JSON object');
  refuseRepeated(json, answer.request);
  const type = textMember(json, 'token_type');
  if (type?.toLowerCase() !== 'bearer') throw unexpected(answer, 'holds no "token_type" of bearer');
  const token = textMember(json, 'access_token') ?? '';
  // RFC 6750 2.1 and what a header can carry.
  if (!/^[\x21-\x7e]+$/.test(token)) throw unexpected(answer, 'holds no usable "access_token"');
  const life = lifeIn(json, answer.request);
  return {
    value: new Sensitive(token),
    expiresAtMs: life === undefined ? undefined : runtime.now() + life * 1000,
    lifetimeSeconds: life,
  };
}

function refuseRepeated(json: JsonObject, request: string): void {
  for (const name of ['access_token', 'token_type', 'expires_in']) {
    if (json.repeated.has(name)) throw unexpected({ request }, `has "${name}" twice`);
  }
}

/** Seconds; undefined where the answer says nothing (RFC 6749 5.1 recommends that it does). */
function lifeIn(json: JsonObject, request: string): number | undefined {
  if (member(json, 'expires_in') === undefined) return undefined;
  const life = numberMember(json, 'expires_in');
  if (life !== undefined && life >= 0 && life <= LONGEST_LIFE) return life;
  throw unexpected({ request }, 'holds no usable "expires_in"');
}

function refusal(answer: HttpAnswer): SecretctlError {
  const words = wordsOf(answer);
  if (answer.status !== 400 && answer.status !== 401 && answer.status !== 403) {
    return rejected(answer, 'token-url must be the token URL that the built-in account shows');
  }
  const facts = factsOf(answer);
  return new SecretctlError('AUTH_REFUSED', `the server refused ${answer.request}: ${answer.status}${words}`, {
    ...facts,
    hint: /signature/.test(words) ? SIGNATURE_HINTS : HINTS,
  });
}

const SIGNATURE_HINTS = [
  "the JWKS URI of the built-in account must be the issuer's and be reachable from the internet",
];
const HINTS = [
  "the built-in account must name issuer, subject and audience of the ID token to the letter; GitLab's subject has the branch in it",
  'an account that was made a moment ago is refused for up to five minutes',
];

import { refuseHtml, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer, HttpClient } from '../../lib/http.ts';
import { type JsonObject, member, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken, SubjectToken } from '../../lib/tokens.ts';
import { entraFault, factsOf, objectOf, refuseFinal } from './answers.ts';
import { exchangeTarget, type Identity } from './requests.ts';

const ANSWER_BYTES = 64 * 1024;
/** Beyond this it is no length of a life, seconds. */
const LONGEST_LIFE = 1e8;
/** Entra's own number for a fault of its own that passes. */
const PASSING = 'AADSTS90033';

/**
 * Exchanges an ID token at Entra for an access token to the vault. Throws AUTH_REFUSED for a refusal, with Entra's
 * number, and 76 for an answer without a usable token. `nowMs` tells when the answer arrived.
 */
export async function exchangeToken(
  authority: HttpClient,
  identity: Identity,
  { jwt }: SubjectToken,
  nowMs: () => number,
): Promise<AccessToken> {
  const target = exchangeTarget(identity, jwt);
  const answer = await authority.send({ ...target, maxAnswerBytes: ANSWER_BYTES });
  if (answer.status >= 400) throw refusal(answer);
  const body = objectOf(answer);
  const { request } = answer;
  for (const name of ['access_token', 'expires_in', 'token_type']) {
    if (body.repeated.has(name)) throw unexpected({ request }, `has "${name}" twice`);
  }
  const token = textMember(body, 'access_token') ?? '';
  // RFC 6750 2.1 and what a header can carry.
  if (!/^[\x21-\x7e]+$/.test(token)) throw unexpected({ request }, 'holds no usable token');
  if (textMember(body, 'token_type')?.toLowerCase() !== 'bearer')
    throw unexpected({ request }, 'holds no Bearer token');
  const lifetimeSeconds = lifeIn(body, request);
  return { value: new Sensitive(token), expiresAtMs: nowMs() + lifetimeSeconds * 1000, lifetimeSeconds };
}

/** Version 1 of the same endpoint gives it as text. */
function lifeIn(body: JsonObject, request: string): number {
  const said = member(body, 'expires_in');
  const digits = said?.kind === 'number' ? said.text : said?.kind === 'string' ? said.value : '';
  const life = /^[0-9]{1,9}$/.test(digits) ? Number(digits) : 0;
  if (life < 1 || life > LONGEST_LIFE) throw unexpected({ request }, 'holds no usable "expires_in"');
  return life;
}

function refusal(answer: HttpAnswer): SecretctlError {
  const { status, request } = answer;
  const { code, number, words } = entraFault(answer);
  refuseFinal(answer, words);
  refuseHtml(answer);
  if (code === 'temporarily_unavailable' || number === PASSING) {
    return new SecretctlError('UNAVAILABLE', `Entra cannot answer now: ${status}${words} to ${request}`, {
      ...factsOf(answer),
      hint: 'this may pass: run the job again',
    });
  }
  if (status === 404 || status === 405) {
    return new SecretctlError('BAD_REQUEST', `the server rejected ${request}: ${status}${words}`, {
      ...factsOf(answer),
      hint: 'authority must be the address of Entra alone, without the tenant',
    });
  }
  const hint = HINTS[number];
  const facts = { ...factsOf(answer), ...(hint !== undefined && { hint }) };
  return new SecretctlError('AUTH_REFUSED', `the server refused ${request}: ${status}${words}`, facts);
}

const NO_MATCH = 'the federated credential must say exactly what the ID token says';

/** What Entra's numbers mean for a job. They may change: they choose a hint and nothing else. */
const HINTS: Readonly<Record<string, string>> = {
  AADSTS70021: `${NO_MATCH}: issuer, subject and audience`,
  AADSTS700211: `${NO_MATCH}: its issuer differs`,
  AADSTS700212: `${NO_MATCH}: its audience differs (usual: api://AzureADTokenExchange)`,
  AADSTS700213: `${NO_MATCH}: its subject differs, which for GitLab names the branch or tag`,
  AADSTS700016: 'client-id must be the application (client) id, not the object id, and tenant-id the tenant it is in',
  AADSTS90002: 'there is no such tenant in this cloud: check tenant-id and authority',
  AADSTS900023: 'tenant-id is neither the id of a tenant nor a domain of one',
  AADSTS700024: 'the ID token is past its end, or not valid yet, by the clock of Entra',
  AADSTS500011: 'the tenant does not know what scope names: scope and authority must be of one cloud',
  AADSTS1002012: 'scope must end in /.default',
  AADSTS70011: 'scope must end in /.default',
  AADSTS50013: "Entra could not check the ID token's signature: it must reach the issuer's keys from the internet",
  AADSTS53003: 'a conditional access policy of the tenant keeps this application out from here',
  AADSTS7000112: 'the application is disabled in its tenant',
};

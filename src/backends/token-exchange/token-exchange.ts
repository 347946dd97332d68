import { createHash } from 'node:crypto';
import type { SecretRef } from '../../lib/secrets.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { quoted, visible } from '../../lib/text.ts';
import type { Backend, BackendContext, Outcome, PlannedRequest, Revoking } from '../types.ts';
import { accessTokenIn, checkRevoked, memberOf } from './answers.ts';
import { revocationTarget, tokenTarget } from './requests.ts';
import type { TokenExchangeValues } from './settings.ts';

const ANSWER_BYTES = 64 * 1024;

/** One token endpoint: ID token -> what it answers, whose members are the secrets: `access_token`, `id_token`, `scope`. */
export function openTokenExchange(context: BackendContext<TokenExchangeValues>): Backend | (Backend & Revoking) {
  const { name, values, http, invocation } = context;
  const backend: Backend = {
    name,
    cacheContext: cacheContextOf(values),
    async exchange({ jwt }) {
      const target = tokenTarget(endpointPath(http.endpoint), values, jwt);
      const answer = await http.send({ ...target, maxAnswerBytes: ANSWER_BYTES });
      const token = accessTokenIn(answer, invocation.runtime.now());
      warnOfOtherType(token.value, context);
      return token;
    },
    fetchSecrets: async ({ value }, refs) => refs.map((ref) => outcomeOf(value, ref)),
    plan: (refs) => [planned(http.endpoint, refs)],
  };
  const revocation = values['revocation-url'];
  if (revocation === undefined) return backend;
  return {
    ...backend,
    async revoke({ value }) {
      const token = memberOf(value, 'access_token') ?? new Sensitive('');
      const target = revocationTarget(endpointPath(revocation), values, token);
      checkRevoked(await context.service('revocation').send({ ...target, maxAnswerBytes: ANSWER_BYTES }));
    },
  };
}

/** Everything that the request says besides the ID token and the client's secret; of the actor's token its fingerprint. */
function cacheContextOf(values: TokenExchangeValues): readonly string[] {
  const { grant, scope = [], resource = [] } = values;
  const lists = [scope, values['target-audience'] ?? [], resource];
  const words = ['client-id', 'client-auth', 'subject-token-type', 'requested-token-type', 'actor-token-type'] as const;
  const actor = values['actor-token'];
  const acting = actor === undefined ? '' : createHash('sha256').update(actor.reveal()).digest('hex');
  return [grant, acting, ...words.map((word) => values[word] ?? ''), ...lists.map((list) => JSON.stringify(list))];
}

/** The configured URL is the endpoint itself: nothing comes behind it but the slash it may end with. */
function endpointPath(url: URL): string {
  return url.pathname.endsWith('/') ? '/' : '';
}

/** RFC 8693 2.2.1: what was asked for is a wish, and the answer says what it became. */
function warnOfOtherType(token: Sensitive, { values, invocation }: BackendContext<TokenExchangeValues>): void {
  const wanted = values['requested-token-type'];
  const issued = memberOf(token, 'issued_token_type')?.reveal().toString('utf8');
  if (wanted === undefined || issued === undefined || issued === wanted) return;
  invocation.journal.warn(`a token of the type ${visible(wanted)} was asked for, one of ${quoted(issued)} was issued`);
}

function outcomeOf(token: Sensitive, ref: SecretRef): Outcome {
  if (ref.version !== undefined) return { ref, refusal: 'missing', reason: 'an issued token has no versions' };
  const value = memberOf(token, ref.path);
  if (value !== undefined) return { ref, value, rest: ref.field };
  return {
    ref,
    refusal: 'missing',
    reason: 'the answer of the token endpoint has no such member; access_token is the new token',
  };
}

function planned(endpoint: URL, refs: readonly SecretRef[]): PlannedRequest {
  return { purpose: 'exchange', method: 'POST', path: endpoint.pathname, brings: refs.map(({ name }) => name) };
}

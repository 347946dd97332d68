import { inLanes } from '../../lib/lanes.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { Backend, BackendContext, Outcome, PlannedRequest, PolicyWriting } from '../types.ts';
import { type Api, FINAL_STATUSES, openApi } from './api.ts';
import { accessTokenIn } from './exchange.ts';
import { idOf, readSecret } from './read.ts';
import { onlyField, type Wanted, wantedFrom } from './references.ts';
import { checkInTarget, checkOutTarget, loginTarget, lookUpTarget, readTarget, type Target } from './requests.ts';
import type { FortipamValues } from './settings.ts';

/** Requests under way at the same time. */
const AT_ONCE = 8;
const LOGIN_ANSWER_BYTES = 64 * 1024;

/** One FortiPAM: ID token -> access token -> fields of secrets, by path or by id. */
export function openFortipam(context: BackendContext<FortipamValues>): Backend & PolicyWriting {
  const { name, values, http, invocation } = context;
  return {
    name,
    cacheContext: cacheContextOf(values),
    async exchange(subjectToken) {
      const target = loginTarget(values, subjectToken.jwt);
      const answer = await http.send({
        ...target,
        maxAnswerBytes: LOGIN_ANSWER_BYTES,
        finalStatuses: FINAL_STATUSES,
      });
      return accessTokenIn(answer, { values, nowMs: invocation.runtime.now() });
    },
    fetchSecrets: (accessToken, refs) => fetchAll(openApi(context, accessToken), refs),
    plan: (refs) => planAll(context, refs),
    async writePolicy(request) {
      const { fortipamPolicy } = await import('./policy.ts');
      return fortipamPolicy(values, request);
    },
  };
}

/** Who the access token is for; the claims that choose the api-user are in the ID token, which is bound anyway. */
function cacheContextOf(values: FortipamValues): readonly string[] {
  const login = [values['login-path'], values['login-format'], values['login-token-field']];
  return values.user === undefined ? login : [...login, values['login-user-field'], values.user];
}

async function fetchAll(api: Api, refs: readonly SecretRef[]): Promise<readonly Outcome[]> {
  const byPath = Map.groupBy(wantedFrom(refs, api.values), (wanted) => wanted.path);
  const outcomes = new Map<SecretRef, Outcome>();
  const found = await inLanes([...byPath], AT_ONCE, async ([path, wanted]) => {
    const id = wanted.some((one) => one.isId) ? path : await idOf(api, path);
    return { id, wanted };
  });
  const byId = new Map<string, Wanted[]>();
  for (const { id, wanted } of found) {
    if (typeof id === 'string') byId.set(id, [...(byId.get(id) ?? []), ...wanted]);
    else for (const { ref } of wanted) outcomes.set(ref, { ref, ...id });
  }
  const read = await inLanes([...byId], AT_ONCE, ([id, wanted]) => readSecret(api, id, wanted));
  for (const outcome of read.flat()) outcomes.set(outcome.ref, outcome);
  return refs.flatMap((ref) => outcomes.get(ref) ?? []);
}

/**
 * The requests of `exchange` and {@link fetchAll} when nothing fails. An id that only a look-up can tell stands as
 * `{id}`; that two spellings mean the same secret, which is then read once, only the look-up can tell either.
 */
function planAll(context: BackendContext<FortipamValues>, refs: readonly SecretRef[]): PlannedRequest[] {
  const { values, http } = context;
  const base = http.endpoint.pathname.replace(/\/+$/, '');
  const planned = (
    purpose: PlannedRequest['purpose'],
    target: Target,
    brings: readonly string[] = [],
  ): PlannedRequest => {
    return { purpose, method: target.method, path: `${base}${target.path}`, brings };
  };
  const reads = [...Map.groupBy(wantedFrom(refs, values), (one) => one.path)].flatMap(([path, wanted]) => {
    const isId = wanted.some((one) => one.isId);
    const id = isId ? path : '{id}';
    const names = wanted.map((one) => one.ref.name);
    const lookUp = isId ? [] : [planned('read', lookUpTarget(values, path))];
    const read = planned('read', readTarget(values, id, onlyField(wanted)), names);
    if (values['check-out'] !== 'always') return [...lookUp, read];
    const checkOut = planned('check-out', checkOutTarget(values, id));
    return [...lookUp, checkOut, read, planned('check-in', checkInTarget(values, id))];
  });
  return [planned('exchange', loginTarget(values, new Sensitive(''))), ...reads];
}

import type { SecretRef } from '../../lib/secrets.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import {
  AccessTokenRefused,
  type Backend,
  type BackendContext,
  type PlannedRequest,
  type PolicyWriting,
  type Revoking,
} from '../types.ts';
import { wordsOf } from './answers.ts';
import { type Api, openApi } from './api.ts';
import { logIn } from './login.ts';
import { fetchAll, isAllForbidden } from './fetch.ts';
import { inlineToken } from './inline.ts';
import { assumedMount, mountGroups, mountQuestion } from './mounts.ts';
import { readsFor } from './read.ts';
import { wantedFrom } from './references.ts';
import { encoded, loginTarget, lookUpTarget, revokeTarget, type Target, unwrapTarget } from './requests.ts';
import type { VaultValues } from './settings.ts';

/** One Vault or OpenBao: ID token -> access token -> fields of secrets. */
export function openVault(context: BackendContext<VaultValues>): Backend & Revoking & PolicyWriting {
  const { name, values, singleUse } = context;
  const api = openApi(context);
  /** Access tokens of this run, and how often each may be used; 0: any number of times. */
  const issued = new WeakMap<AccessToken, number>();
  /** Set once the server would not have the ID token in place of an access token. */
  let isLoginNeeded = false;
  return {
    name,
    cacheContext: [`auth/${values['auth-path']}`, values.role ?? '', values.namespace ?? ''],
    async exchange(subjectToken) {
      // A token that may be sent once only cannot go with each read.
      if (values['inline-auth'] && !singleUse && !isLoginNeeded) return inlineToken(subjectToken);
      const { accessToken, uses } = await logIn(api, subjectToken);
      issued.set(accessToken, uses);
      return accessToken;
    },
    async fetchSecrets(accessToken, refs) {
      try {
        const outcomes = await fetchAll(api, { accessToken, uses: issued.get(accessToken) ?? 0 }, refs);
        // A server may refuse a stale token in the words it has for a forbidden path; one that was kept is worth a fresh
        // try. So is one that does not know inline authentication.
        if (!issued.has(accessToken) && isAllForbidden(outcomes)) throw new AccessTokenRefused();
        return outcomes;
      } catch (error) {
        if (accessToken.isIdToken === true && error instanceof AccessTokenRefused) isLoginNeeded = true;
        throw error;
      }
    },
    plan: (refs) => planAll(context, refs),
    async writePolicy(request) {
      const { vaultPolicy } = await import('./policy.ts');
      return vaultPolicy(values, request);
    },
    revoke: (accessToken) => revoke(api, accessToken),
  };
}

/** Ends the access token and its leases. That this is not allowed, or that it is a batch token, fails no job. */
async function revoke(api: Api, accessToken: AccessToken): Promise<void> {
  if (api.values['keep-leases'] || accessToken.isIdToken === true) return;
  const target = revokeTarget(api.values);
  try {
    const answer = await api.send(target, accessToken);
    const words = answer.status >= 400 ? wordsOf(answer) : '';
    if (answer.status < 400 || /batch tokens cannot be revoked/.test(words)) return;
    const what = `${answer.status}${words}`;
    api.invocation.journal.warn(`the access token could not be revoked (${what}); it ends with its time`);
  } catch (error) {
    // It has ended already.
    if (!(error instanceof AccessTokenRefused)) throw error;
  }
}

/**
 * The requests of `exchange` and `fetchSecrets` when nothing fails. With `engine: auto` paths are those of version 2,
 * whose `data` stands in braces: only the server can tell.
 */
function planAll(context: BackendContext<VaultValues>, refs: readonly SecretRef[]): PlannedRequest[] {
  const { values, http } = context;
  const base = http.endpoint.pathname.replace(/\/+$/, '');
  const planned = (
    purpose: PlannedRequest['purpose'],
    { method, path }: Target,
    brings: readonly string[] = [],
  ): PlannedRequest => ({ purpose, method, path: `${base}${path}`, brings });
  const all = wantedFrom(refs, values);
  const unwrapped = all.filter(({ isUnwrapped }) => isUnwrapped);
  const wanted = all.filter((one) => !unwrapped.includes(one));
  const unwraps = [lookUpTarget(values, new Sensitive('')), unwrapTarget(values)].map((target, index) =>
    planned('read', target, index === 1 ? unwrapped.map(({ ref }) => ref.name) : []),
  );
  const login =
    values['inline-auth'] && !context.singleUse ? [] : [planned('exchange', loginTarget(values, new Sensitive('')))];
  const questions = mountGroups(wanted).flatMap(([first]) => {
    const question = first === undefined ? undefined : mountQuestion(values, first);
    return question === undefined ? [] : [planned('read', question)];
  });
  const reads = readsFor(
    values,
    wanted.map((one) => [one, assumedMount(values, one)] as const),
  );
  const plannedReads = reads.map(({ target, mount, wanted: brought }) => {
    const path = mount.isGuess
      ? target.path.replace(`/${encoded(mount.path)}/data/`, `/${encoded(mount.path)}/{data}/`)
      : target.path;
    return planned(
      'read',
      { ...target, path },
      brought.map(({ ref }) => ref.name),
    );
  });
  return [...login, ...(unwrapped.length === 0 ? [] : unwraps), ...questions, ...plannedReads];
}

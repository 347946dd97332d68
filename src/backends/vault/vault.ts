import { SecretctlError } from '../../lib/errors.ts';
import { inLanes } from '../../lib/lanes.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import {
  AccessTokenRefused,
  type Backend,
  type BackendContext,
  type Outcome,
  type PlannedRequest,
  type Revoking,
} from '../types.ts';
import { wordsOf } from './answers.ts';
import { type Api, openApi } from './api.ts';
import { logIn } from './login.ts';
import { AT_ONCE, assumedMount, findMounts, mountGroups, mountQuestion } from './mounts.ts';
import { type Read, readSecret, readsFor } from './read.ts';
import { type Wanted, wantedFrom } from './references.ts';
import { encoded, loginTarget, revokeTarget, type Target } from './requests.ts';
import type { VaultValues } from './settings.ts';

/** One Vault or OpenBao: ID token -> access token -> fields of secrets. */
export function openVault(context: BackendContext<VaultValues>): Backend & Revoking {
  const { name, values } = context;
  const api = openApi(context);
  /** Access tokens of this run, and how often each may be used; 0: any number of times. */
  const issued = new WeakMap<AccessToken, number>();
  return {
    name,
    cacheContext: [`auth/${values['auth-path']}`, values.role ?? '', values.namespace ?? ''],
    async exchange(subjectToken) {
      const { accessToken, uses } = await logIn(api, subjectToken);
      issued.set(accessToken, uses);
      return accessToken;
    },
    async fetchSecrets(accessToken, refs) {
      const wanted = wantedFrom(refs, values);
      const mounts = await findMounts(api, accessToken, wanted);
      const placed = wanted.flatMap((one) => {
        const mount = mounts.get(one);
        return mount === undefined ? [] : [[one, mount] as const];
      });
      const unversioned = placed.filter(([{ ref }, { engine }]) => ref.version !== undefined && engine !== 'kv-v2');
      const reads = readsFor(
        values,
        placed.filter((one) => !unversioned.includes(one)),
      );
      refuseTooFewUses(reads, issued.get(accessToken) ?? 0);
      const outcomes = (await inLanes(reads, AT_ONCE, (read) => readSecret(api, accessToken, read))).flat();
      // A server may refuse a stale token in the words it has for a forbidden path; one that was kept is worth a fresh try.
      if (!issued.has(accessToken) && isAllForbidden(outcomes)) throw new AccessTokenRefused();
      const byRef = new Map(
        [...outcomes, ...unversioned.map(([one]) => hasNoVersions(one))].map((one) => [one.ref, one]),
      );
      return refs.flatMap((ref) => byRef.get(ref) ?? []);
    },
    plan: (refs) => planAll(context, refs),
    revoke: (accessToken) => revoke(api, accessToken),
  };
}

function isAllForbidden(outcomes: readonly Outcome[]): boolean {
  return outcomes.length > 0 && outcomes.every((one) => 'refusal' in one && one.refusal === 'forbidden');
}

function hasNoVersions({ ref }: Wanted): Outcome {
  return { ref, refusal: 'missing', reason: 'only a key-value engine of version 2 has versions' };
}

/** A dynamic secret that takes the last use is made and withheld, so one use has to be left (conjur-vault.md, 3.4). */
function refuseTooFewUses(reads: readonly Read[], uses: number): void {
  const needed = reads.length + (reads.some(({ mount }) => mount.engine === 'other') ? 1 : 0);
  if (uses === 0 || uses >= needed) return;
  throw new SecretctlError('SECRET_DENIED', `the access token may be used ${uses} times and ${needed} are needed`, {
    hint: 'token_num_uses of the role is too small for what this command fetches; nothing was read',
  });
}

/** Ends the access token and its leases. That this is not allowed, or that it is a batch token, fails no job. */
async function revoke(api: Api, accessToken: AccessToken): Promise<void> {
  if (api.values['keep-leases']) return;
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
  const wanted = wantedFrom(refs, values);
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
  return [planned('exchange', loginTarget(values, new Sensitive(''))), ...questions, ...plannedReads];
}

import { SecretctlError } from '../../lib/errors.ts';
import { inLanes } from '../../lib/lanes.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { visible } from '../../lib/text.ts';
import type { Outcome } from '../types.ts';
import type { Api } from './api.ts';
import type { LoggedIn } from './login.ts';
import { AT_ONCE, findMounts } from './mounts.ts';
import { type Read, readSecret, readsFor, unwrappedOutcomes } from './read.ts';
import { type Wanted, wantedFrom } from './references.ts';
import { unwrap } from './wrapping.ts';

/** One outcome for each reference, in order, eight requests at a time. Throws what `Reading.fetchSecrets` throws. */
export async function fetchAll(
  api: Api,
  { accessToken, uses }: LoggedIn,
  refs: readonly SecretRef[],
): Promise<readonly Outcome[]> {
  const wanted = wantedFrom(refs, api.values);
  const stored = wanted.filter(({ isUnwrapped }) => !isUnwrapped);
  const mounts = await findMounts(api, accessToken, stored);
  const placed = stored.flatMap((one) => {
    const mount = mounts.get(one);
    return mount === undefined ? [] : [[one, mount] as const];
  });
  const unversioned = placed.filter(([{ ref }, { engine }]) => ref.version !== undefined && engine !== 'kv-v2');
  if (unversioned.length > 0) throw withoutVersions(unversioned.map(([one]) => one));
  const reads = readsFor(api.values, placed);
  refuseTooFewUses(reads, uses);
  const read = (await inLanes(reads, AT_ONCE, (one) => readSecret(api, accessToken, one))).flat();
  // What can be opened only once comes last: nothing that fails before may use it up.
  const opened = isAllForbidden(read) ? [] : await unwrapAll(api, wanted);
  const outcomes = [...read, ...opened];
  const byRef = new Map(outcomes.map((one) => [one.ref, one]));
  return refs.flatMap((ref) => byRef.get(ref) ?? []);
}

/** Whether a server took the access token for nothing at all. */
export function isAllForbidden(outcomes: readonly Outcome[]): boolean {
  return outcomes.length > 0 && outcomes.every((one) => 'refusal' in one && one.refusal === 'forbidden');
}

/** What is wrapped in the configured token, opened once for all references to it. */
async function unwrapAll(api: Api, all: readonly Wanted[]): Promise<readonly Outcome[]> {
  const wanted = all.filter(({ isUnwrapped }) => isUnwrapped);
  if (wanted.length === 0) return [];
  const { 'wrapping-token': token, 'wrapped-path': path } = api.values;
  if (token === undefined || path === undefined) {
    throw new SecretctlError('CONFIG_INVALID', 'what is wrapped can be had with wrapping-token and wrapped-path only');
  }
  const opened = await unwrap(api, token, path);
  if (opened !== undefined) return unwrappedOutcomes(opened, wanted, api.values);
  return wanted.map(({ ref }) => ({ ref, refusal: 'missing', reason: 'nothing was wrapped' }));
}

function withoutVersions(wanted: readonly Wanted[]): SecretctlError {
  const details = wanted.map(({ ref }) => {
    return `${ref.name}: ${visible(ref.text)}: only a key-value engine of version 2 has versions`;
  });
  return new SecretctlError('REFERENCE_INVALID', 'Vault has no such references', { details });
}

/** A dynamic secret that takes the last use is made and withheld, so one use has to be left (conjur-vault.md, 3.4). */
function refuseTooFewUses(reads: readonly Read[], uses: number): void {
  const needed = reads.length + (reads.some(({ mount }) => mount.engine === 'other') ? 1 : 0);
  if (uses === 0 || uses >= needed) return;
  throw new SecretctlError(
    'SECRET_DENIED',
    `the access token is good for ${uses} ${uses === 1 ? 'request' : 'requests'} and ${needed} are needed`,
    {
      hint: 'token_num_uses of the role is too small for what this command fetches; nothing was read',
    },
  );
}

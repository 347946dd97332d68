import { unexpected } from '../../lib/answer.ts';
import { inLanes } from '../../lib/lanes.ts';
import { type JsonObject, member, textMember } from '../../lib/json.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import { envelopeOf, rejected } from './answers.ts';
import type { Api } from './api.ts';
import type { Wanted } from './references.ts';
import { mountTarget, type Target } from './requests.ts';
import type { VaultValues } from './settings.ts';

/** What answers at a mount: key-value of either version, or an engine whose paths are none of our business. */
export type Engine = 'kv-v1' | 'kv-v2' | 'other';

/** One mount, as far as it is known. */
export interface Mount {
  /** Its path without a slash at the end, with the namespace where the reference has that. */
  readonly path: string;
  readonly engine: Engine;
  /** Set where the server would not say and it is only assumed. */
  readonly isGuess: boolean;
}

/** Requests under way at the same time. */
export const AT_ONCE = 8;

/** References that are asked about together: of one named mount, or with one first segment. */
export function mountGroups(wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  return [...Map.groupBy(wanted, (one) => `${one.mount === undefined} ${startOf(one)}`).values()];
}

/** What a group's first question is; undefined when nothing has to be asked. */
export function mountQuestion(values: VaultValues, { mount, path }: Wanted): Target | undefined {
  return values.engine === 'auto' ? mountTarget(values, mount ?? path) : undefined;
}

/** The mount that is assumed without asking. */
export function assumedMount(values: VaultValues, one: Wanted): Mount {
  const engine = values.engine === 'auto' ? 'kv-v2' : values.engine;
  return { path: startOf(one), engine, isGuess: values.engine === 'auto' };
}

/**
 * The mount of each reference, asked for once a mount. Where the policy does not let us ask, version 2 is assumed (403),
 * and version 1 of a server so old that it does not know the question (404).
 */
export async function findMounts(
  api: Api,
  accessToken: AccessToken,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<Wanted, Mount>> {
  const found = await inLanes(mountGroups(wanted), AT_ONCE, async (group) => {
    const mounts: [Wanted, Mount][] = [];
    for (let open = group; open[0] !== undefined;) {
      const mount = await mountOf(api, accessToken, open[0]);
      const isCovered = (one: Wanted): boolean => one.path.startsWith(`${mount.path}/`);
      mounts.push(...open.filter(isCovered).map((one): [Wanted, Mount] => [one, mount]));
      open = open.filter((one) => !isCovered(one));
    }
    return mounts;
  });
  return new Map(found.flat());
}

async function mountOf(api: Api, accessToken: AccessToken, one: Wanted): Promise<Mount> {
  const target = mountQuestion(api.values, one);
  const assumed = assumedMount(api.values, one);
  if (target === undefined) return assumed;
  const answer = await api.send(target, accessToken);
  if (answer.status === 403) return assumed;
  if (answer.status === 404) return { ...assumed, engine: 'kv-v1' };
  if (answer.status >= 400) throw rejected(answer);
  const data = member(envelopeOf(answer, api.invocation.journal), 'data');
  if (data?.kind !== 'object') throw unexpected(answer, 'has no "data"');
  const path = mountIn(one.path, textMember(data, 'path') ?? '');
  if (path === undefined) throw unexpected(answer, 'names a mount that the path is not in');
  return { path, engine: engineIn(data, answer.request), isGuess: false };
}

/** Two mounts may share a beginning, so only the first segment is certain to be of the mount. */
function startOf({ mount, path }: Wanted): string {
  return mount ?? path.split('/', 1).join('');
}

/**
 * How much of a path is the mount. Under a namespace the server names the mount without it, the path may have it
 * (conjur-vault.md, 3.4).
 */
function mountIn(path: string, said: string): string | undefined {
  const mount = said.replace(/\/$/, '').split('/');
  const segments = path.split('/');
  for (let skipped = 0; skipped + mount.length < segments.length; skipped++) {
    const end = skipped + mount.length;
    if (mount.every((segment, index) => segment === segments[skipped + index])) return segments.slice(0, end).join('/');
  }
  return undefined;
}

function engineIn(data: JsonObject, request: string): Engine {
  const type = textMember(data, 'type');
  if (type === undefined) throw unexpected({ request }, 'names no engine');
  if (type !== 'kv' && type !== 'generic') return 'other';
  return textMember(member(data, 'options'), 'version') === '2' ? 'kv-v2' : 'kv-v1';
}

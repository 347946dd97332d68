import { bearer } from '../../lib/bearer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import { inLanes } from '../../lib/lanes.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { Backend, BackendContext, PlannedRequest, PolicyWriting } from '../types.ts';
import { exchangeToken } from './login.ts';
import { outcomesOf, type Read, type Reader } from './read.ts';
import { wantedFrom } from './references.ts';
import { exchangeTarget, type Identity, readTarget } from './requests.ts';
import { authorityOf, type AzureValues, scopeOf } from './settings.ts';

/** Reads under way at the same time: a vault gives one secret a request. */
const AT_ONCE = 8;

/** One vault: ID token -> Entra's access token -> secrets. */
export function openAzure(context: BackendContext<AzureValues>): Backend & PolicyWriting {
  const { name, url, values, http, invocation, maxAnswerBytes } = context;
  const identity = identityOf(url, values);
  const reader: Reader = {
    values,
    identity,
    journal: invocation.journal,
    serverNowMs: () => invocation.runtime.now() + http.clockOffsetMs,
  };
  return {
    name,
    cacheContext: [authorityOf(url, values).url.href, identity.tenant, identity.clientId, identity.scope],
    exchange(subjectToken) {
      return exchangeToken(context.service('authority'), identity, subjectToken, () => invocation.runtime.now());
    },
    async fetchSecrets(accessToken, refs) {
      const reads = readsFor(refs, url, values);
      const secretHeaders = { authorization: bearer(accessToken.value) };
      const outcomes = await inLanes(reads, AT_ONCE, async (read) => {
        const answer = await http.send({ ...read.target, secretHeaders, maxAnswerBytes });
        return outcomesOf(answer, read, reader);
      });
      const byRef = new Map(outcomes.flat().map((one) => [one.ref, one]));
      return refs.flatMap((ref) => byRef.get(ref) ?? []);
    },
    plan: (refs) => planAll(context, identity, refs),
    async writePolicy(request) {
      const { azurePolicy } = await import('./policy.ts');
      return azurePolicy(url, values, request);
    },
  };
}

function identityOf(url: URL, values: AzureValues): Identity {
  const { 'tenant-id': tenant, 'client-id': clientId } = values;
  const scope = scopeOf(url, values);
  if (tenant === undefined || clientId === undefined || scope === undefined) {
    throw new SecretctlError('INTERNAL', 'settings were not checked');
  }
  return { tenant, clientId, scope };
}

/** One read for each distinct name and version; names have no letter case. */
function readsFor(refs: readonly SecretRef[], url: URL, values: AzureValues): readonly Read[] {
  const groups = Map.groupBy(
    wantedFrom(refs, url, values),
    ({ name, version = '' }) => `${name.toLowerCase()}/${version}`,
  );
  return [...groups.values()].flatMap(([first, ...more]) => {
    return first === undefined ? [] : [{ target: readTarget(first, values['api-version']), wanted: [first, ...more] }];
  });
}

/** The requests of `exchange` and `fetchSecrets` when nothing fails. */
function planAll(
  { url, values, http }: BackendContext<AzureValues>,
  identity: Identity,
  refs: readonly SecretRef[],
): PlannedRequest[] {
  const authority = authorityOf(url, values).url;
  const { method, path } = exchangeTarget(identity, new Sensitive(''));
  const exchange: PlannedRequest = {
    purpose: 'exchange',
    method,
    ...(authority.origin !== url.origin && { origin: authority.origin }),
    path: `${baseOf(authority)}${path}`,
    brings: [],
  };
  const reads = readsFor(refs, url, values).map(({ target, wanted }): PlannedRequest => ({
    purpose: 'read',
    method: target.method,
    path: `${baseOf(http.endpoint)}${target.path}`,
    brings: wanted.map(({ ref }) => ref.name),
  }));
  return [exchange, ...reads];
}

function baseOf({ pathname }: URL): string {
  return pathname.replace(/\/+$/, '');
}

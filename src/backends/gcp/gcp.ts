import { bearer } from '../../lib/bearer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import { inLanes } from '../../lib/lanes.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { Backend, BackendContext, PlannedRequest, PolicyWriting } from '../types.ts';
import { type FileIdentity, readCredentialsFile } from './credentials-file.ts';
import { actAs, exchangeToken } from './login.ts';
import { outcomesOf, type Read } from './read.ts';
import { wantedFrom } from './references.ts';
import { exchangeTarget, type Identity, impersonationTarget, readTarget, type Target } from './requests.ts';
import { type GcpValues, iamOf, providerOf, stsOf } from './settings.ts';

/** Reads under way at the same time: one request gives one secret. */
const AT_ONCE = 8;

/** Secret Manager: ID token -> access token of the pool -> perhaps that of a service account -> secrets. */
export function openGcp(context: BackendContext<GcpValues>): Backend & PolicyWriting {
  const { name, values, http, invocation, maxAnswerBytes } = context;
  const identity = identityOf(context);
  const { provider, tokenType, serviceAccount, delegates, lifetimeSeconds } = identity;
  const nowMs = (): number => invocation.runtime.now();
  return {
    name,
    cacheContext: [provider, tokenType, serviceAccount ?? '', delegates.join(','), `${lifetimeSeconds}`],
    async exchange(subjectToken) {
      const accessToken = await exchangeToken(context.service('sts'), identity, subjectToken, nowMs);
      if (serviceAccount === undefined) return accessToken;
      return actAs(context.service('iam'), { ...identity, serviceAccount }, accessToken, nowMs);
    },
    async fetchSecrets(accessToken, refs) {
      const reads = readsFor(refs, values, identity);
      const secretHeaders = { authorization: bearer(accessToken.value) };
      const outcomes = await inLanes(reads, AT_ONCE, async (read) => {
        return outcomesOf(await http.send({ ...read.target, secretHeaders, maxAnswerBytes }), read);
      });
      const byRef = new Map(outcomes.flat().map((one) => [one.ref, one]));
      return refs.flatMap((ref) => byRef.get(ref) ?? []);
    },
    plan: (refs) => planAll(context, identity, refs),
    async writePolicy(request) {
      const { gcpPolicy } = await import('./policy.ts');
      return gcpPolicy(values, identity, request);
    },
  };
}

/** Settings win over a file, which is read only where they name no provider. */
function identityOf({ values, invocation }: BackendContext<GcpValues>): Identity {
  const provider = providerOf(values);
  const path = values['credentials-file'];
  if (provider === undefined && path === undefined) throw new SecretctlError('INTERNAL', 'settings were not checked');
  const file: Partial<FileIdentity> =
    provider === undefined && path !== undefined ? readCredentialsFile(path, values, invocation.runtime.fs) : {};
  return {
    provider: provider ?? file.provider ?? '',
    tokenType: file.tokenType ?? values['subject-token-type'],
    serviceAccount: values['service-account'] ?? file.serviceAccount,
    delegates: values.delegates ?? [],
    lifetimeSeconds: file.lifetimeSeconds ?? Math.round(values['token-lifetime'] / 1000),
    quotaProject: values['quota-project'] ?? file.quotaProject,
  };
}

/** One read for each distinct secret and version. */
function readsFor(refs: readonly SecretRef[], values: GcpValues, { quotaProject }: Identity): readonly Read[] {
  const groups = Map.groupBy(wantedFrom(refs, values), ({ parent, version }) => `${parent}/${version}`);
  return [...groups.values()].flatMap(([first, ...more]) => {
    return first === undefined ? [] : [{ target: readTarget(first, quotaProject), wanted: [first, ...more] }];
  });
}

/** The requests of `exchange` and `fetchSecrets` when nothing fails. */
function planAll(
  { url, values, http }: BackendContext<GcpValues>,
  identity: Identity,
  refs: readonly SecretRef[],
): PlannedRequest[] {
  const elsewhere = (address: URL, { method, path }: Target): PlannedRequest => ({
    purpose: 'exchange',
    method,
    ...(address.origin !== url.origin && { origin: address.origin }),
    path: `${baseOf(address)}${path}`,
    brings: [],
  });
  const { serviceAccount } = identity;
  const logins = [
    elsewhere(stsOf(values).url, exchangeTarget(identity, new Sensitive(''))),
    ...(serviceAccount === undefined
      ? []
      : [elsewhere(iamOf(values).url, impersonationTarget(identity, serviceAccount))]),
  ];
  const reads = readsFor(refs, values, identity).map(({ target, wanted }): PlannedRequest => ({
    purpose: 'read',
    method: target.method,
    path: `${baseOf(http.endpoint)}${target.path}`,
    brings: wanted.map(({ ref }) => ref.name),
  }));
  return [...logins, ...reads];
}

function baseOf({ pathname }: URL): string {
  return pathname.replace(/\/+$/, '');
}

import { inLanes } from '../../lib/lanes.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import type { BackendContext, Exchanging, Outcome, PlannedRequest, PolicyWriting, Reading } from '../types.ts';
import { type Api, isMiss, type Miss, openApi } from './api.ts';
import type { Material } from './certificates.ts';
import { exchangeToken } from './exchange.ts';
import { needsKey } from './fields.ts';
import { findCertificate } from './find.ts';
import { fetchCertificates, fetchWithKey, type WrapKeys } from './keystore.ts';
import { byCertificate, type Wanted, wantedFrom } from './references.ts';
import { passphraseIn, rendered } from './render.ts';
import {
  contentsTarget,
  detailsTarget,
  exchangeTarget,
  keystoreTarget,
  requestTarget,
  searchTarget,
  type Target,
  tokenPath,
  wrapKeyTarget,
} from './requests.ts';
import { TOKEN_SERVICE, type VenafiValues } from './settings.ts';

/** Certificates under way at the same time. */
const AT_ONCE = 8;

/** One tenant: ID token -> access token -> certificates and their private keys. */
export function openVenafi(context: BackendContext<VenafiValues>): Reading & Exchanging & PolicyWriting {
  const { name, values, invocation } = context;
  const { runtime } = invocation;
  return {
    name,
    cacheContext: [tokenPath(values)],
    exchange(subjectToken) {
      const http = values['token-url'] === undefined ? context.http : context.service(TOKEN_SERVICE);
      return exchangeToken({ values, http, runtime }, subjectToken);
    },
    async fetchSecrets(accessToken, refs) {
      const wanted = wantedFrom(refs, values);
      if (wanted.some(({ field }) => field === 'pkcs12')) passphraseIn(values);
      const versioned = wanted.filter(({ ref }) => ref.version !== undefined);
      const groups = byCertificate(wanted.filter((one) => !versioned.includes(one)));
      const outcomes = await fetchAll(context, accessToken, groups);
      const byRef = new Map([...outcomes, ...versioned.map(hasNoVersions)].map((one) => [one.ref, one]));
      return refs.flatMap((ref) => byRef.get(ref) ?? []);
    },
    plan: (refs) => planAll(context, refs),
    async writePolicy(request) {
      const { venafiPolicy } = await import('./policy.ts');
      return venafiPolicy(request);
    },
  };
}

async function fetchAll(
  context: BackendContext<VenafiValues>,
  accessToken: AccessToken,
  groups: readonly (readonly Wanted[])[],
): Promise<Outcome[]> {
  const api = openApi(context, accessToken);
  const wrapKeys: WrapKeys = new Map();
  return (await inLanes(groups, AT_ONCE, (group) => fetchGroup(api, group, wrapKeys))).flat();
}

/** All that is wanted of one certificate. */
async function fetchGroup(api: Api, group: readonly Wanted[], wrapKeys: WrapKeys): Promise<Outcome[]> {
  const { values, invocation } = api.context;
  const material = await materialFor(api, group, wrapKeys);
  if (isMiss(material)) return group.map(({ ref }) => ({ ref, ...material }));
  warnOfEnd(material, group, api);
  return Promise.all(
    group.map(async (one): Promise<Outcome> => {
      const value = await rendered(material, one, values, invocation);
      return isMiss(value) ? { ref: one.ref, ...value } : { ref: one.ref, value, rest: [] };
    }),
  );
}

async function materialFor(api: Api, group: readonly Wanted[], wrapKeys: WrapKeys): Promise<Material | Miss> {
  const [first] = group;
  if (first === undefined) return { refusal: 'missing', reason: 'nothing is wanted of it' };
  const found = await findCertificate(api, first.named);
  if (isMiss(found)) return found;
  const withKey = group.some(({ field }) => needsKey(field));
  return withKey ? fetchWithKey(api, found, wrapKeys) : fetchCertificates(api, found);
}

/** It is handed over all the same: who else should look at it? */
function warnOfEnd({ leaf }: Material, group: readonly Wanted[], { context }: Api): void {
  const { runtime, journal } = context.invocation;
  if (leaf.validToDate.getTime() > runtime.now()) return;
  const names = group.map(({ ref }) => ref.name).join(', ');
  journal.warn(`the certificate of ${names} ended on ${leaf.validToDate.toISOString().slice(0, 10)}`);
}

function hasNoVersions({ ref }: Wanted): Outcome {
  return { ref, refusal: 'missing', reason: 'certificates have no versions: name one by its id or fingerprint' };
}

/** The requests of `exchange` and `fetchSecrets` when nothing fails and no certificate has to be waited for. */
function planAll({ values, http }: BackendContext<VenafiValues>, refs: readonly SecretRef[]): PlannedRequest[] {
  const base = http.endpoint.pathname.replace(/\/+$/, '');
  const read = ({ method, path }: Target, brings: readonly string[] = []): PlannedRequest => {
    return { purpose: 'read', method, path: `${base}${path}`, brings };
  };
  const groups = byCertificate(wantedFrom(refs, values));
  const sealing = groups.find((group) => group.some(({ field }) => needsKey(field)));
  // Most tenants have one such key, whatever the number of certificates.
  const reads = groups.flatMap((group) =>
    plannedReads(group, read, group === sealing ? [read(wrapKeyTarget('{dekHash}'))] : []),
  );
  return [plannedExchange(values, base), ...reads];
}

function plannedExchange(values: VenafiValues, base: string): PlannedRequest {
  const { method, path } = exchangeTarget(values, new Sensitive(''));
  const origin = values['token-url']?.origin;
  if (origin === undefined) return { purpose: 'exchange', method, path: `${base}${path}`, brings: [] };
  return { purpose: 'exchange', method, origin, path, brings: [] };
}

function plannedReads(
  group: readonly Wanted[],
  read: (target: Target, brings?: readonly string[]) => PlannedRequest,
  wrapKey: readonly PlannedRequest[],
): PlannedRequest[] {
  const [first] = group;
  if (first === undefined) return [];
  const { by, value } = first.named;
  const id = by === 'id' ? value : '{id}';
  const search = by === 'request' ? [read(requestTarget(value))] : [read(searchTarget(first.named, 0))];
  const brings = group.map(({ ref }) => ref.name);
  const last = group.some(({ field }) => needsKey(field))
    ? [read(detailsTarget(id)), ...wrapKey, read(keystoreTarget(id, Buffer.alloc(0)), brings)]
    : [read(contentsTarget(id), brings)];
  return [...(by === 'id' ? [] : search), ...last];
}

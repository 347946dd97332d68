import type { Backend, BackendContext, PolicyWriting } from '../types.ts';
import { planReads } from './arrangement.ts';
import { editionOf } from './edition.ts';
import { loginPath, logIn } from './login.ts';
import { readAll } from './reads.ts';
import type { ConjurValues } from './settings.ts';
import { openSite } from './site.ts';

/** One Conjur: ID token -> access token -> variables, in batches where the edition has them. */
export function openConjur(context: BackendContext<ConjurValues>): Backend & PolicyWriting {
  const site = openSite(context);
  return {
    name: context.name,
    cacheContext: [`authn-jwt/${site.serviceId}`, site.account, site.hostId ?? ''],
    exchange: (subjectToken) => logIn(site, subjectToken),
    fetchSecrets: (accessToken, refs) => readAll(site, accessToken, refs),
    plan: (refs) => [
      { purpose: 'exchange', method: 'POST', path: `${site.basePath}${loginPath(site)}`, brings: [] },
      ...planReads(site, refs),
    ],
    async writePolicy(request) {
      const { conjurPolicy } = await import('./policy.ts');
      return conjurPolicy(site, editionOf(context.url, context.values), request);
    },
  };
}

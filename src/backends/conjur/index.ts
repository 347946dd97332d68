import type { Backend, BackendContext, BackendType, PolicyWriting } from '../types.ts';
import { planReads } from './arrangement.ts';
import { checkConjur, conjurBaseUrl, editionOf } from './edition.ts';
import { loginPath, logIn } from './login.ts';
import { readAll } from './reads.ts';
import { CONJUR_SETTINGS, type ConjurSettings, type ConjurValues } from './settings.ts';
import { openSite } from './site.ts';

/**
 * CyberArk Conjur: open source, self-hosted with its followers, SaaS, Edge. One protocol (conjur-vault.md, 1); its
 * access tokens cannot be revoked.
 */
export const conjur: BackendType<ConjurSettings> = {
  type: 'conjur',
  title: 'CyberArk Conjur',
  algorithms: ['RS256', 'RS384', 'RS512'],
  requiredClaims: ['exp', 'iss'],
  settings: CONJUR_SETTINGS,
  variables: {
    url: ['CONJUR_APPLIANCE_URL'],
    'ca-file': ['CONJUR_CERT_FILE'],
    ca: ['CONJUR_SSL_CERTIFICATE'],
    'token-text': ['CONJUR_AUTHN_JWT_TOKEN'],
    'token-file': ['JWT_TOKEN_PATH'],
  },
  check: checkConjur,
  baseUrl: conjurBaseUrl,
  create: createConjur,
};

function createConjur(context: BackendContext<ConjurValues>): Backend & PolicyWriting {
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

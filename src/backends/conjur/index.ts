import type { BackendType } from '../types.ts';
import { checkConjur, conjurBaseUrl } from './edition.ts';
import { CONJUR_SETTINGS, type ConjurSettings } from './settings.ts';

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
  create: async (context) => (await import('./conjur.ts')).openConjur(context),
};

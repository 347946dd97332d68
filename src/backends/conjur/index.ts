import { warnOfUnheeded } from '../../lib/unheeded.ts';
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
  async create(context) {
    warnOfUnheeded(unheeded(context.invocation.runtime.env), context.invocation);
    const { openConjur } = await import('./conjur.ts');
    return openConjur(context);
  },
};

const ID_TOKEN = "the job's ID token is used";

/** Variables of Conjur's own clients that mean another way in (conjur-vault.md, 1.10). */
const UNHEEDED = {
  CONJUR_AUTHN_API_KEY: ID_TOKEN,
  CONJUR_AUTHN_TOKEN: ID_TOKEN,
  CONJUR_AUTHN_TOKEN_FILE: ID_TOKEN,
  CONJUR_AUTHN_LOGIN: 'host-id says whose login it is, where the ID token does not',
  CONJUR_AUTHN_URL: 'url is the address of Conjur alone, and service-id names the authenticator',
  CONJUR_HTTP_TIMEOUT: '--timeout is the time for all requests together',
};

function unheeded(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const isJwt = env['CONJUR_AUTHN_TYPE'] === 'jwt';
  return isJwt ? UNHEEDED : { ...UNHEEDED, CONJUR_AUTHN_TYPE: 'the authenticator is one for JWTs' };
}

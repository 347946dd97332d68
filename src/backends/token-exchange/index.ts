import type { BackendType, SettingsFault } from '../types.ts';
import { settings, type TokenExchangeValues } from './settings.ts';

/** Any OAuth 2.0 authorization server: token exchange (RFC 8693), JWT grant and client assertion (RFC 7523). */
export const tokenExchange: BackendType<typeof settings> = {
  type: 'token-exchange',
  title: 'OAuth 2.0 token exchange',
  algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
  requiredClaims: [],
  settings,
  variables: {},
  check: checkSettings,
  services(_url, values) {
    const url = values['revocation-url'];
    return url === undefined ? [] : [{ name: 'revocation', url, setting: 'revocation-url' }];
  },
  create: async (context) => (await import('./token-exchange.ts')).openTokenExchange(context),
};

function checkSettings(_url: URL, values: TokenExchangeValues): readonly SettingsFault[] {
  const { grant, 'client-id': id, 'client-secret': secret, 'actor-token': actor } = values;
  return [
    ...(secret !== undefined && id === undefined
      ? [{ missing: 'client-id', what: 'client-secret is of no use without it' }]
      : []),
    ...(actor !== undefined && grant !== 'token-exchange' ? ['actor-token goes with grant: token-exchange'] : []),
    ...(values['requested-token-type'] !== undefined && grant !== 'token-exchange'
      ? ['requested-token-type goes with grant: token-exchange']
      : []),
    ...(secret !== undefined && grant === 'client-credentials'
      ? ['client-secret: with grant: client-credentials the ID token is how the client shows itself']
      : []),
  ];
}

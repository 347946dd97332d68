import { SecretctlError } from '../../lib/errors.ts';
import { quoted } from '../../lib/text.ts';
import type { StrictProduct, StrictServer } from '../types.ts';
import { answer, classified, type Site, tenant, TOKEN_PATH } from './api.ts';
import { openEdgeInstance } from './keystore.ts';
import { certificates } from './made-up.ts';
import { readOptions } from './options.ts';
import { fillStore } from './store.ts';
import { openTokens } from './token.ts';

/** A tenant with one built-in account that is bound to this job, and certificates with their keys (pam-cloud.md, section 3). */
export const venafiServer: StrictProduct = {
  type: 'venafi',
  async readPolicy(documents) {
    const { readVenafiPolicy } = await import('./policy.ts');
    return readVenafiPolicy(documents);
  },
  ownValues: certificates,
  start(world) {
    const options = readOptions(world.options);
    const site: Site = {
      world,
      options,
      tokens: openTokens(world, options),
      holdings: fillStore(world),
      edge: openEdgeInstance(),
      asked: new Map(),
    };
    const server: StrictServer = {
      classify: (request) => classified(request, site),
      handle: (request) => answer(request, site),
      variables: (url) => ({
        VCERT_URL: `${url}${options.base}`,
        // Their own clients have no variable for the tenant, only for the whole token URL.
        ...(options.token === 'tenant'
          ? { SECRETCTL_VENAFI_TENANT: tenant }
          : { VCERT_TOKEN_URL: `${url}${TOKEN_PATH}` }),
      }),
      caVariable: 'VCERT_TRUST_BUNDLE',
      configuration: (url) => ({
        type: 'venafi',
        url: `${url}${options.base}`,
        ...(options.token === 'tenant' ? { tenant } : { 'token-url': `${url}${TOKEN_PATH}` }),
      }),
      disturb(what) {
        if (what === 'revoke-tokens') return site.tokens.revokeAll();
        throw new SecretctlError('USAGE', `this server cannot ${quoted(what)}`, { hint: 'it can revoke-tokens' });
      },
    };
    return server;
  },
};

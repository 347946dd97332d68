import { SecretctlError } from '../../lib/errors.ts';
import { quoted } from '../../lib/text.ts';
import type { RehearsalWorld, ServerRequest, StrictProduct, StrictServer } from '../types.ts';
import { type Appliance, openAppliance } from './appliance.ts';
import { readOptions } from './options.ts';
import { serve } from './routes.ts';

/** A strict Conjur: refuses what the real one refuses, in its order and with its empty bodies (conjur-vault.md, 5.1). */
export const conjurServer: StrictProduct = {
  type: 'conjur',
  start: startConjur,
  async readPolicy(documents) {
    const { readConjurPolicy } = await import('./policy.ts');
    return readConjurPolicy(documents);
  },
};

/** A strict Conjur with what the real one shows its administrator only. */
export interface ConjurServer extends StrictServer {
  /** Why logins were refused: `CONJ00007E Role not found`. */
  readonly log: readonly string[];
}

/** Starts one. Throws USAGE for an option that it does not have. */
export function startConjur(world: RehearsalWorld): ConjurServer {
  const options = readOptions(world.options);
  const appliance = openAppliance(world, options);
  const { account, serviceId, basePath, tokenAppProperty, login, log } = appliance;
  return {
    log,
    classify: classifyRequest,
    handle: (request) => serve(appliance, request),
    variables: (url) => ({
      CONJUR_APPLIANCE_URL: `${url}${basePath}`,
      CONJUR_ACCOUNT: account,
      CONJUR_AUTHN_JWT_SERVICE_ID: serviceId,
      ...(tokenAppProperty === undefined ? { CONJUR_AUTHN_JWT_HOST_ID: login } : {}),
      // Elsewhere the host name tells; here every edition has the same.
      ...(options.edition === 'oss' ? {} : { CONJUR_ENVIRONMENT: options.edition }),
    }),
    caVariable: 'CONJUR_CERT_FILE',
    configuration: (url) => ({
      type: 'conjur',
      url: `${url}${basePath}`,
      account,
      'service-id': serviceId,
      ...(tokenAppProperty === undefined ? { 'host-id': login } : {}),
      ...(options.edition === 'oss' ? {} : { edition: options.edition }),
    }),
    disturb: (what) => disturb(appliance, what),
  };
}

function classifyRequest({ method, target }: ServerRequest): 'exchange' | 'read' | undefined {
  const path = target
    .split('?', 1)
    .join('')
    .replace(/^\/api(?=\/)/, '');
  if (method === 'POST' && /^\/authn-jwt\/.*\/authenticate$/.test(path)) return 'exchange';
  const isRead = method === 'GET' ? /^\/secrets(?:\/|$)/.test(path) : method === 'POST' && path === '/secrets/values';
  return isRead ? 'read' : undefined;
}

const DISTURBANCES: Readonly<Record<string, (appliance: Appliance) => void>> = {
  'rotate-keys': ({ signer }) => signer.rotate(),
  'revoke-tokens': ({ signer }) => signer.rotate(),
  'drop-role': (appliance) => {
    appliance.hasRole = false;
  },
  'restore-role': (appliance) => {
    appliance.hasRole = true;
  },
};

function disturb(appliance: Appliance, what: string): void {
  const change = Object.hasOwn(DISTURBANCES, what) ? DISTURBANCES[what] : undefined;
  if (change === undefined) {
    throw new SecretctlError('USAGE', `the Conjur server cannot ${quoted(what)}`, {
      hint: `it can ${Object.keys(DISTURBANCES).join(', ')}`,
    });
  }
  change(appliance);
}

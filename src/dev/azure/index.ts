import { SecretctlError } from '../../lib/errors.ts';
import { quoted } from '../../lib/text.ts';
import type { ServerReply, ServerRequest, StrictProduct, StrictServer } from '../types.ts';
import { openEntra } from './entra.ts';
import { readOptions } from './options.ts';
import { json, vaultFailure } from './replies.ts';
import { readSecret, type Site, SLASH } from './vault.ts';

const TOKEN = /^\/(?<tenant>[^/]+)\/oauth2\/v2\.0\/token$/;
/** Where Microsoft's own clients look before they ask for a token. */
const DISCOVERY = /^\/(?<tenant>[^/]+)\/v2\.0\/\.well-known\/openid-configuration$/;
const SECRET = /^\/secrets\/(?<inside>.+)$/;

/** Entra's token endpoint and one Key Vault at the same address (pam-cloud.md, 4.3). */
export const azureServer: StrictProduct = {
  type: 'azure',
  async readPolicy(documents, options) {
    const { readAzurePolicy } = await import('./policy.ts');
    return readAzurePolicy(documents, readOptions(options));
  },
  start(world) {
    const options = readOptions(world.options);
    const site: Site = { world, options, entra: openEntra(world, options) };
    const scope = `${options.resource}/.default`;
    const server: StrictServer = {
      classify({ target }) {
        const path = pathOf(target);
        if (TOKEN.test(path)) return 'exchange';
        return SECRET.test(path) ? 'read' : undefined;
      },
      handle: (request) => answer(request, site),
      variables: (url) => ({
        AZURE_KEY_VAULT_SERVER_URL: url,
        AZURE_AUTHORITY_HOST: url,
        AZURE_TENANT_ID: options.tenant,
        AZURE_CLIENT_ID: options.client,
        SECRETCTL_AZURE_SCOPE: scope,
        SECRETCTL_AZURE_SLASH: SLASH,
      }),
      caVariable: undefined,
      configuration: (url) => ({
        type: 'azure',
        url,
        authority: url,
        'tenant-id': options.tenant,
        'client-id': options.client,
        scope,
        slash: SLASH,
      }),
      disturb(what) {
        if (what === 'revoke-tokens') return site.entra.revokeAll();
        throw new SecretctlError('USAGE', `the Azure server cannot ${quoted(what)}`, { hint: 'it can revoke-tokens' });
      },
    };
    return server;
  },
};

async function answer(request: ServerRequest, site: Site): Promise<ServerReply> {
  const path = pathOf(request.target);
  const tenant = TOKEN.exec(path)?.groups?.['tenant'];
  if (tenant !== undefined) {
    if (request.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
    return site.entra.token(tenant, request);
  }
  const directory = DISCOVERY.exec(path)?.groups?.['tenant'];
  if (directory !== undefined) return discovery(directory, request);
  const inside = SECRET.exec(path)?.groups?.['inside'];
  return inside === undefined
    ? vaultFailure(404, 'NotFound', 'Resource not found.')
    : readSecret(request, inside, site);
}

/** The addresses of a tenant, at the host that was asked. */
function discovery(tenant: string, { headers }: ServerRequest): ServerReply {
  const base = `https://${headers['host'] ?? ''}/${tenant}`;
  return json(200, {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    issuer: `${base}/v2.0`,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
  });
}

function pathOf(target: string): string {
  return target.split('?', 1).join('');
}

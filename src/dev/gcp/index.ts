import { SecretctlError } from '../../lib/errors.ts';
import { quoted } from '../../lib/text.ts';
import type { ServerReply, ServerRequest, StrictProduct, StrictServer } from '../types.ts';
import { type GcpOptions, readOptions } from './options.ts';
import { apiFailure } from './replies.ts';
import { access, askedIn, SLASH } from './secrets.ts';
import { actAs, exchange, type Site } from './sts.ts';
import { openTokens } from './tokens.ts';

const TOKEN = '/v1/token';
const ACT_AS = /^\/v1\/projects\/-\/serviceAccounts\/(?<email>[^/:]+):generateAccessToken$/;

/** Google's token service, service accounts and Secret Manager at one address (pam-cloud.md, 4.2). */
export const gcpServer: StrictProduct = {
  type: 'gcp',
  async readPolicy(documents, options) {
    const { readGcpPolicy } = await import('./policy.ts');
    return readGcpPolicy(documents, readOptions(options));
  },
  start(world) {
    const options = readOptions(world.options);
    const site: Site = { world, options, tokens: openTokens(world) };
    const server: StrictServer = {
      classify({ target }) {
        const path = pathOf(target);
        if (path === TOKEN || ACT_AS.test(path)) return 'exchange';
        return askedIn(path) === undefined ? undefined : 'read';
      },
      handle: (request) => answer(request, site),
      variables: (url) => ({
        CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: url,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_STS: url,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS: url,
        GCP_PROJECT_NUMBER: options['project-number'],
        GCP_WORKLOAD_IDENTITY_FEDERATION_POOL_ID: options.pool,
        GCP_WORKLOAD_IDENTITY_FEDERATION_PROVIDER_ID: options.provider,
        GOOGLE_CLOUD_PROJECT: options.project,
        SECRETCTL_GCP_SLASH: SLASH,
        ...variablesFor(options),
      }),
      caVariable: undefined,
      configuration: (url) => ({
        type: 'gcp',
        url,
        'sts-url': url,
        'iam-credentials-url': url,
        'project-number': options['project-number'],
        pool: options.pool,
        'provider-id': options.provider,
        project: options.project,
        slash: SLASH,
        ...settingsFor(options),
      }),
      disturb(what) {
        if (what === 'revoke-tokens') return site.tokens.revokeAll();
        throw new SecretctlError('USAGE', `the Google server cannot ${quoted(what)}`, { hint: 'it can revoke-tokens' });
      },
    };
    return server;
  },
};

/** What only some variants need a client to know. */
function settingsFor(options: GcpOptions): Readonly<Record<string, string>> {
  const keys = ['service-account', 'location', 'quota-project'] as const;
  return Object.fromEntries(keys.flatMap((key) => (options[key] === '' ? [] : [[key, options[key]]])));
}

function variablesFor(options: GcpOptions): Readonly<Record<string, string>> {
  const names = Object.entries(settingsFor(options)).map(([key, value]): [string, string] => {
    return [`SECRETCTL_GCP_${key.toUpperCase().replaceAll('-', '_')}`, value];
  });
  return Object.fromEntries(names);
}

async function answer(request: ServerRequest, site: Site): Promise<ServerReply> {
  const { method } = request;
  const path = pathOf(request.target);
  if (path === TOKEN && method === 'POST') return exchange(request, site);
  const email = ACT_AS.exec(path)?.groups?.['email'];
  if (email !== undefined && method === 'POST') return actAs(request, email, site);
  const asked = askedIn(path);
  if (asked !== undefined && method === 'GET') return access(request, asked, site);
  return apiFailure('NOT_FOUND', 'The requested URL was not found on this server.');
}

/** Google's own clients add a query that says which JSON they like. */
function pathOf(target: string): string {
  return target.split('?', 1).join('');
}

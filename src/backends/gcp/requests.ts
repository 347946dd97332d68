import type { HttpRequest } from '../../lib/http.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { Wanted } from './references.ts';

/** What distinguishes one request from another; token and size limit are the sender's to add. */
export type Target = Pick<HttpRequest, 'method' | 'path' | 'label' | 'headers' | 'body' | 'retry'>;

/** Who logs in. */
export interface Identity {
  /** Full name of the provider. */
  readonly provider: string;
  readonly tokenType: 'jwt' | 'id_token';
  /** Set where a service account is acted as. */
  readonly serviceAccount: string | undefined;
  readonly delegates: readonly string[];
  readonly lifetimeSeconds: number;
  readonly quotaProject: string | undefined;
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const TYPES = 'urn:ietf:params:oauth:token-type:';

/** The audience of an exchange; the ID token's own one is another (pam-cloud.md, trap 4). The host is a name, no address. */
export function audienceOf({ provider }: Pick<Identity, 'provider'>): string {
  return `//iam.googleapis.com/${provider}`;
}

/** The exchange of the ID token (RFC 8693 2.1). Without an Authorization header: the service refuses one. */
export function exchangeTarget(identity: Identity, jwt: Sensitive): Target {
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience: audienceOf(identity),
    scope: SCOPE,
    requested_token_type: `${TYPES}access_token`,
    subject_token_type: `${TYPES}${identity.tokenType}`,
    subject_token: jwt.reveal().toString('latin1'),
  });
  return {
    method: 'POST',
    path: '/v1/token',
    label: '/v1/token',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new Sensitive(form.toString()),
    retry: 'all',
  };
}

/** The access token of a service account, for the one of the pool. */
export function impersonationTarget(identity: Identity, serviceAccount: string): Target {
  const { delegates, lifetimeSeconds } = identity;
  const body = {
    scope: [SCOPE],
    lifetime: `${lifetimeSeconds}s`,
    ...(delegates.length > 0 && { delegates: delegates.map((one) => `projects/-/serviceAccounts/${one}`) }),
  };
  return {
    method: 'POST',
    path: `/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`,
    label: '/v1/projects/-/serviceAccounts/{account}:generateAccessToken',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: new Sensitive(JSON.stringify(body)),
    retry: 'all',
  };
}

/** One version of one secret. */
export function readTarget(
  { parent, version }: Pick<Wanted, 'parent' | 'version'>,
  quotaProject: string | undefined,
): Target {
  return {
    method: 'GET',
    path: `/v1/${parent}/versions/${version}:access`,
    label: '/v1/{secret}/versions/{version}:access',
    headers: { accept: 'application/json', ...(quotaProject !== undefined && { 'x-goog-user-project': quotaProject }) },
    retry: 'all',
  };
}

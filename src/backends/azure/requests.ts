import type { HttpRequest } from '../../lib/http.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { Wanted } from './references.ts';

/** What distinguishes one request from another; token and size limit are the sender's to add. */
export type Target = Pick<HttpRequest, 'method' | 'path' | 'label' | 'headers' | 'body' | 'retry'>;

/** Who logs in, and for what. */
export interface Identity {
  readonly tenant: string;
  readonly clientId: string;
  readonly scope: string;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The exchange of the ID token: client credentials, the client known by its assertion (RFC 7523 2.2). */
export function exchangeTarget({ tenant, clientId, scope }: Identity, jwt: Sensitive): Target {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    scope,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: jwt.reveal().toString('latin1'),
  });
  return {
    method: 'POST',
    path: `/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    label: '/{tenant}/oauth2/v2.0/token',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new Sensitive(form.toString()),
    retry: 'all',
  };
}

/** One secret, the newest version of it or the one that is named. */
export function readTarget({ name, version }: Pick<Wanted, 'name' | 'version'>, apiVersion: string): Target {
  const end = version === undefined ? '' : `/${version}`;
  return {
    method: 'GET',
    path: `/secrets/${name}${end}?api-version=${encodeURIComponent(apiVersion)}`,
    label: '/secrets/{name}',
    headers: { accept: 'application/json' },
    retry: 'all',
  };
}

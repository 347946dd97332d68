import type { HttpRequest } from '../../lib/http.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { VaultValues } from './settings.ts';

/** What distinguishes one request from another; token, size limit and headers of every request are the sender's to add. */
export type Target = Pick<HttpRequest, 'method' | 'path' | 'label' | 'body' | 'headers' | 'retry'>;

/** The exchange of the ID token (conjur-vault.md, 3.2). Without a role the mount's `default_role` counts. */
export function loginTarget(values: VaultValues, jwt: Sensitive): Target {
  const fields = { ...(values.role !== undefined && { role: values.role }), jwt: jwt.reveal().toString('latin1') };
  const path = `${base(values)}/auth/${encoded(values['auth-path'])}/login`;
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', path, label: path, headers, body: new Sensitive(JSON.stringify(fields)), retry: 'all' };
}

/** Which engine is mounted there; needs no use of a token whose uses are counted (conjur-vault.md, 3.4). */
export function mountTarget(values: VaultValues, path: string): Target {
  const start = `${base(values)}/sys/internal/ui/mounts`;
  return { method: 'GET', path: `${start}/${encoded(path)}`, label: `${start}/{path}`, retry: 'all' };
}

/** A secret that reading does not change. */
export function readTarget(values: VaultValues, path: string, version?: number): Target {
  const query = version === undefined ? '' : `?version=${version}`;
  return { method: 'GET', path: `${base(values)}/${path}${query}`, label: `${base(values)}/{path}`, retry: 'all' };
}

/** A secret that is made by being read. Never sent twice: who could tell whether the first one was made? */
export function mintTarget(values: VaultValues, path: string): Target {
  return { ...readTarget(values, path), retry: 'none' };
}

/** The path of the API, and of a reference, that brings what is wrapped in a wrapping token. */
export const UNWRAP = 'sys/wrapping/unwrap';

/** What a wrapping token was made for; does not use it up and needs no access token (conjur-vault.md, 3.6). */
export function lookUpTarget(values: VaultValues, token: Sensitive): Target {
  const path = `${base(values)}/sys/wrapping/lookup`;
  const headers = { 'content-type': 'application/json' };
  const body = new Sensitive(JSON.stringify({ token: token.reveal().toString('latin1') }));
  return { method: 'POST', path, label: path, headers, body, retry: 'all' };
}

/** What is wrapped, for the wrapping token in place of the access token. Once: never sent twice. */
export function unwrapTarget(values: VaultValues): Target {
  const path = `${base(values)}/${UNWRAP}`;
  return { method: 'POST', path, label: path, retry: 'none' };
}

/** The same read, its answer wrapped. */
export function wrapped(target: Target, seconds: number): Target {
  return { ...target, headers: { ...target.headers, 'x-vault-wrap-ttl': `${seconds}` } };
}

/** Ends the access token, its children and its leases. */
export function revokeTarget(values: VaultValues): Target {
  const path = `${base(values)}/auth/token/revoke-self`;
  return { method: 'POST', path, label: path, retry: 'all' };
}

/** Each segment on its own; the slashes stay. */
export function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Headers of every request: some proxies refuse one without `X-Vault-Request`. */
export function commonHeaders(values: VaultValues): Readonly<Record<string, string>> {
  const headers = { accept: 'application/json', 'x-vault-request': 'true' };
  if (values.namespace === undefined || values['namespace-in'] === 'path') return headers;
  return { ...headers, 'x-vault-namespace': values.namespace };
}

function base(values: VaultValues): string {
  if (values.namespace === undefined || values['namespace-in'] === 'header') return '/v1';
  return `/v1/${encoded(values.namespace)}`;
}

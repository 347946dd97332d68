import type { HttpRequest } from '../../lib/http.ts';
import type { PublicKeyText } from './key.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { ProtegrityValues } from './settings.ts';

/** What distinguishes one request from another. */
export type Target = Pick<HttpRequest, 'method' | 'path' | 'label' | 'headers' | 'body' | 'retry'>;

/** Where the resilient package is; only ESA wants it asked for with a key. */
export const PACKAGE = 'v1/rps/export';

/** The form login; both editions have the same one on different paths (pam-cloud.md 2.1, 2.2). */
export function loginTarget(values: ProtegrityValues, password: Sensitive): Target {
  const form = new URLSearchParams({
    loginname: values['login-name'] ?? '',
    password: password.reveal().toString('utf8'),
  });
  const path = loginPath(values);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  return { method: 'POST', path, label: path, headers, body: new Sensitive(form.toString()), retry: 'all' };
}

/** A new token for the current one: ESA takes that one as it is, PPC the refresh token that came with it. */
export function refreshTarget(values: ProtegrityValues, refreshToken: Sensitive | undefined): Target {
  const path = `${loginPath(values)}/refresh`;
  const target = { method: 'POST', path, label: path, retry: 'all' } as const;
  const headers = { accept: 'application/json' };
  if (refreshToken === undefined) return { ...target, headers };
  const body = new Sensitive(JSON.stringify({ refreshToken: refreshToken.reveal().toString('latin1') }));
  return { ...target, headers: { ...headers, 'content-type': 'application/json' }, body };
}

/** One document of the API. */
export function readTarget(values: ProtegrityValues, path: string, key: PublicKeyText | undefined): Target {
  const place = `/pty/${path.split('/').map(encodeURIComponent).join('/')}`;
  const headers = { accept: 'application/json' };
  if (path !== PACKAGE || values.edition === 'ppc') {
    return { method: 'GET', path: place, label: '/pty/{path}', headers, retry: 'all' };
  }
  const publicKey = { label: values['key-label'], algorithm: values['key-algorithm'], value: key?.pem ?? '' };
  return {
    method: 'POST',
    path: `${place}?version=1&coreversion=1`,
    label: `${place}?version=1&coreversion=1`,
    headers: { ...headers, 'content-type': 'application/json' },
    body: new Sensitive(JSON.stringify({ kek: { publicKey } })),
    retry: 'all',
  };
}

function loginPath({ edition }: ProtegrityValues): string {
  return edition === 'ppc' ? '/pty/v1/auth/login/token' : '/api/v1/auth/login/token';
}

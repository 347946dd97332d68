import type { HttpRequest } from '../../lib/http.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { Named } from './references.ts';
import type { VenafiValues } from './settings.ts';

/** What distinguishes one request from another; token and size limit are the sender's to add. */
export type Target = Pick<HttpRequest, 'method' | 'path' | 'label' | 'body' | 'headers' | 'retry'>;

const API = '/outagedetection/v1';

/** Certificates that one page of a search has. */
export const PAGE_SIZE = 100;

/** Where a tenant's token endpoint is at the address of the API. */
export function tokenPath(values: VenafiValues): string {
  return values['token-url']?.pathname ?? `/v1/oauth2/v2.0/${values.tenant ?? ''}/token`;
}

/** The exchange: the ID token is the client's assertion, and there is neither a client's name nor a scope (3.1, A). */
export function exchangeTarget(values: VenafiValues, jwt: Sensitive): Target {
  const path = tokenPath(values);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: jwt.reveal().toString('latin1'),
  });
  return {
    method: 'POST',
    path,
    label: '/v1/oauth2/v2.0/{tenant}/token',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new Sensitive(form.toString()),
    retry: 'all',
  };
}

/** One page of the certificates that have a name or a fingerprint. */
export function searchTarget({ by, value }: Named, pageNumber: number): Target {
  const operand =
    by === 'fingerprint'
      ? { field: 'fingerprint', operator: 'MATCH', value }
      : { field: 'subjectCN', operator: 'EQ', value };
  const paging = { pageNumber, pageSize: PAGE_SIZE };
  return posting(`${API}/certificatesearch`, { expression: { operator: 'AND', operands: [operand] }, paging });
}

/** How far the issuing of a certificate has come. */
export function requestTarget(id: string): Target {
  return getting(`${API}/certificaterequests/`, id);
}

/** A certificate and those of its issuers. */
export function contentsTarget(id: string): Target {
  const target = getting(`${API}/certificates/`, id, '/contents?format=PEM&chainOrder=EE_FIRST');
  return { ...target, headers: { accept: '*/*' } };
}

/** What is known of a certificate; `dekHash` names the key that passphrases have to be sealed with. */
export function detailsTarget(id: string): Target {
  return getting(`${API}/certificates/`, id);
}

/** The public key of what keeps the private keys. */
export function wrapKeyTarget(dekHash: string): Target {
  return getting('/v1/edgeencryptionkeys/', dekHash);
}

/** Key and certificates as a ZIP archive, the key encrypted with the passphrase that is sealed here. */
export function keystoreTarget(id: string, sealed: Buffer): Target {
  const body = {
    exportFormat: 'PEM',
    encryptedPrivateKeyPassphrase: sealed.toString('base64'),
    encryptedKeystorePassphrase: '',
    certificateLabel: '',
  };
  const target = posting(`${API}/certificates/${encoded(id)}/keystore`, body, `${API}/certificates/{id}/keystore`);
  return { ...target, headers: { ...target.headers, accept: '*/*' } };
}

function getting(start: string, id: string, end = ''): Target {
  return {
    method: 'GET',
    path: `${start}${encoded(id)}${end}`,
    label: `${start}{id}${end}`,
    headers: { accept: 'application/json' },
    retry: 'all',
  };
}

function posting(path: string, body: unknown, label = path): Target {
  return {
    method: 'POST',
    path,
    label,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: new Sensitive(JSON.stringify(body)),
    retry: 'all',
  };
}

/** Braces stay: a plan has them where only an answer can tell. */
function encoded(id: string): string {
  return /^\{\w+\}$/.test(id) ? id : encodeURIComponent(id);
}

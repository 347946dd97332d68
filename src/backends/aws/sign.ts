import aws4 from 'aws4';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessKey } from './access-key.ts';

/** A request to a service, as it is signed. */
export interface Signable {
  readonly endpoint: URL;
  readonly service: string;
  readonly region: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Sensitive;
  /** Time of the signature, milliseconds since 1970: good for five minutes around it. */
  readonly atMs: number;
}

/** The headers that make a POST to the endpoint's base a signed one (Signature Version 4). */
export function signatureHeaders(
  { endpoint, service, region, headers, body, atMs }: Signable,
  key: AccessKey,
): Readonly<Record<string, Sensitive>> {
  const date = new Date(atMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
  const signed = aws4.sign(
    {
      host: endpoint.host,
      method: 'POST',
      path: `${endpoint.pathname.replace(/\/+$/, '')}/`,
      service,
      region,
      headers: { ...headers, 'x-amz-date': date },
      body: body.reveal(),
      // What frames the body is between neighbours: a proxy may change it.
      extraHeadersToIgnore: { 'content-length': true },
    },
    { accessKeyId: key.id, secretAccessKey: key.secret, sessionToken: key.sessionToken },
  );
  return {
    'x-amz-date': new Sensitive(date),
    'x-amz-security-token': new Sensitive(key.sessionToken),
    authorization: new Sensitive(signed.headers['Authorization'] ?? ''),
  };
}

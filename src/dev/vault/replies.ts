import type { ServerReply } from '../types.ts';

/** What differs from an empty envelope; `data` is JSON text, so that digits stay as they are. */
export interface Envelope {
  readonly data?: string;
  readonly auth?: unknown;
  readonly wrapInfo?: unknown;
  readonly leaseId?: string;
  readonly leaseSeconds?: number;
  readonly warnings?: readonly string[];
}

/** An answer in the envelope of every endpoint (conjur-vault.md, 3.1). */
export function envelope(given: Envelope, status = 200): ServerReply {
  const { data = 'null', auth = null, wrapInfo = null, leaseId = '', leaseSeconds = 0, warnings = null } = given;
  const start = JSON.stringify({
    request_id: '00000000-0000-4000-8000-000000000000',
    lease_id: leaseId,
    renewable: leaseId !== '',
    lease_duration: leaseSeconds,
  });
  const end = JSON.stringify({ wrap_info: wrapInfo, warnings, auth });
  return json(status, `${start.slice(0, -1)},"data":${data},${end.slice(1)}`);
}

/** A failure; 404 has no words. */
export function failure(status: number, ...errors: readonly string[]): ServerReply {
  return json(status, JSON.stringify({ errors }));
}

/** Success without a word. */
export function nothing(): ServerReply {
  return { status: 204, headers: { 'cache-control': 'no-store' } };
}

function json(status: number, body: string): ServerReply {
  return { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }, body: `${body}\n` };
}

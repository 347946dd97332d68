import type { ServerReply } from '../types.ts';

/** An answer in JSON. */
export function json(status: number, body: unknown): ServerReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** A failure of the API, in the product's own form (pam-cloud.md, 3.2). */
export function failure(status: number, message: string): ServerReply {
  return json(status, { errors: [{ code: status * 100, message, args: [] }] });
}

/** A refusal of the token endpoint (RFC 6749 5.2). */
export function refusal(error: string, description: string): ServerReply {
  return json(400, { error, error_description: description });
}

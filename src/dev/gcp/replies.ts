import type { ServerReply } from '../types.ts';

/** A JSON answer. */
export function json(status: number, body: unknown): ServerReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', 'cache-control': 'private' },
    body: `${JSON.stringify(body, undefined, 2)}\n`,
  };
}

/** A refusal of the token service (RFC 6749 5.2). */
export function tokenFailure(error: string, description: string): ServerReply {
  return json(400, { error, error_description: description });
}

const CODES: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
};

/** A refusal of any other API; `reason` is that of its ErrorInfo. */
export function apiFailure(status: string, message: string, reason?: string): ServerReply {
  const code = CODES[status] ?? 500;
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' };
  return json(code, { error: { code, message, status, ...(reason !== undefined && { details: [info] }) } });
}

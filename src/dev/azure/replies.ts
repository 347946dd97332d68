import type { ServerReply } from '../types.ts';

const ID = '00000000-0000-4000-8000-000000000000';

/** A JSON answer with the headers that both services send. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): ServerReply {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-ms-request-id': ID,
      ...headers,
    },
    body: JSON.stringify(body),
  };
}

/** A refusal of Entra, with its number in both places. */
export function entraFailure(status: number, error: string, number: number, sentence: string): ServerReply {
  const end = `Trace ID: ${ID}\r\nCorrelation ID: ${ID}\r\nTimestamp: 2026-01-02 03:04:05Z`;
  return json(status, {
    error,
    error_description: `AADSTS${number}: ${sentence}\r\n${end}`,
    error_codes: [number],
    timestamp: '2026-01-02 03:04:05Z',
    trace_id: ID,
    correlation_id: ID,
    error_uri: `https://login.microsoftonline.com/error?code=${number}`,
  });
}

/** A refusal of a vault; `inner` is the nearer reason. */
export function vaultFailure(status: number, code: string, message: string, inner?: string): ServerReply {
  return json(status, { error: { code, message, ...(inner !== undefined && { innererror: { code: inner } }) } });
}

import type { ServerReply } from '../types.ts';

/** What every envelope says about the machine; the values are the rehearsal's own. */
const MACHINE = { vdom: 'root', serial: 'FPAREHEARSAL0001', version: 'v1.6.0', build: 1000 } as const;

const WORDS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  424: 'Failed Dependency',
  429: 'Too Many Requests',
};

/** A success in FortiPAM's envelope (pam-cloud.md 1.5). */
export function success(method: string, members: Readonly<Record<string, unknown>>): ServerReply {
  return json(200, { http_method: method, ...members, status: 'success', http_status: 200, ...MACHINE });
}

/** A failure in the same envelope; `cliError` is the server's sentence. */
export function failure(method: string, status: number, cliError: string): ServerReply {
  const word = WORDS[status] ?? 'error';
  return json(status, {
    http_method: method,
    status: word,
    http_status: status,
    error: 2,
    cli_error: cliError,
    ...MACHINE,
  });
}

/** The GUI's login page: what a request without a good token gets instead of an answer. */
export function loginPage(): ServerReply {
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!DOCTYPE html><html><head><title>FortiPAM</title></head><body><form>Sign in</form></body></html>',
  };
}

/** Any JSON answer. */
export function json(status: number, body: unknown): ServerReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

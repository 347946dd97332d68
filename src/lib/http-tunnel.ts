import { Socket } from 'node:net';

import type { buildConnector, Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';

import { type FailureFacts, type Reason, SecretctlError, systemCode } from './errors.ts';
import { ConnectError, type Fault, unreachable } from './http-fault.ts';
import type { Proxy } from './http-proxy.ts';
import { VERSION } from './version.ts';

/** Statuses by which a proxy says that it could not reach the other side just now. */
const PASSING = new Set([502, 503, 504]);

/** What a proxy answered to CONNECT, and the connection, which is a tunnel if the answer says so. */
interface ProxyAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: Socket;
}

/** The proxy, and where its tunnel is to lead. */
export interface TunnelOptions {
  readonly proxy: Proxy;
  /** `host:port` */
  readonly target: string;
  /** Opens the connection to the proxy itself. */
  readonly connect: buildConnector.connector;
  readonly signal: AbortSignal;
}

/**
 * Asks the proxy for a tunnel (RFC 9110 9.3.6) and gives the connection that is one. A failure is a
 * {@link ConnectError}: PROXY_AUTH for 407, PROXY_DENIED for another refusal, PROXY_PROTOCOL for what is no answer to
 * CONNECT (rows 48 and 49).
 */
export async function openTunnel({ proxy, target, connect, signal }: TunnelOptions): Promise<Socket> {
  const limits = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: 16 * 1024 };
  const client = new Client(proxy.origin, { connect, allowH2: false, useMilo: false, ...limits });
  const end = (): void => void client.destroy(signal.reason instanceof Error ? signal.reason : null);
  signal.addEventListener('abort', end);
  try {
    const answer = await askForTunnel(client, proxy, target);
    const refusal = refusalOf(proxy, target, answer);
    if (refusal === undefined) return answer.socket;
    answer.socket.destroy();
    throw new ConnectError(refusal);
  } catch (error) {
    throw error instanceof ConnectError ? error : new ConnectError(brokenProxy(error, proxy), error);
  } finally {
    signal.removeEventListener('abort', end);
    void client.destroy();
  }
}

function askForTunnel(client: Dispatcher, proxy: Proxy, target: string): Promise<ProxyAnswer> {
  const authorization = proxy.authorization?.reveal().toString('latin1');
  const headers = {
    host: target,
    'user-agent': `secretctl/${VERSION}`,
    ...(authorization !== undefined && { 'proxy-authorization': authorization }),
  };
  return new Promise((resolve, reject) => {
    client.dispatch(
      { method: 'CONNECT', path: target, headers },
      {
        onRequestStart: () => undefined,
        onRequestUpgrade: (_controller, status, answered, socket) => {
          // From here to the TLS handshake nobody else listens.
          socket.on('error', () => undefined);
          if (socket instanceof Socket) resolve({ status, headers: answered, socket });
          else reject(new Error('not a socket'));
        },
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

function refusalOf(proxy: Proxy, target: string, { status, headers }: ProxyAnswer): Fault | undefined {
  const shown = `the proxy ${proxy.origin} (${proxy.variable})`;
  if (status >= 200 && status < 300) {
    // A tunnel has no content (RFC 9110 9.3.6): this is a page of the proxy's own, for a person.
    const isPage = headers['content-type'] !== undefined && Number(headers['content-length'] ?? 1) > 0;
    return isPage ? refused('PROXY_PROTOCOL', `${shown} answered CONNECT with a page instead of a tunnel`) : undefined;
  }
  if (status === 407) {
    const what =
      proxy.authorization === undefined ? 'wants a user name and a password' : 'refused the user name or password';
    return refused('PROXY_AUTH', `${shown} ${what} (status 407)`, {
      hint: `set them in ${proxy.variable}, as in http://user:password@host:port`,
    });
  }
  if (status < 400) return refused('PROXY_PROTOCOL', `${shown} answered CONNECT with status ${status}`);
  const fault = unreachable('PROXY_DENIED', `${shown} gives no way to ${target} (status ${status})`);
  return PASSING.has(status) ? fault : { ...fault, mayRepeat: false, elsewhere: false };
}

/** A connection to the proxy that was there and came to nothing. */
function brokenProxy(error: unknown, proxy: Proxy): Fault {
  const code = systemCode(error) ?? '';
  const shown = `the proxy ${proxy.origin} (${proxy.variable})`;
  const isParserFault = error instanceof Error && error.name === 'HTTPParserError';
  if (isParserFault || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return refused('PROXY_PROTOCOL', `${shown} did not answer CONNECT in HTTP`);
  }
  return unreachable('CONNECTION_LOST', `${shown} closed the connection without an answer to CONNECT`);
}

function refused(reason: Reason, message: string, facts: FailureFacts = {}): Fault {
  return { error: new SecretctlError(reason, message, facts), stage: 'connect', mayRepeat: false, elsewhere: false };
}

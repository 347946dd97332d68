import type { Socket } from 'node:net';
import { type PeerCertificate, type SecureContext, TLSSocket } from 'node:tls';

import type { buildConnector } from 'undici';
import buildConnect from 'undici/lib/core/connect.js';

import { ConnectError, connectFault, type FailedConnection, type Peer } from './http-fault.ts';

/** How to connect to one side: the endpoint, or the proxy before it. */
export interface Leg {
  readonly peer: Peer;
  readonly context: SecureContext;
  /** Name expected in the certificate, when it is not the host's. */
  readonly serverName: string | undefined;
  /** Time for one address of several, milliseconds. */
  readonly attemptMs: number;
}

/**
 * Opens connections of one kind: TCP and, for `https:`, TLS on it, or TLS through `tunnel`. One that is not verified
 * is never handed out, so that nothing can be written to it. A failure is a {@link ConnectError}; so is the end of
 * `signal`. TLS sessions are resumed.
 */
export function createDialler(
  leg: Leg,
): (to: buildConnector.Options, signal: AbortSignal, tunnel?: Socket) => Promise<Socket> {
  const connect = buildConnect({
    allowH2: false,
    // One clock runs for all of a connection, and it is the caller's.
    timeout: 0,
    secureContext: leg.context,
    rejectUnauthorized: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: leg.attemptMs,
    ...(leg.serverName !== undefined && { servername: leg.serverName }),
  });
  return (to, signal, tunnel) =>
    new Promise((resolve, reject) => {
      let failed: FailedConnection = { certificate: undefined, isJudged: false, hasKeys: false };
      const end = (): void => void socket.destroy(endOf(signal));
      // In case of an error it is called without the second argument, whatever its published type says.
      const settle = (error: Error | null, opened?: Socket | null): void => {
        signal.removeEventListener('abort', end);
        if (error === null && opened && isVerified(opened)) return resolve(opened);
        opened?.destroy();
        reject(new ConnectError(connectFault(error, leg.peer, failed), error));
      };
      const socket = connect(tunnel === undefined ? to : { ...to, httpSocket: tunnel }, settle);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
      if (!(socket instanceof TLSSocket)) return;
      // Before Node judges the certificate, and drops it together with the connection.
      socket.prependOnceListener('secure', () => {
        failed = { certificate: certificateOf(socket), isJudged: true, hasKeys: true };
      });
      // A sign that keys were agreed, and with them the cipher. The keys themselves are not looked at.
      socket.once('keylog', () => {
        failed = { ...failed, hasKeys: true };
      });
    });
}

/** Node has refused what it could not verify; this is the second lock on the same door. */
function isVerified(socket: Socket): boolean {
  return !(socket instanceof TLSSocket) || socket.authorized;
}

/** Undefined for a peer without one. `getPeerX509Certificate` would take it away from the judgement that follows. */
function certificateOf(socket: TLSSocket): PeerCertificate | undefined {
  const certificate = socket.getPeerCertificate();
  return Object.keys(certificate).length === 0 ? undefined : certificate;
}

function endOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('ended');
}

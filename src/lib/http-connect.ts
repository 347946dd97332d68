import type { Socket } from 'node:net';

import type { buildConnector } from 'undici';

import { SecretctlError } from './errors.ts';
import type { HttpLimits, HttpSettings } from './http-types.ts';
import { ConnectError, type Fault, isIssuerFault, type Peer, unreachable } from './http-fault.ts';
import { createDialler } from './http-handshake.ts';
import type { Proxy } from './http-proxy.ts';
import { openTrust, type Trust } from './http-trust.ts';
import { openTunnel } from './http-tunnel.ts';
import type { Runtime } from './runtime.ts';

/** Opens the connections of one endpoint. */
export interface Connector {
  /** Connects one client of undici; `onError` hears the first error of each of its connections. */
  connectFor(onError: (error: Error) => void): buildConnector.connector;
  /** Ends those that are still being opened. */
  close(): void;
}

/** One endpoint and how to get to it; times in milliseconds. */
export interface ConnectorOptions {
  readonly endpoint: URL;
  readonly settings: Pick<HttpSettings, 'ca' | 'client' | 'serverName'>;
  readonly limits: Pick<HttpLimits, 'connectAttemptMs' | 'connectMs'>;
  readonly proxy: Proxy | undefined;
  readonly runtime: Pick<Runtime, 'sleep'>;
}

type Dial = (to: buildConnector.Options, signal: AbortSignal, tunnel?: Socket) => Promise<Socket>;

/**
 * Connections to an endpoint, through a tunnel where there is a proxy, verified before a byte of a request can be
 * written. One that is not there after `limits.connectMs` is given up. Failures are {@link ConnectError}s.
 */
export function createConnector(options: ConnectorOptions): Connector {
  const { limits, proxy, runtime } = options;
  const peer = peerOf(options);
  const dialEndpoint = dialWithFallback(peer, openTrust(options.settings), options);
  const dialProxy = proxy === undefined ? undefined : dialWithFallback(proxyPeer(proxy), openTrust({}), { limits });
  const openings = new Set<AbortController>();

  const open = async (to: buildConnector.Options): Promise<Socket> => {
    const control = new AbortController();
    const tooLate = unreachable('CONNECT', `no connection to ${peer.shown} within ${limits.connectMs / 1000} s`);
    openings.add(control);
    void runtime.sleep(limits.connectMs, control.signal).then(
      () => control.abort(new ConnectError(tooLate)),
      () => undefined,
    );
    try {
      return await dialEndpoint(to, control.signal, async () => {
        if (proxy === undefined || dialProxy === undefined) return undefined;
        // What stands there is the endpoint's, from the header `host`; the certificate must be the proxy's.
        const connect = asConnector((hop) => dialProxy({ ...hop, servername: '' }, control.signal, noTunnel));
        return openTunnel({ proxy, target: hostAndPort(options.endpoint), connect, signal: control.signal });
      });
    } finally {
      openings.delete(control);
      control.abort();
    }
  };

  return {
    connectFor: (onError) =>
      asConnector(async (to) => {
        const socket = await open(to);
        return socket.once('error', onError);
      }),
    close() {
      for (const control of openings) control.abort();
    },
  };
}

/** A tunnel for one connection; undefined for a connection of its own. */
type MakeTunnel = () => Promise<Socket | undefined>;

async function noTunnel(): Promise<undefined> {
  return undefined;
}

/**
 * Dials, and when the issuer of the certificate is not known, dials once more with the system's roots added. Those
 * stay: the next connection starts with them.
 */
function dialWithFallback(
  peer: Peer,
  trust: Trust,
  { settings, limits }: Pick<ConnectorOptions, 'limits'> & Partial<Pick<ConnectorOptions, 'settings'>>,
): (to: buildConnector.Options, signal: AbortSignal, makeTunnel: MakeTunnel) => Promise<Socket> {
  const create = (): Dial =>
    createDialler({
      peer,
      context: trust.context(),
      serverName: settings?.serverName,
      attemptMs: limits.connectAttemptMs,
    });
  let dial: Dial | undefined;
  return async (to, signal, makeTunnel) => {
    dial ??= create();
    const used = dial;
    try {
      return await used(to, signal, await makeTunnel());
    } catch (error) {
      if (!(error instanceof ConnectError && isIssuerFault(error.cause))) throw error;
      // Another connection may have added them meanwhile.
      if (trust.addSystemRoots()) dial = create();
      if (dial === used) throw error;
      return dial(to, signal, await makeTunnel());
    }
  };
}

/** A promise as undici wants it. Its `connect` must not see undici's own error codes: some make it try for ever. */
function asConnector(open: (to: buildConnector.Options) => Promise<Socket>): buildConnector.connector {
  const call = async (to: buildConnector.Options, callback: buildConnector.Callback): Promise<void> => {
    let socket: Socket;
    try {
      socket = await open(to);
    } catch (error) {
      callback(error instanceof ConnectError ? error : new ConnectError(unexpectedFault(error), error), null);
      return;
    }
    callback(null, socket);
  };
  return (to, callback) => void call(to, callback);
}

function unexpectedFault(error: unknown): Fault {
  const known =
    error instanceof SecretctlError ? error : new SecretctlError('INTERNAL', 'connecting failed in an unforeseen way');
  return { error: known, stage: 'connect', mayRepeat: false, elsewhere: false };
}

/** The endpoint, for messages. */
export function peerOf({ endpoint, settings, proxy }: Pick<ConnectorOptions, 'endpoint' | 'settings' | 'proxy'>): Peer {
  return {
    shown: hostAndPort(endpoint),
    hostname: settings.serverName ?? endpoint.hostname,
    proxy: proxy?.origin,
    caOrigin: settings.ca?.origin,
    hasClientCertificate: settings.client !== undefined,
  };
}

function proxyPeer(proxy: Proxy): Peer {
  return {
    shown: `the proxy ${proxy.origin} (${proxy.variable})`,
    hostname: new URL(proxy.origin).hostname,
    proxy: undefined,
    caOrigin: undefined,
    hasClientCertificate: false,
  };
}

function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
}

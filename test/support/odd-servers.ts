import { randomInt } from 'node:crypto';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Authority, createAuthority } from '../../src/dev/frame/certificates.ts';
import type { Stage } from './stage.ts';

/** What a script does with each connection. */
export type Talk = (socket: Socket) => void;

/** A raw server on 127.0.0.1 for one case, closed with the stage. Gives its port. */
export async function rawServer(stage: Stage, talk: Talk): Promise<number> {
  return listen(stage, createPlainServer(quietly(talk)));
}

/** The same behind TLS. With `trusted`, the stage's product is told to trust its authority. */
export async function tlsServer(stage: Stage, talk: Talk, options: TlsServerOptions = {}): Promise<TlsServer> {
  const authority = options.authority ?? (await createAuthority());
  const { certificate, key } = await authority.issue({
    names: options.names ?? ['127.0.0.1', 'localhost'],
    ...(options.notAfterMs !== undefined && { notAfterMs: options.notAfterMs }),
  });
  const port = await listen(stage, createTlsServer({ cert: certificate, key, ...options.tls }, quietly(talk)));
  const caFile = path.join(stage.attic, `ca-${port}.pem`);
  writeFileSync(caFile, authority.caPem);
  return {
    url: `https://127.0.0.1:${port}`,
    authority,
    caFile,
    env: { CONJUR_APPLIANCE_URL: `https://127.0.0.1:${port}`, CONJUR_CERT_FILE: caFile },
  };
}

/** How it shakes hands. */
export interface TlsServerOptions {
  readonly authority?: Authority;
  readonly names?: readonly string[];
  readonly notAfterMs?: number;
  readonly tls?: TlsOptions;
}

/** A running one. */
export interface TlsServer {
  readonly url: string;
  readonly authority: Authority;
  readonly caFile: string;
  /** The product's variables that make the job use and trust this server. */
  readonly env: Readonly<Record<string, string>>;
}

/** Waits for the end of the request's head, then sends these bytes and, unless told otherwise, closes. */
export function reply(bytes: string | Buffer, options: { keepOpen?: boolean } = {}): Talk {
  return (socket) => {
    socket.once('data', () => {
      socket.write(bytes);
      if (options.keepOpen !== true) socket.end();
    });
  };
}

function listen(stage: Stage, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('tlsClientError', () => undefined);
  stage.defer(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('no port'));
      resolve(address.port);
    });
  });
}

function quietly(talk: Talk): Talk {
  return (socket) => {
    socket.on('error', () => undefined);
    talk(socket);
  };
}

/**
 * A port where nobody listens at first: the server comes up that many milliseconds later. The port lies below those
 * that the system hands out, so that no other server is given it meanwhile.
 */
export function lateServer(stage: Stage, milliseconds: number, talk: Talk): number {
  const port = randomInt(10_000, 30_000);
  const late = createPlainServer(quietly(talk));
  const timer = setTimeout(() => late.listen(port, '127.0.0.1'), milliseconds);
  stage.defer(() => {
    clearTimeout(timer);
    late.close();
  });
  return port;
}

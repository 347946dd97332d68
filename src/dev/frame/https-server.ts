import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';

import type { IssuedCertificate } from './certificates.ts';

/** An HTTPS server on a free port of 127.0.0.1. */
export interface HttpsServer {
  readonly port: number;
  /** The TCP connection below a request's TLS connection. */
  rawSocket(request: IncomingMessage): Socket | undefined;
  /** Cuts all connections and frees the port. */
  close(): Promise<void>;
}

/** Answers one request; a rejection is the server's own failure. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Larger than any client here sends: the product, not the frame, is to refuse a long header. */
const HEADER_BYTES = 64 * 1024;

/** Starts it: TLS 1.2 or newer, HTTP/1.1, loopback only. */
export async function openHttpsServer(tls: IssuedCertificate, handle: RequestHandler): Promise<HttpsServer> {
  const sockets = new Map<string, Socket>();
  const server = createServer(
    { cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2', maxHeaderSize: HEADER_BYTES },
    (request, response) => {
      // A client may go away at any point of an answer; what its request was is already on record.
      void handle(request, response).catch(() => request.socket.destroy());
    },
  );
  server.on('connection', (socket) => {
    if (!(socket instanceof Socket)) return;
    const key = connectionKey(socket);
    sockets.set(key, socket);
    socket.once('close', () => sockets.delete(key));
  });
  const port = await listen(server);
  return {
    port,
    rawSocket: (request) => sockets.get(connectionKey(request.socket)),
    close: () => close(server),
  };
}

function connectionKey(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject);
      resolve(portOf(server.address()));
    });
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';

/** One thing a server does with a connection. Without an end it goes silent. */
export type Step =
  /** Sends these bytes. */
  | string
  | Buffer
  /** Sends these bytes one at a time, with so many milliseconds between them. */
  | { readonly drip: string | Buffer; readonly everyMs: number }
  /** Sends this again and again until nobody takes it any more. */
  | { readonly endless: string | Buffer }
  /** Waits for something that the test decides. */
  | { readonly until: Promise<unknown> }
  | { readonly end: 'finish' | 'cut' | 'reset' };

/** Closes in order (with TLS: with its notice). */
export const FINISH: Step = { end: 'finish' };
/** Closes without notice. */
export const CUT: Step = { end: 'cut' };
/** Sends a TCP reset. */
export const RESET: Step = { end: 'reset' };

/** A request as it came in. */
interface FaultyRequest {
  /** Head and body, as on the wire. */
  readonly text: string;
  /** Counted over the whole life of the server, from 0. */
  readonly index: number;
  /** Counted in the same way. */
  readonly connection: number;
}

/** What the server does about each request. */
export type Script = (request: FaultyRequest) => readonly Step[];

/** How it listens. */
export interface FaultyServerOptions {
  /** TLS; plain TCP without it. */
  readonly tls?: tls.TlsOptions | undefined;
  readonly host?: string;
  /** Plays this as soon as somebody connects, before any request: on the bare TCP connection. */
  readonly greeting?: readonly Step[];
}

/** A running one. */
export interface FaultyServer {
  readonly port: number;
  /** `https://127.0.0.1:port` or `http://…`. */
  readonly url: URL;
  readonly requests: readonly FaultyRequest[];
  /** Connections that were accepted, whether or not anything came over them. */
  readonly connections: number;
  /** Bytes that came in over all connections, decrypted. */
  readonly received: number;
  close(): Promise<void>;
}

/** Starts a raw server on loopback that plays a script, right or wrong, byte by byte. */
export async function startFaultyServer(script: Script, options: FaultyServerOptions = {}): Promise<FaultyServer> {
  const host = options.host ?? '127.0.0.1';
  const seen = { requests: [] as FaultyRequest[], connections: 0, received: 0 };
  const sockets = new Set<net.Socket>();
  const accept = (socket: net.Socket): void => {
    const connection = seen.connections++;
    if (options.greeting !== undefined) return void play(socket, options.greeting);
    readRequests(
      socket,
      (bytes) => (seen.received += bytes),
      (text) => {
        const request = { text, index: seen.requests.length, connection };
        seen.requests.push(request);
        void play(socket, script(request));
      },
    );
  };
  const server = options.tls === undefined ? net.createServer(accept) : tls.createServer(options.tls, accept);
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  const { port } = address;
  return {
    port,
    url: new URL(
      `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ),
    requests: seen.requests,
    get connections() {
      return seen.connections;
    },
    get received() {
      return seen.received;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A whole answer with a correct length. */
export function answer(
  status: number,
  body: string | Buffer = '',
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const bytes = Buffer.from(body);
  const all = { 'content-type': 'application/json', 'content-length': String(bytes.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Said\r\n${lines.join('')}\r\n`, 'latin1'), bytes]);
}

function readRequests(socket: net.Socket, count: (bytes: number) => void, take: (text: string) => void): void {
  let pending = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    count(chunk.length);
    pending += chunk.toString('latin1');
    for (;;) {
      const headEnd = pending.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = Number(/^content-length: *(\d+)/im.exec(pending.slice(0, headEnd))?.[1] ?? 0);
      const end = headEnd + 4 + length;
      if (pending.length < end) return;
      const text = pending.slice(0, end);
      pending = pending.slice(end);
      take(text);
    }
  });
}

async function play(socket: net.Socket, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (socket.destroyed) return;
    if (typeof step === 'string' || Buffer.isBuffer(step)) socket.write(step);
    else if ('end' in step) await endConnection(socket, step.end);
    else if ('until' in step) await step.until;
    else if ('endless' in step) await sendEndlessly(socket, step.endless);
    else await drip(socket, Buffer.from(step.drip), step.everyMs);
  }
}

async function endConnection(socket: net.Socket, how: 'finish' | 'cut' | 'reset'): Promise<void> {
  if (how === 'finish') return void socket.end();
  await flushed(socket);
  if (how === 'cut') socket.destroy();
  else bareSocket(socket).resetAndDestroy();
}

/** Once everything written before is with the kernel. */
async function flushed(socket: net.Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.write('', () => resolve());
  });
}

/** A TLS socket cannot be reset itself; what carries it can. */
function bareSocket(socket: net.Socket): net.Socket {
  const parent: unknown = Reflect.get(socket, '_parent');
  return parent instanceof net.Socket ? parent : socket;
}

async function sendEndlessly(socket: net.Socket, bytes: string | Buffer): Promise<void> {
  while (!socket.destroyed) {
    if (socket.write(bytes)) continue;
    await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
  }
}

async function drip(socket: net.Socket, bytes: Buffer, everyMs: number): Promise<void> {
  for (const byte of bytes) {
    if (socket.destroyed) return;
    socket.write(Buffer.of(byte));
    await new Promise((resolve) => {
      setTimeout(resolve, everyMs);
    });
  }
}

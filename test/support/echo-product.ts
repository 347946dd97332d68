import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import type { Rehearsal } from '../../src/dev/index.ts';
import type { ServerReply, StrictProduct } from '../../src/dev/types.ts';

/** A product that only answers what it was asked, for tests of the frame around it: `/login` exchanges, `/read` reads. */
export const ECHO: StrictProduct = {
  type: 'echo',
  start: (world) => ({
    classify({ target }) {
      if (target.startsWith('/login')) return 'exchange';
      return target.startsWith('/read') ? 'read' : undefined;
    },
    async handle(request): Promise<ServerReply> {
      if (request.target === '/fail') throw new Error('the product failed');
      if (request.target === '/nothing') return { status: 204 };
      const verified =
        request.target === '/login' && (await world.verify(request.body.toString(), ['RS256'])) !== undefined;
      const { method, target, headers } = request;
      const echo = { method, target, body: request.body.toString('latin1'), header: headers['x-test'], verified };
      return {
        status: 200,
        headers: { 'content-type': 'application/json', 'x-echo': 'yes' },
        body: JSON.stringify(echo),
      };
    },
    variables: (url) => ({ ECHO_URL: url }),
    caVariable: 'ECHO_CA_FILE',
    configuration: (url) => ({ type: 'echo', url, ...Object.fromEntries(world.options) }),
  }),
};

/** Everything that came back on one connection, byte for byte, and how the connection ended. */
export interface WireAnswer {
  readonly text: string;
  readonly head: string;
  readonly body: string;
  readonly end: 'closed' | 'reset' | 'open';
}

/**
 * Sends one request over TLS, checked against the rehearsal's CA, and reads until the server ends the connection; a
 * connection still open after `quietMs` without a byte counts as open.
 */
export function ask(rehearsal: Rehearsal, request: string, quietMs = 2000): Promise<WireAnswer> {
  const { port } = new URL(rehearsal.url);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect({ host: '127.0.0.1', port: Number(port), ca: rehearsal.caPem });
    const finish = (end: WireAnswer['end']): void => {
      socket.destroy();
      const text = Buffer.concat(parts).toString('latin1');
      const at = text.indexOf('\r\n\r\n');
      resolve({ text, head: text.slice(0, Math.max(at, 0)), body: at < 0 ? '' : text.slice(at + 4), end });
    };
    let isSecure = false;
    socket.setTimeout(quietMs, () => finish('open'));
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.once('end', () => finish('closed'));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (isSecure && error.code === 'ECONNRESET') finish('reset');
      else reject(error);
    });
    socket.once('secureConnect', () => {
      isSecure = true;
      socket.write(request);
    });
  });
}

/** A request of HTTP/1.1 that asks for the connection to be closed after the answer. */
export function http(method: string, target: string, body = ''): string {
  const framing = body === '' ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${target} HTTP/1.1\r\nhost: test\r\nx-test: 1\r\nconnection: close\r\n${framing}\r\n${body}`;
}

/** A JSON file's content. */
export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Runtime } from '../../lib/runtime.ts';
import type { ServerReply, ServerRequest, StrictServer } from '../types.ts';
import { type AnswerContext, sendFault, sendReply } from './answer.ts';
import type { IssuedCertificate } from './certificates.ts';
import { type Fault, faultPicker } from './faults.ts';
import { openHttpsServer } from './https-server.ts';
import { type RequestLog, type RequestRecord } from './report.ts';

/** How the server around a product behaves. */
export interface StrictServerOptions {
  readonly product: StrictServer;
  readonly tls: IssuedCertificate;
  readonly log: RequestLog;
  readonly faults: readonly Fault[];
  /** Every answer is held back this long. */
  readonly latencyMs: number;
  /** Another origin on this machine: what a `redirect` fault points to. */
  readonly elsewhere: string;
  /** The server's wall clock, milliseconds. */
  now(): number;
}

/** A strict server that takes requests. */
export interface RunningServer {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  /** Stops it. Throws what the product threw first, if it did: a strict server that fails proves nothing. */
  close(): Promise<void>;
}

const BODY_BYTES = 1024 * 1024;

/** Puts a product's strict server on the wire: TLS, bounded bodies, its own clock, a record of every request, faults. */
export async function openStrictServer(options: StrictServerOptions, runtime: Runtime): Promise<RunningServer> {
  const stopping = new AbortController();
  const failures: unknown[] = [];
  const faults = faultPicker(options.faults);
  const server = await openHttpsServer(options.tls, async (incoming, response) => {
    const startedAt = runtime.monotonic();
    const record = options.log.open(incoming.method ?? '', incoming.url ?? '');
    response.once('close', () => {
      options.log.finish(record, response.headersSent ? response.statusCode : 0, runtime.monotonic() - startedAt);
    });
    const context: AnswerContext = {
      response,
      rawSocket: server.rawSocket(incoming),
      date: new Date(options.now()).toUTCString(),
      elsewhere: options.elsewhere,
      sleep: (milliseconds) => runtime.sleep(milliseconds, stopping.signal),
    };
    await answer({ options, incoming, context, record, pick: faults.pick }).catch((error: unknown) => {
      if (!stopping.signal.aborted) failures.push(error);
      throw error;
    });
  });
  return {
    url: `https://127.0.0.1:${server.port}`,
    async close() {
      stopping.abort(new Error('the server stops'));
      await server.close();
      if (failures.length > 0) throw failures[0];
    },
  };
}

interface Exchange {
  readonly options: StrictServerOptions;
  readonly incoming: IncomingMessage;
  readonly context: AnswerContext;
  readonly record: RequestRecord;
  pick(kind: 'exchange' | 'read' | undefined): Fault | undefined;
}

async function answer({ options, incoming, context, record, pick }: Exchange): Promise<void> {
  const body = await readBody(incoming);
  if (body === 'gone') return;
  if (body === 'too-big') return refuseBody(context.response);
  const request = serverRequest(incoming, body);
  const kind = options.product.classify(request);
  record.kind = kind;
  const fault = pick(kind);
  if (options.latencyMs > 0) await context.sleep(options.latencyMs);
  const reply = (): Promise<ServerReply> => options.product.handle(request);
  if (fault === undefined) sendReply(context, await reply());
  else await sendFault(context, fault, reply);
}

function serverRequest(incoming: IncomingMessage, body: Buffer): ServerRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return {
    method: incoming.method ?? '',
    target: incoming.url ?? '',
    headers,
    body,
    remoteAddress: incoming.socket.remoteAddress ?? '',
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | 'too-big' | 'gone'> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of incoming) {
      if (!Buffer.isBuffer(part)) continue;
      length += part.length;
      if (length > BODY_BYTES) return 'too-big';
      parts.push(part);
    }
  } catch {
    return 'gone';
  }
  return Buffer.concat(parts);
}

function refuseBody(response: ServerResponse): void {
  response.writeHead(413, { 'content-length': '0', connection: 'close' });
  response.end();
}

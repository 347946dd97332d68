import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

import type { ServerReply } from '../types.ts';
import type { Fault } from './faults.ts';

/** What an answer needs from the server around it. */
export interface AnswerContext {
  readonly response: ServerResponse;
  /** The TCP connection, for a reset. */
  readonly rawSocket: Socket | undefined;
  /** Value of the `Date` header. */
  readonly date: string;
  /** Where `redirect` points without `location=`: another origin on this machine. */
  readonly elsewhere: string;
  /** Rejects when the server stops. */
  sleep(milliseconds: number): Promise<void>;
}

const LOGIN_PAGE =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Please sign in</form></body></html>';
const CHUNK = Buffer.alloc(64 * 1024, 0x61);

/** Sends a reply as it is, framed by its length. */
export function sendReply(context: AnswerContext, reply: ServerReply): void {
  const body = bytesOf(reply);
  const { response } = context;
  writeHead(context, reply, reply.status === 204 || reply.status === 304 ? {} : { 'content-length': `${body.length}` });
  response.end(body);
}

/** Sends what the fault says; `reply` makes the product's true answer, for the faults that spoil it on the way. */
export async function sendFault(
  context: AnswerContext,
  fault: Fault,
  reply: () => Promise<ServerReply>,
): Promise<void> {
  const made = inventedReply(context, fault);
  if (made !== undefined) return sendReply(context, made);
  if (fault.kind === 'bigbody') return sendWithoutEnd(context, numberKey(fault, 'bytes', Number.POSITIVE_INFINITY));
  if (fault.kind === 'reset') return resetConnection(context);
  if (fault.kind === 'silent') return context.sleep(LONG_MS);
  return spoil(context, fault, await reply());
}

const LONG_MS = 2 ** 31 - 1;

function inventedReply(context: AnswerContext, fault: Fault): ServerReply | undefined {
  const { status, keys } = fault;
  switch (fault.kind) {
    case 'status':
      return statusReply(fault);
    case 'html':
      return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: LOGIN_PAGE };
    case 'empty':
      return { status, headers: { 'content-type': 'application/json' } };
    case 'badjson':
      return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"token":"cut o' };
    case 'redirect':
      return { status, headers: { location: keys.get('location') ?? context.elsewhere } };
    default:
      return undefined;
  }
}

function statusReply({ status, keys }: Fault): ServerReply {
  const headers: Record<string, string> = { 'content-type': keys.get('type') ?? 'application/json' };
  for (const name of ['retry-after', 'location']) {
    const value = keys.get(name);
    if (value !== undefined) headers[name] = value;
  }
  const error = keys.get('error') ?? 'rehearsal fault';
  return { status, headers, body: keys.get('body') ?? JSON.stringify({ error }) };
}

async function spoil(context: AnswerContext, fault: Fault, reply: ServerReply): Promise<void> {
  switch (fault.kind) {
    case 'gzip': {
      const headers = { ...reply.headers, 'content-encoding': 'gzip' };
      return sendReply(context, { ...reply, headers, body: gzipSync(bytesOf(reply)) });
    }
    case 'slow':
      await context.sleep(numberKey(fault, 'ms', 1000));
      return sendReply(context, reply);
    case 'drip':
      return drip(context, reply, numberKey(fault, 'ms', 200));
    case 'noframing':
      return sendUnframed(context, reply);
    default:
      return cut(context, reply, fault);
  }
}

async function drip(context: AnswerContext, reply: ServerReply, milliseconds: number): Promise<void> {
  const body = bytesOf(reply);
  writeHead(context, reply, { 'content-length': `${body.length}` });
  for (const byte of body) {
    if (context.response.destroyed) return;
    context.response.write(Buffer.of(byte));
    await context.sleep(milliseconds);
  }
  context.response.end();
}

/** Neither a length nor chunks: the body ends where the connection does (RFC 9112 6.3, item 8). */
function sendUnframed(context: AnswerContext, reply: ServerReply): void {
  context.response.useChunkedEncodingByDefault = false;
  writeHead(context, reply, { connection: 'close' });
  context.response.end(bytesOf(reply));
}

async function cut(context: AnswerContext, reply: ServerReply, fault: Fault): Promise<void> {
  const body = bytesOf(reply);
  writeHead(context, reply, { 'content-length': `${body.length}` });
  const sent = Math.min(numberKey(fault, 'at', Math.floor(body.length / 2)), Math.max(0, body.length - 1));
  context.response.flushHeaders();
  if (sent > 0) await write(context, body.subarray(0, sent));
  context.response.socket?.end();
}

async function sendWithoutEnd(context: AnswerContext, bytes: number): Promise<void> {
  const { response } = context;
  writeHead(context, { status: 200, headers: { 'content-type': 'application/json' } }, {});
  for (let left = bytes; left > 0 && !response.destroyed; left -= CHUNK.length) {
    await write(context, CHUNK.subarray(0, Math.min(left, CHUNK.length)));
  }
  response.end();
}

function resetConnection(context: AnswerContext): void {
  if (context.rawSocket === undefined) context.response.destroy();
  else context.rawSocket.resetAndDestroy();
}

/** Resolves when the bytes are handed to the system or the client is gone. */
function write(context: AnswerContext, bytes: Buffer): Promise<void> {
  const { response } = context;
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.write(bytes, () => {
      response.off('close', resolve);
      resolve();
    });
  });
}

function writeHead(context: AnswerContext, reply: ServerReply, framing: Readonly<Record<string, string>>): void {
  context.response.sendDate = false;
  context.response.writeHead(reply.status, { date: context.date, ...reply.headers, ...framing });
}

function bytesOf(reply: ServerReply): Buffer {
  if (reply.body === undefined) return Buffer.alloc(0);
  return typeof reply.body === 'string' ? Buffer.from(reply.body, 'utf8') : reply.body;
}

function numberKey(fault: Fault, key: string, otherwise: number): number {
  const text = fault.keys.get(key);
  return text === undefined ? otherwise : Number(text);
}

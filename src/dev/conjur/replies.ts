import type { ServerReply } from '../types.ts';

/** Rails' JSON content type. */
export const JSON_TYPE = 'application/json; charset=utf-8';

const TEXT_TYPE = 'text/plain; charset=utf-8';

/** A status and nothing else, as Conjur refuses most things: the reason is only in its log. */
export function bare(status: number): ServerReply {
  return { status };
}

/** A JSON answer with Rails' content type. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): ServerReply {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(body) };
}

/** A plain text answer. */
export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): ServerReply {
  return { status, headers: { 'content-type': TEXT_TYPE, ...headers }, body };
}

/** The first API's error shape (conjur-vault.md, 1.9). */
export function failure(status: number, code: string | number, message: string): ServerReply {
  return json(status, { error: { code, message } });
}

/** One text for whatever is not there, hidden or without a value. */
export function notFound(id: string): ServerReply {
  return failure(404, 'not_found', `CONJ00076E Variable ${id} is empty or not found.`);
}

/** 422, for what is well formed and makes no sense. */
export function unprocessable(message: string): ServerReply {
  return failure(422, 'unprocessable_entity', message);
}

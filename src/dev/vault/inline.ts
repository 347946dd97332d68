import { jsonIn, textMember } from '../../lib/json.ts';
import type { ServerReply, ServerRequest } from '../types.ts';
import { failure } from './replies.ts';

const PREFIX = 'x-vault-inline-auth-';
const PARAMETER = `${PREFIX}parameter-`;

/** Whether a request brings its own login (conjur-vault.md, 3.7). */
export function isInline({ headers }: ServerRequest): boolean {
  return headers[`${PREFIX}path`] !== undefined;
}

/** The login in a request: the body that a login request would have; or the refusal of what is no such login. */
export function inlineLogin({ headers }: ServerRequest, loginPath: string): Buffer | ServerReply {
  if (headers['x-vault-token'] !== undefined || headers['authorization'] !== undefined) {
    return failure(400, 'inline authentication cannot be used with a client token');
  }
  if (headers[`${PREFIX}path`] !== loginPath) return failed(failure(403, 'permission denied'));
  if ((headers[`${PREFIX}operation`] ?? 'update') !== 'update') return failed(failure(405, 'unsupported operation'));
  const fields = new Map<string, string>();
  for (const [name, text] of Object.entries(headers)) {
    if (!name.startsWith(PARAMETER)) continue;
    const parameter = parameterIn(text);
    if (parameter === undefined) return failed(failure(400, 'failed to decode inline authentication parameter'));
    if (fields.has(parameter.key)) return failed(failure(400, 'inline authentication parameter given twice'));
    fields.set(parameter.key, parameter.value);
  }
  return Buffer.from(JSON.stringify(Object.fromEntries(fields)));
}

/** The mark of an answer whose login part failed. */
export function failed(reply: ServerReply): ServerReply {
  return { ...reply, headers: { ...reply.headers, 'x-vault-inline-auth-failed': 'true' } };
}

/** Base64url without padding of an object with exactly the members `key` and `value`. */
function parameterIn(text: string): { readonly key: string; readonly value: string } | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) return undefined;
  const json = jsonIn(bytes);
  if (json?.kind !== 'object' || json.members.size !== 2 || json.repeated.size > 0) return undefined;
  const key = textMember(json, 'key');
  const value = textMember(json, 'value');
  return key === undefined || value === undefined ? undefined : { key, value };
}

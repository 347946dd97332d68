import { isUtf8 } from 'node:buffer';
import { member } from '../../lib/json.ts';
import type { ServerReply, ServerRequest } from '../types.ts';
import { jsonBody } from './login.ts';
import type { FortipamOptions } from './options.ts';
import { failure, success } from './replies.ts';
import { type StoredSecret, type Vault } from './vault.ts';

/** The part of the REST API that needs a good token. */
export interface StrictApi {
  handle(request: ServerRequest): ServerReply;
}

const READ = /^\/api\/v2\/cmdb\/secret\/database\/(?<id>[0-9]{1,10})$/;
const LIST = '/api/v2/cmdb/secret/database';
const LOOK_UP = '/api/v2/utility/id/';

/** Whether a request reads the values of one secret. */
export function isRead(request: ServerRequest): boolean {
  return request.method === 'GET' && READ.test(pathOf(request));
}

/** The API over this vault; what is checked out is forgotten with it. */
export function openStrictApi(vault: Vault, options: FortipamOptions): StrictApi {
  const out = new Set<number>();
  const holdings = { vault, options, out };
  return {
    handle(request) {
      const path = pathOf(request);
      const query = new URLSearchParams(request.target.slice(path.length));
      if (path.startsWith('/api/v2/internal/secret-check')) return check(request, path, holdings);
      if (request.method !== 'GET') return failure(request.method, 405, 'Method not allowed');
      if (path.startsWith(LOOK_UP)) return lookUp(path.slice(LOOK_UP.length), query, vault);
      if (!['root', null].includes(query.get('vdom'))) return failure('GET', 403, 'No access to this VDOM');
      if (path === LIST) return list(query, vault, out);
      const id = READ.exec(path)?.groups?.['id'];
      return id === undefined ? failure('GET', 404, 'Path not found') : read(Number(id), query, holdings);
    },
  };
}

interface Holdings {
  readonly vault: Vault;
  readonly options: FortipamOptions;
  /** Ids of the secrets that are checked out. */
  readonly out: Set<number>;
}

/** The path of a request's target, as it is on the wire. */
export function pathOf(request: ServerRequest): string {
  return request.target.split('?', 1)[0] ?? '';
}

function lookUp(encoded: string, query: URLSearchParams, vault: Vault): ServerReply {
  const path = decoded(encoded);
  const type = query.get('type');
  if (path === undefined) return failure('GET', 400, 'Malformed path');
  if (type !== 'secret' && type !== 'folder') return failure('GET', 424, 'type must be secret or folder');
  const id = type === 'secret' ? vault.secretAt(path)?.id : vault.folderAt(path);
  return id === undefined ? failure('GET', 404, 'Entry not found') : success('GET', { results: { id, type } });
}

/** Every row that the filter leaves, without a value: permission to list is another one than permission to read. */
function list(query: URLSearchParams, vault: Vault, out: ReadonlySet<number>): ServerReply {
  const filter = query.get('filter');
  const name = filter === null ? undefined : /^name==(?<name>.+)$/su.exec(filter)?.groups?.['name'];
  if (filter !== null && name === undefined) return failure('GET', 400, 'Unexpected filter');
  const rows = vault.secrets.filter((secret) => name === undefined || secret.name === name);
  const results = rows.map((secret) => recordHead(secret, out.has(secret.id)));
  return success('GET', { results, size: vault.secrets.length, matched_count: results.length });
}

function read(id: number, query: URLSearchParams, { vault, options, out }: Holdings): ServerReply {
  const secret = vault.secret(id);
  if (secret === undefined) return failure('GET', 404, 'Entry not found');
  if (secret.isForbidden) return failure('GET', 403, 'Insufficient permissions to get secret');
  if (options.checkout !== 'free' && !out.has(id)) return failure('GET', 403, 'Secret must be checked out first');
  const encoding = query.get('secret_encoding') ?? 'plain';
  if (encoding === 'base64') return success('GET', { results: [recordFor(secret, 'base64', query, options)] });
  if (encoding !== 'plain') return failure('GET', 424, 'secret_encoding must be base64 or plain');
  if (!secret.fields.every(({ value }) => isUtf8(value))) return failure('GET', 424, 'This secret needs base64');
  return success('GET', { results: [recordFor(secret, 'utf8', query, options)] });
}

function recordFor(secret: StoredSecret, encoding: BufferEncoding, query: URLSearchParams, options: FortipamOptions) {
  const wanted = query.get('fieldname');
  if (wanted !== null && options.shape === 'named') {
    const field = secret.fields.find(({ name }) => isCalled(name, wanted, options));
    return field === undefined ? {} : { [field.name]: field.value.toString(encoding) };
  }
  const field = secret.fields.map(({ name, type, value }, index) => {
    return { id: index + 1, name, type, value: value.toString(encoding) };
  });
  return { ...recordHead(secret, options.checkout !== 'free'), field };
}

function isCalled(name: string, wanted: string, options: FortipamOptions): boolean {
  return name === wanted || (options.fieldname === 'any-case' && name.toLowerCase() === wanted.toLowerCase());
}

function recordHead(secret: StoredSecret, isOut: boolean): Readonly<Record<string, unknown>> {
  const permissions = {
    user: secret.isForbidden ? 'list' : 'view',
    checkout_status: isOut ? 'owned' : 'none',
  };
  return { id: secret.id, name: secret.name, folder: secret.folder, template: 'Machine', permissions };
}

function check(request: ServerRequest, path: string, { vault, options, out }: Holdings): ServerReply {
  const action = path.slice('/api/v2/internal/secret-'.length);
  if (action !== 'checkout' && action !== 'checkin') return failure(request.method, 404, 'Path not found');
  if (request.method !== 'POST') return failure(request.method, 405, 'Method not allowed');
  const id = member(jsonBody(request), 'secret-id');
  if (id?.kind !== 'number') return failure('POST', 424, 'Expected secret-id to be a number');
  const secret = vault.secret(Number(id.text));
  if (secret === undefined) return failure('POST', 404, 'Entry not found');
  if (secret.isForbidden) return failure('POST', 403, 'Insufficient permissions');
  return action === 'checkout' ? checkOut(secret, options, out) : checkIn(secret, out);
}

function checkOut(secret: StoredSecret, options: FortipamOptions, out: Set<number>): ServerReply {
  if (options.checkout === 'free') return failure('POST', 424, 'Checkout is not enabled for this secret');
  if (options.checkout === 'held' || out.has(secret.id)) return failure('POST', 403, 'Secret is already checked out');
  out.add(secret.id);
  const password = secret.fields.find(({ name }) => name === 'Password')?.value.toString('utf8');
  return success('POST', { msg: 'Checked out', results: password });
}

function checkIn(secret: StoredSecret, out: Set<number>): ServerReply {
  if (!out.delete(secret.id)) return failure('POST', 403, 'Secret is not checked out');
  return success('POST', { msg: 'Checked in', results: '' });
}

function decoded(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

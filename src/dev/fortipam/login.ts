import { createHash } from 'node:crypto';

import { jsonIn, type JsonObject } from '../../lib/json.ts';
import { ASYMMETRIC, isWelcome } from '../frame/id-token.ts';
import type { RehearsalWorld, ServerReply, ServerRequest } from '../types.ts';
import type { FortipamOptions } from './options.ts';
import { failure, json } from './replies.ts';

/** How long an address stays locked out. */
const LOCK_OUT_MS = 60_000;

/** The JWT login of one api-user: who may in, which tokens are out, who is locked out. */
export interface Login {
  handle(request: ServerRequest): Promise<ServerReply>;
  /** What is known of an access token. */
  standing(token: string): 'good' | 'stale' | 'unknown';
  isTrusted(address: string): boolean;
  /** Ends every lease at once. */
  revokeAll(): void;
}

interface Failures {
  count: number;
  lockedUntilMs: number;
}

/** The login of one server, with nobody locked out yet. */
export function openLogin(world: RehearsalWorld, options: FortipamOptions): Login {
  const leases = new Map<string, number>();
  const failures = new Map<string, Failures>();
  const trusted = options['trusted-hosts'].split(' ').filter((host) => host !== '');
  const isTrusted = (address: string): boolean => trusted.length === 0 || trusted.includes(address);
  return {
    isTrusted,
    standing(token) {
      const endMs = leases.get(token);
      if (endMs === undefined) return 'unknown';
      return endMs > world.now() ? 'good' : 'stale';
    },
    revokeAll() {
      for (const token of leases.keys()) leases.set(token, 0);
    },
    async handle(request) {
      const record = failures.get(request.remoteAddress) ?? { count: 0, lockedUntilMs: 0 };
      failures.set(request.remoteAddress, record);
      if (record.lockedUntilMs > world.now()) return failure('POST', 429, 'Too many failed authentications');
      const jwt = jwtIn(request, options);
      if (typeof jwt !== 'string') return jwt;
      if (!isTrusted(request.remoteAddress) || !(await isWelcome(jwt, ASYMMETRIC, world)))
        return countFailure(record, world, options);
      failures.delete(request.remoteAddress);
      const token = `fpam-${createHash('sha256').update(`${leases.size} ${jwt}`).digest('base64url')}`;
      const endMs = world.now() + options['token-lifetime'] * 1000;
      leases.set(token, endMs);
      return json(200, loginAnswer(token, endMs, options));
    },
  };
}

function countFailure(record: Failures, world: RehearsalWorld, options: FortipamOptions): ServerReply {
  record.count++;
  if (record.count >= options.lockout) Object.assign(record, { count: 0, lockedUntilMs: world.now() + LOCK_OUT_MS });
  return failure('POST', 401, 'Authentication failed');
}

/** The ID token of a login request, or why it is not one. */
function jwtIn(request: ServerRequest, options: FortipamOptions): string | ServerReply {
  if (request.method !== 'POST') return failure(request.method, 405, 'Method not allowed');
  if (request.target !== options['login-path']) return failure('POST', 404, 'Not found');
  const fields = options['login-format'] === 'form' ? formFields(request) : jsonFields(request);
  if (fields === undefined) return failure('POST', 400, 'Malformed request');
  const wanted = [options['login-field'], ...(options.user === '' ? [] : ['username'])];
  const isComplete = wanted.every((name) => fields.has(name)) && fields.size === wanted.length;
  if (!isComplete) return failure('POST', 424, `Expected ${wanted.join(' and ')}`);
  if (options.user !== '' && fields.get('username') !== options.user)
    return failure('POST', 401, 'Authentication failed');
  return fields.get(options['login-field']) ?? '';
}

function formFields(request: ServerRequest): ReadonlyMap<string, string> | undefined {
  if (request.headers['content-type'] !== 'application/x-www-form-urlencoded') return undefined;
  return new Map(new URLSearchParams(request.body.toString('utf8')));
}

function jsonFields(request: ServerRequest): ReadonlyMap<string, string> | undefined {
  const body = jsonBody(request);
  if (body === undefined || body.repeated.size > 0) return undefined;
  const fields = new Map<string, string>();
  for (const [name, value] of body.members) {
    if (value.kind !== 'string') return undefined;
    fields.set(name, value.value);
  }
  return fields;
}

/** The JSON object in a request that says it brings JSON. */
export function jsonBody(request: ServerRequest): JsonObject | undefined {
  if (request.headers['content-type'] !== 'application/json') return undefined;
  const body = jsonIn(request.body);
  return body?.kind === 'object' ? body : undefined;
}

function loginAnswer(token: string, endMs: number, options: FortipamOptions): unknown {
  const path = options['answer-field'].split('.');
  const answer = path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), token);
  const expiry = {
    none: {},
    seconds: { expires_in: options['token-lifetime'] },
    date: { expires_in: endMs / 1000 },
  };
  return Object.assign({}, answer, expiry[options.expiry]);
}

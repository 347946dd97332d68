import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ServerRequest } from '../types.ts';
import type { JsonFailure } from './replies.ts';
import type { Session, Sessions } from './sessions.ts';

/** What a request must be signed for. */
export interface Scope {
  readonly region: string;
  readonly service: string;
  readonly nowMs: number;
}

/** How far the time of a signature may be from the server's clock, milliseconds. */
const SKEW_MS = 5 * 60_000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(?<id>\w+)\/(?<date>\d{8})\/(?<region>[\w-]+)\/(?<service>[\w-]+)\/aws4_request, SignedHeaders=(?<names>[\w;-]+), Signature=(?<signature>[0-9a-f]{64})$/;

/** Headers that a signature has to cover, besides all that begin with `x-amz-`. */
const COVERED = new Set(['host', 'content-type', 'x-amz-date', 'x-amz-target', 'x-amz-security-token']);

/** Whose request it is, by Signature Version 4, or why it is nobody's. Held against AWS's documentation, not against the client. */
export function signerOf(request: ServerRequest, scope: Scope, sessions: Sessions): Session | JsonFailure {
  const authorization = request.headers['authorization'];
  if (authorization === undefined) return fault('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const said = AUTHORIZATION.exec(authorization)?.groups;
  if (said === undefined) return fault('IncompleteSignatureException', 'Authorization header is not of the known form');
  const session = sessions.find(said['id'] ?? '');
  if (session === undefined || request.headers['x-amz-security-token'] !== session.sessionToken) {
    return fault('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  if (session.endMs <= scope.nowMs) {
    return fault('ExpiredTokenException', 'The security token included in the request is expired');
  }
  return formFault(request, said, scope) ?? signatureFault(request, said, session) ?? session;
}

function formFault(request: ServerRequest, said: Said, scope: Scope): JsonFailure | undefined {
  const names = (said['names'] ?? '').split(';');
  return scopeFault(said, scope) ?? timeFault(request, said['date'], scope) ?? coverFault(request.headers, names);
}

type Said = Readonly<Record<string, string>>;

function scopeFault(said: Said, { region, service }: Scope): JsonFailure | undefined {
  if (said['region'] !== region)
    return fault('InvalidSignatureException', `Credential should be scoped to a valid region.`);
  if (said['service'] === service) return undefined;
  return fault('InvalidSignatureException', `Credential should be scoped to correct service: '${service}'.`);
}

function timeFault({ headers }: ServerRequest, date: string | undefined, { nowMs }: Scope): JsonFailure | undefined {
  const said = headers['x-amz-date'] ?? '';
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(said);
  if (parts === null || !said.startsWith(`${date}T`)) {
    return fault('IncompleteSignatureException', 'Date must be in ISO-8601 basic format and that of the credential');
  }
  const [, year, month, day, hour, minute, second] = parts;
  const atMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (atMs < nowMs - SKEW_MS)
    return fault(
      'InvalidSignatureException',
      `Signature expired: ${said} is now earlier than the server's time - 5 min.`,
    );
  return atMs > nowMs + SKEW_MS ? fault('InvalidSignatureException', `Signature not yet current: ${said}`) : undefined;
}

function coverFault(headers: Said, names: readonly string[]): JsonFailure | undefined {
  const present = Object.keys(headers).filter((name) => COVERED.has(name) || name.startsWith('x-amz-'));
  const left = present.find((name) => !names.includes(name));
  const isSorted = names.join(';') === names.toSorted().join(';');
  if (left === undefined && isSorted && names.every((name) => headers[name] !== undefined)) return undefined;
  return fault('InvalidSignatureException', 'The request signature does not cover what it has to');
}

/** As AWS does, the message quotes the whole canonical request, the session token among its headers. */
function signatureFault(request: ServerRequest, said: Said, session: Session): JsonFailure | undefined {
  const canonical = canonicalRequest(request, said['names'] ?? '');
  const scope = `${said['date']}/${said['region']}/${said['service']}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = [said['date'], said['region'], said['service'], 'aws4_request'].reduce<Buffer>(
    (before, part) => hmac(before, part ?? ''),
    Buffer.from(`AWS4${session.secretAccessKey}`),
  );
  const expected = hmac(key, toSign);
  if (timingSafeEqual(expected, Buffer.from(said['signature'] ?? '', 'hex'))) return undefined;
  return fault(
    'InvalidSignatureException',
    `The request signature we calculated does not match the signature you provided. The Canonical String for this request should have been\n'${canonical}'`,
  );
}

function canonicalRequest({ method, target, headers, body }: ServerRequest, names: string): string {
  const [path = '', query = ''] = target.split('?', 2);
  const lines = names.split(';').map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/\s+/g, ' ')}`);
  return [method, path.split('/').map(encodeURIComponent).join('/'), query, ...lines, '', names, sha256(body)].join(
    '\n',
  );
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function fault(code: string, message: string): JsonFailure {
  return { code, message };
}

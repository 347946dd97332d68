import { unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type JsonObject, member, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { visible } from '../../lib/text.ts';
import { AccessTokenRefused } from '../types.ts';
import { envelopeOf, rejected } from './answers.ts';
import type { Api } from './api.ts';
import { lookUpTarget, unwrapTarget } from './requests.ts';

/** What was wrapped: the envelope that would have come without. */
export interface Unwrapped {
  readonly envelope: JsonObject;
  /** The text that its positions mean. */
  readonly source: string;
  readonly request: string;
}

/** Whether an envelope holds nothing but a wrapping token. */
export function isWrapped(envelope: JsonObject): boolean {
  return member(envelope, 'wrap_info')?.kind === 'object';
}

/**
 * The wrapping token in an answer to a request for `path`. Throws 76 where there is none, and where it was made for
 * another path: somebody between here and the server would have put it there (conjur-vault.md, 3.6).
 */
export function wrappingToken(envelope: JsonObject, path: string, request: string): Sensitive {
  const info = member(envelope, 'wrap_info');
  if (info?.kind !== 'object') throw unexpected({ request }, 'is not wrapped, though that was asked for');
  const token = info.repeated.size > 0 ? '' : (textMember(info, 'token') ?? '');
  if (!isSendable(token)) throw unexpected({ request }, 'holds no usable wrapping token');
  if (!isPath(textMember(info, 'creation_path'), path)) {
    throw unexpected({ request }, 'holds a wrapping token that was made for another path');
  }
  return new Sensitive(token);
}

/**
 * Opens what a wrapping token holds, once it is known to be made for `path`; undefined where that is nothing. Throws
 * SECRET_DENIED for one that is used up, over or unknown: somebody else may have what was in it.
 */
export async function unwrap(api: Api, token: Sensitive, path: string): Promise<Unwrapped | undefined> {
  if (!isSendable(token.reveal().toString('latin1'))) {
    throw new SecretctlError(
      'CONFIG_INVALID',
      'wrapping-token is no wrapping token: it holds other than visible ASCII',
    );
  }
  await checkOrigin(api, token, path);
  const answer = await opened(api, token);
  if (answer === undefined || isSpent(answer)) throw intercepted(answer?.status ?? 403);
  if (answer.status >= 400) throw rejected(withoutWords(answer));
  if (answer.status === 204) return undefined;
  const envelope = envelopeOf(answer, api.invocation.journal);
  return { envelope, source: answer.body.toString('utf8'), request: answer.request };
}

/** Whoever intercepts a wrapping token can use it and send another one, but not make that one look like the first. */
async function checkOrigin(api: Api, token: Sensitive, path: string): Promise<void> {
  const answer = await api.send(lookUpTarget(api.values, token));
  if (isSpent(answer)) throw intercepted(answer.status);
  if (answer.status >= 400) throw rejected(withoutWords(answer));
  const made = textMember(member(envelopeOf(answer, api.invocation.journal), 'data'), 'creation_path');
  if (isPath(made, path)) return;
  throw new SecretctlError(
    'SECRET_DENIED',
    `the wrapping token was made at ${visible(made ?? 'an unknown path')}, not at ${visible(path)}: possibly intercepted and replaced`,
    { hint: 'it was not opened; find out who had it before, and have a new one made' },
  );
}

async function opened(api: Api, token: Sensitive): Promise<HttpAnswer | undefined> {
  try {
    return await api.send(unwrapTarget(api.values), {
      value: token,
      expiresAtMs: undefined,
      lifetimeSeconds: undefined,
    });
  } catch (error) {
    if (error instanceof AccessTokenRefused) return undefined;
    throw error;
  }
}

/** 400 in the server's own words for it, 403 and 404 in those of proxies and older servers. */
function isSpent({ status }: HttpAnswer): boolean {
  return [400, 403, 404].includes(status);
}

function intercepted(status: number): SecretctlError {
  const message = `the wrapping token is used up, over or unknown (${status}): possibly intercepted`;
  return new SecretctlError('SECRET_DENIED', message, {
    hint: 'unless it was used here before or came too late, somebody else has what was in it: replace that secret',
  });
}

/** The server may quote what it was sent, which nobody else knows to be a secret. */
function withoutWords(answer: HttpAnswer): HttpAnswer {
  return { ...answer, body: Buffer.alloc(0) };
}

/** The server names the path without its namespace, a reference or a setting may have that in front. */
function isPath(made: string | undefined, path: string): boolean {
  return made !== undefined && made.includes('/') && (made === path || path.endsWith(`/${made}`));
}

/** RFC 6750 2.1 and what a header can carry. */
function isSendable(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}

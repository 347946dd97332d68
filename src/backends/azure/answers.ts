import { jsonAnswer, jsonIfAny, unavailable, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type JsonObject, member, textMember } from '../../lib/json.ts';
import { visible } from '../../lib/text.ts';

/** The JSON object of a success. Throws 76 for what is none. */
export function objectOf(answer: HttpAnswer): JsonObject {
  const json = jsonAnswer(answer);
  if (json.kind !== 'object') throw unexpected(answer, 'is not a JSON object');
  return json;
}

/** What a vault says of a failure. */
export interface VaultFault {
  /** `SecretNotFound`, `Forbidden`, … ; empty without any. */
  readonly code: string;
  /** The nearer reason: `ForbiddenByRbac`, `SecretDisabled`, …; empty without any. */
  readonly inner: string;
  /** Codes and the first line of its message, with a space in front; empty when it says nothing. */
  readonly words: string;
}

/** `error.code`, `error.message` and `error.innererror.code` of a failure (pam-cloud.md, 4.3). */
export function vaultFault(answer: HttpAnswer): VaultFault {
  const error = member(jsonIfAny(answer), 'error');
  const code = textMember(error, 'code') ?? '';
  const inner = textMember(member(error, 'innererror'), 'code') ?? '';
  const codes = inner === '' || inner === code ? code : `${code} (${inner})`;
  return { code, inner, words: words(codes, textMember(error, 'message') ?? '') };
}

/** What Entra says of a failure. */
export interface EntraFault {
  /** `invalid_client`, … (RFC 6749 5.2); empty without any. */
  readonly code: string;
  /** `AADSTS700016`, …; empty without any. */
  readonly number: string;
  /** The sentence, with a space in front; empty when it says nothing. */
  readonly words: string;
}

/** `error` and `error_description` of a failure; the description's first line begins with the number. */
export function entraFault(answer: HttpAnswer): EntraFault {
  const json = jsonIfAny(answer);
  const code = textMember(json, 'error') ?? '';
  const description = textMember(json, 'error_description') ?? '';
  const number = /^AADSTS[0-9]{1,10}/.exec(description)?.[0] ?? '';
  return { code, number, words: words(code, description) };
}

/** What nobody can read anything in: throttled (75), not answering (69). All else is left to whoever knows what was asked. */
export function refuseFinal(answer: HttpAnswer, said: string): void {
  const { status, request } = answer;
  if (status === 429) {
    throw new SecretctlError('RATE_LIMITED', `the server has had too many requests: 429${said} to ${request}`, {
      ...factsOf(answer),
      hint: 'run the job again later, and fewer jobs at a time',
    });
  }
  if (status >= 500) throw unavailable(answer, `the server answered ${status}${said} to ${request}`);
}

/** The id that both services give each request, where it came. */
export function factsOf(answer: HttpAnswer): { requestId?: string } {
  const requestId = answer.headers['x-ms-request-id'] ?? answer.requestId;
  return requestId === undefined ? {} : { requestId: visible(requestId) };
}

function words(codes: string, message: string): string {
  const [line = ''] = message.split(/\r?\n/, 1);
  const said = [codes, line].filter((part) => part !== '').map(visible);
  return said.length === 0 ? '' : ` ${said.join(': ')}`;
}

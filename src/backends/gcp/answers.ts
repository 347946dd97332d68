import { factsOf, jsonAnswer, jsonIfAny, unavailable, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, type JsonObject, member, textMember } from '../../lib/json.ts';
import { visible } from '../../lib/text.ts';

/** The JSON object of a success. Throws 76 for what is none. */
export function objectOf(answer: HttpAnswer): JsonObject {
  const json = jsonAnswer(answer);
  if (json.kind !== 'object') throw unexpected(answer, 'is not a JSON object');
  return json;
}

/** What a Google API says of a failure. */
export interface ApiFault {
  /** `PERMISSION_DENIED`, …; for the token service its code of RFC 6749 5.2. Empty without any. */
  readonly status: string;
  /** The reason of its ErrorInfo: `SERVICE_DISABLED`, …; empty without any. */
  readonly reason: string;
  /** The message as it came. */
  readonly message: string;
  /** All of it to be shown, with a space in front; empty when it says nothing. */
  readonly words: string;
}

/** `error.status`, `error.message` and the reason in `error.details`, or `error` and `error_description` (pam-cloud.md, 4.2). */
export function apiFault(answer: HttpAnswer): ApiFault {
  const json = jsonIfAny(answer);
  const error = member(json, 'error');
  const status = (error?.kind === 'string' ? error.value : textMember(error, 'status')) ?? '';
  const message = textMember(error, 'message') ?? textMember(json, 'error_description') ?? '';
  const reason = reasonIn(member(error, 'details'));
  const codes = reason === '' ? status : `${status} (${reason})`;
  const [line = ''] = message.split(/\r?\n/, 1);
  const said = [codes, line].filter((part) => part !== '').map(visible);
  return { status, reason, message, words: said.length === 0 ? '' : ` ${said.join(': ')}` };
}

/** What nobody can read anything in: throttled (75), not answering (69). All else is left to whoever knows what was asked. */
export function refuseFinal(answer: HttpAnswer, said: string): void {
  const { status, request } = answer;
  if (status === 429) {
    throw new SecretctlError('RATE_LIMITED', `a quota is used up: 429${said} to ${request}`, {
      ...factsOf(answer),
      hint: 'run the job again later, fewer jobs at a time, or let quota-project name a project with more',
    });
  }
  if (status >= 500) throw unavailable(answer, `the server answered ${status}${said} to ${request}`);
}

/** A request that the server rejects as such. */
export function rejected(answer: HttpAnswer, said: string, hint: string): SecretctlError {
  const message = `the server rejected ${answer.request}: ${answer.status}${said}`;
  return new SecretctlError('BAD_REQUEST', message, { ...factsOf(answer), hint });
}

function reasonIn(details: Json | undefined): string {
  if (details?.kind !== 'array') return '';
  return details.items.map((item) => textMember(item, 'reason') ?? '').find((reason) => reason !== '') ?? '';
}

import { jsonAnswer, jsonIfAny, unavailable, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, type JsonObject, member, numberMember, textMember } from '../../lib/json.ts';
import { quoted } from '../../lib/text.ts';

/** What an answer of the API means, once the status of HTTP and that of the envelope are both read. */
export type Verdict = Accepted | Failed<'unauthorized'> | Failed<'missing'> | Failed<'forbidden'> | Failed<'rejected'>;

/** A request that was granted, and its envelope. */
export interface Accepted {
  readonly kind: 'ok';
  readonly envelope: JsonObject;
}

/** One that was not. */
export interface Failed<Kind> {
  readonly kind: Kind;
  readonly status: number;
  /** The server's own word for it, in quotes and with a space before it, or empty. */
  readonly code: string;
}

/** An answer that FortiPAM's front end gave instead of its API: a login page. It never holds a secret (pam-cloud.md 1.2). */
export function isPage(answer: HttpAnswer): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(answer.headers['content-type'] ?? '');
}

/**
 * Reads one answer. Throws LOCKED_OUT for 429, UNAVAILABLE from 500 up, and 76 for what is not an envelope or is one
 * that calls itself a success and carries an error. A refusal needs no envelope to count, but that something does not
 * exist is believed only in one: a wrong path is answered 404 too.
 */
export function judge(answer: HttpAnswer): Verdict {
  const { request } = answer;
  refuseFinal(answer.status, answer);
  if (isPage(answer)) return { kind: 'unauthorized', status: answer.status, code: ' "a login page"' };
  if (answer.status >= 400 && answer.status !== 404) return failed(answer.status, codeIn(jsonIfAny(answer)));
  const envelope = jsonAnswer(answer);
  if (envelope.kind !== 'object') throw unexpected({ request }, 'is not a JSON object');
  const status = Math.max(answer.status, envelopeStatus(envelope, request));
  refuseFinal(status, answer);
  if (status >= 400) return failed(status, codeIn(envelope));
  refuseHiddenError(envelope, request);
  return { kind: 'ok', envelope };
}

/** The member `results` of an envelope. Throws UNEXPECTED_ANSWER when it is missing or stands there twice. */
export function resultsOf(envelope: JsonObject, request: string): Json {
  const results = member(envelope, 'results');
  if (results === undefined) throw unexpected({ request }, 'has no "results"');
  if (envelope.repeated.has('results')) throw unexpected({ request }, 'has "results" twice');
  return results;
}

/** What to say of a request that the server rejects as such: 400, 405, 413, 424, … */
export function badRequest(request: string, verdict: Failed<'rejected'>, hint?: string): SecretctlError {
  const message = `FortiPAM rejected ${request}: ${verdict.status}${verdict.code}`;
  return new SecretctlError('BAD_REQUEST', message, hint === undefined ? {} : { hint });
}

function refuseFinal(status: number, answer: HttpAnswer): void {
  if (status === 429) throw lockedOut(answer);
  if (status >= 500) throw unavailable(answer, `FortiPAM answered ${status} to ${answer.request}`);
}

/** `cli_error` says most; some failures have text in `error` instead, and all have a word in `status`. */
function codeIn(envelope: Json | undefined): string {
  const words = ['cli_error', 'error', 'status'].map((name) => textMember(envelope, name)?.trim());
  const word = words.find((one) => one !== undefined && one !== '');
  return word === undefined ? '' : ` ${quoted(word)}`;
}

function failed(status: number, code: string): Verdict {
  if (status === 401) return { kind: 'unauthorized', status, code };
  if (status === 403) return { kind: 'forbidden', status, code };
  return status === 404 ? { kind: 'missing', status, code } : { kind: 'rejected', status, code };
}

/** The status that the body names, 0 where it names none: a proxy may turn the one on the wire into 200. */
function envelopeStatus(envelope: JsonObject, request: string): number {
  if (!envelope.members.has('http_status')) return 0;
  const status = numberMember(envelope, 'http_status');
  if (status === undefined || envelope.repeated.has('http_status'))
    throw unexpected({ request }, 'has no clear "http_status"');
  return status;
}

/** `error` is 0 or missing in a success; `cli_error` and an error's text stand only in failures (pam-cloud.md 1.5). */
function refuseHiddenError(envelope: JsonObject, request: string): void {
  const error = member(envelope, 'error');
  const isFine = error === undefined || isNothing(error);
  const cliError = member(envelope, 'cli_error');
  if (isFine && (cliError === undefined || isNothing(cliError))) return;
  throw unexpected({ request }, 'calls itself a success and carries an error');
}

function isNothing(json: Json): boolean {
  if (json.kind === 'number') return Number(json.text) === 0;
  if (json.kind === 'string') return json.value === '';
  return json.kind === 'literal' && json.value !== true;
}

function lockedOut(answer: HttpAnswer): SecretctlError {
  const seconds = /^[0-9]{1,9}$/.test(answer.headers['retry-after'] ?? '')
    ? Number(answer.headers['retry-after'])
    : undefined;
  return new SecretctlError('LOCKED_OUT', `FortiPAM blocks this address for a while: 429 to ${answer.request}`, {
    hint: [
      'it does so after too many failed logins from one address; every further try prolongs it, so none was made',
      'find the job whose login fails (secretctl token shows what this one would send) before running again',
    ],
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  });
}

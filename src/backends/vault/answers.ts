import { factsOf, jsonAnswer, jsonIfAny, unavailable, unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, type JsonObject, member } from '../../lib/json.ts';
import type { Journal } from '../../lib/journal.ts';
import { visible } from '../../lib/text.ts';

/**
 * The envelope of an answer that is to be believed: of a success, and of a 404, which may hold data and warnings as
 * well (conjur-vault.md, 3.4). Its warnings are said. Throws 76 for what is no envelope.
 */
export function envelopeOf(answer: HttpAnswer, journal: Journal): JsonObject {
  const { request } = answer;
  const envelope = jsonAnswer(answer);
  if (envelope.kind !== 'object') throw unexpected({ request }, 'is not a JSON object');
  for (const name of ['data', 'auth', 'errors']) {
    if (envelope.repeated.has(name)) throw unexpected({ request }, `has "${name}" twice`);
  }
  for (const warning of warningsOf(envelope)) journal.warn(`the server says to ${request}: ${visible(warning)}`);
  return envelope;
}

/** Warnings in an envelope, as they came. */
export function warningsOf(envelope: JsonObject): readonly string[] {
  return textsOf(member(envelope, 'warnings'));
}

/**
 * The server's words for a failure, with a space before and in quotes, or empty. What Go prints as a list of errors
 * becomes one line.
 */
export function wordsOf(answer: HttpAnswer): string {
  const words = textsOf(member(jsonIfAny(answer), 'errors'))
    .join('; ')
    .replace(/^\d+ errors? occurred:\s*/u, '')
    .replaceAll(/\s*\n\s*(?:\*\s*)?/gu, ' ')
    .replace(/^\*\s*/u, '')
    .trim();
  return words === '' ? '' : ` "${visible(words)}"`;
}

/**
 * What nobody can read anything in: throttled (75), not answering (69), not understood (76). 403 and 404, and 400 to
 * a login, are left to whoever knows what was asked.
 */
export function refuseFinal(answer: HttpAnswer): void {
  const { status, request } = answer;
  const what = `${status}${wordsOf(answer)}`;
  if (status === 429) {
    throw new SecretctlError('RATE_LIMITED', `a quota of the server is used up: ${what} to ${request}`, {
      ...factsOf(answer),
      hint: 'run the job again later, and fewer jobs at a time',
    });
  }
  const hint = UNAVAILABLE[status];
  if (hint !== undefined || status >= 500) {
    throw unavailable(answer, `the server answered ${what} to ${request}`, hint);
  }
}

/** A request that the server rejects as such: 400, 405, 413, … */
export function rejected(answer: HttpAnswer, hint?: string): SecretctlError {
  const message = `the server rejected ${answer.request}: ${answer.status}${wordsOf(answer)}`;
  return new SecretctlError('BAD_REQUEST', message, hint === undefined ? {} : { hint });
}

const UNAVAILABLE: Readonly<Record<number, string>> = {
  412: 'this node has not caught up with the cluster; it was asked several times',
  472: 'this node is a disaster-recovery secondary: url must name another one',
  473: 'this node is a performance standby that does not answer: url must name another one',
  501: 'this server is not initialised yet',
  503: 'the server is sealed or under maintenance, or the namespace is locked',
};

function textsOf(json: Json | undefined): readonly string[] {
  if (json?.kind !== 'array') return [];
  return json.items.flatMap((item) => (item.kind === 'string' && item.value !== '' ? [item.value] : []));
}

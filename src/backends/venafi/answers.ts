import { factsOf, unavailable } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';
import { type Json, jsonIn, member, numberMember, textMember } from '../../lib/json.ts';
import { visible } from '../../lib/text.ts';

/**
 * The server's words for a failure, with a space before and in quotes, or empty: of OAuth's form (RFC 6749 5.2) or of
 * the product's own (pam-cloud.md, 3.2).
 */
export function wordsOf(answer: HttpAnswer): string {
  const json = jsonIn(answer.body);
  const oauth = [textMember(json, 'error'), textMember(json, 'error_description')];
  const own = listIn(json, 'errors').flatMap((one) => [numberMember(one, 'code'), textMember(one, 'message')]);
  const words = [...oauth, ...own].filter((word) => word !== undefined && word !== '').join(': ');
  return words === '' ? '' : ` "${visible(words)}"`;
}

/** The items of a list member; none where there is no such list. */
export function listIn(json: Json | undefined, name: string): readonly Json[] {
  const found = member(json, name);
  return found?.kind === 'array' ? found.items : [];
}

/** What nobody can read anything in: throttled (75), not answering (69). */
export function refuseFinal(answer: HttpAnswer): void {
  const { status, request } = answer;
  const what = `${status}${wordsOf(answer)}`;
  if (status === 429) {
    throw new SecretctlError('RATE_LIMITED', `the tenant's rate limit is reached: ${what} to ${request}`, {
      ...factsOf(answer),
      hint: 'run the job again later, and fewer jobs at a time',
    });
  }
  if (status >= 500) throw unavailable(answer, `the server answered ${what} to ${request}`);
}

/** A request that the server rejects as such: 400, 405, 412, … */
export function rejected(answer: HttpAnswer, hint?: string): SecretctlError {
  const message = `the server rejected ${answer.request}: ${answer.status}${wordsOf(answer)}`;
  return new SecretctlError('BAD_REQUEST', message, hint === undefined ? {} : { hint });
}

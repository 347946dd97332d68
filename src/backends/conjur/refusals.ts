import { serverCode, unavailable } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer } from '../../lib/http.ts';

/** The error for an answer whose status means nothing good and nothing special at this place. */
export function unexpectedStatus(answer: HttpAnswer): SecretctlError {
  const message = `Conjur answered ${answer.request} with status ${answer.status}${said(answer)}`;
  if (answer.status === 429) {
    return new SecretctlError('RATE_LIMITED', message, { hint: 'run the job again later, and fewer jobs at a time' });
  }
  if (answer.status >= 500) return unavailable(answer, message);
  return new SecretctlError(answer.status >= 400 ? 'BAD_REQUEST' : 'UNEXPECTED_ANSWER', message);
}

/** `: CONJ00016E Token expired`, or nothing where the body gives no reason (most often: Conjur keeps it in its log). */
export function said(answer: HttpAnswer): string {
  const code = serverCode(answer);
  return code === undefined ? '' : `: ${code}`;
}

/** Whether this says it is a web page, or says nothing and looks like one: a gateway's or proxy's, not Conjur's. */
export function isHtml(answer: HttpAnswer): boolean {
  const type = answer.headers['content-type'];
  if (type !== undefined) return /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(type);
  return /^\s*<(?:!doctype\s+html|html)\b/i.test(answer.body.subarray(0, 256).toString('latin1'));
}

import { SecretctlError } from './errors.ts';
import type { HttpAnswer } from './http.ts';
import { triesText } from './http-retry.ts';
import { type Json, JsonFault, jsonIn, member, parseJsonBytes } from './json.ts';
import { quoted, visible } from './text.ts';

/** `application/json`, any `+json`, and the vendor types that end in it; parameters aside. */
const JSON_TYPE = /^[\w.+-]+\/(?:[\w.+-]*[.+])?json$/;
const HTML_TYPE = /^(?:text\/html|application\/xhtml\+xml)$/;

/** How much of a body is searched for a page's beginning and its title, bytes. */
const SEARCHED = 2048;
const LONGEST_CODE = 200;

/**
 * The JSON body of an answer. Messages name the request and show no part of the body. Throws NOT_THE_API for
 * a web page (a login page, a captive portal), UNEXPECTED_ANSWER for an empty body or another content type, and
 * BAD_JSON with the position for what is not JSON (security.md, section 5 and rows 71 to 74).
 */
export function jsonAnswer(answer: HttpAnswer): Json {
  refuseHtml(answer);
  if (answer.body.length === 0) throw unexpected(answer, 'is empty');
  const type = contentType(answer);
  if (type === '') throw unexpected(answer, 'has no content type');
  if (!JSON_TYPE.test(type)) throw unexpected(answer, `is not JSON but ${quoted(type)}`);
  try {
    return parseJsonBytes(answer.body);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    // The fault's phrase is one of the reader's own and quotes nothing.
    const where = `${error.message}, at position ${error.position} of ${answer.body.length} bytes`;
    throw new SecretctlError('BAD_JSON', `the answer to ${answer.request} is not JSON: ${where}`, factsOf(answer));
  }
}

/** The body of a failure, if it is JSON at all. */
export function jsonIfAny(answer: HttpAnswer): Json | undefined {
  try {
    return jsonAnswer(answer);
  } catch (error) {
    if (error instanceof SecretctlError) return undefined;
    throw error;
  }
}

/** A fault in the shape of an answer; `what` completes "the answer to GET /x …" and holds nothing of the answer. */
export function unexpected(answer: Answered, what: string, hint?: string): SecretctlError {
  const facts = { ...factsOf(answer), ...(hint !== undefined && { hint }) };
  return new SecretctlError('UNEXPECTED_ANSWER', `the answer to ${answer.request} ${what}`, facts);
}

/** What a message says of an answer: what was asked, and the id that the server gave it, where it gave one. */
export interface Answered {
  readonly request: string;
  readonly requestId?: string | undefined;
}

/** The id of the request, where there is one, as a fact of an error. */
export function factsOf({ requestId }: Pick<Answered, 'requestId'>): { requestId?: string } {
  return requestId === undefined ? {} : { requestId };
}

/**
 * Refuses a web page where an API should have answered, whatever its status and whatever it calls itself. Throws
 * NOT_THE_API, which shows the page's title and no more.
 */
export function refuseHtml(answer: HttpAnswer): void {
  const start = answer.body.subarray(0, SEARCHED).toString('latin1');
  if (!HTML_TYPE.test(contentType(answer)) && !/^\s*<(?:!doctype\s+html|html)\b/i.test(start)) return;
  const title = /<title[^>]*>([^<]*)</i.exec(start)?.[1]?.replaceAll(/\s+/g, ' ').trim() ?? '';
  const shown = title === '' ? '' : `, titled ${quoted(title)}`;
  throw new SecretctlError(
    'NOT_THE_API',
    `${answer.request} was answered with a web page (status ${answer.status})${shown}`,
    {
      ...factsOf(answer),
      hint: "check the backend's URL and whether a proxy or a login page stands in between",
    },
  );
}

/**
 * The error for a server that answers, and only with failures: UNAVAILABLE, which says how often it was asked.
 * `message` says what it answered.
 */
export function unavailable(answer: HttpAnswer, message: string, hint = MAY_PASS): SecretctlError {
  const tried = answer.tries.count === 1 ? '' : `; ${triesText(answer.tries)}`;
  return new SecretctlError('UNAVAILABLE', `${message}${tried}`, {
    ...factsOf(answer),
    hint,
  });
}

const MAY_PASS = 'this may pass: run the job again';

/**
 * What a JSON error answer says about itself: its code and message, at most 200 characters, made visible; undefined
 * when it says nothing that is known to be shown. Never throws.
 */
export function serverCode(answer: HttpAnswer): string | undefined {
  if (!JSON_TYPE.test(contentType(answer))) return undefined;
  const json = jsonIn(answer.body);
  const words = wordsOf(member(json, 'error')) ?? wordsOf(firstOf(member(json, 'errors'))) ?? wordsOf(json);
  return words === undefined ? undefined : visible(words.slice(0, LONGEST_CODE));
}

/** A text as it is; of an object its code and its message. */
function wordsOf(json: Json | undefined): string | undefined {
  const plain = plainText(json);
  if (plain !== undefined) return plain;
  const code = plainText(member(json, 'code')) ?? plainText(member(json, 'type'));
  const message = plainText(member(json, 'message')) ?? plainText(member(json, 'error_description'));
  const words = [code, message].filter((word) => word !== undefined);
  return words.length === 0 ? undefined : words.join(': ');
}

function plainText(json: Json | undefined): string | undefined {
  if (json?.kind === 'string') return json.value === '' ? undefined : json.value;
  return json?.kind === 'number' ? json.text : undefined;
}

function firstOf(json: Json | undefined): Json | undefined {
  return json?.kind === 'array' ? json.items[0] : undefined;
}

/** The media type, lower-case, without parameters; empty when there is none. */
function contentType(answer: HttpAnswer): string {
  return (answer.headers['content-type'] ?? '').split(';', 1).join('').trim().toLowerCase();
}

import { jsonAnswer, refuseHtml } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer, HttpRequest } from '../../lib/http.ts';
import { jsonIn, member, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { AccessTokenRefused } from '../types.ts';
import { unexpectedStatus } from './refusals.ts';
import type { Site } from './site.ts';
import type { Variable } from './variables.ts';

/** Longest request line, bytes: nginx takes 8 KiB, other things on the way less (1.5). */
const LONGEST_LINE = 4095;

const LINE_AROUND = 'GET  HTTP/1.1\r\n'.length;

/** What one V1 batch came to: all of it, or why not. */
export type BatchAnswer =
  | { readonly kind: 'values'; readonly values: ReadonlyMap<Variable, Sensitive> }
  /** The server names the first one that does not exist. */
  | { readonly kind: 'missing'; readonly variable: Variable }
  /** At least one may not be read, or does not exist; which one is not said. */
  | { readonly kind: 'refused' }
  /** The request or its answer is too large for somebody. */
  | { readonly kind: 'too-much' }
  /** The encoding of the values cannot be relied on. */
  | { readonly kind: 'unusable' };

/** The path of a V1 batch below the base URL. The server splits at commas after decoding, so ids with commas stay out (1.5). */
export function batchPath(variables: readonly Variable[]): string {
  return `/secrets?variable_ids=${variables.map(encodedId).join(',')}`;
}

/** Splits into as few batches as the request line allows, in order. One that fits no line is a batch of its own. */
export function chunkV1(site: Site, variables: readonly Variable[]): Variable[][] {
  const empty = site.basePath.length + batchPath([]).length + LINE_AROUND;
  const chunks: Variable[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const variable of variables) {
    const added = encodedId(variable).length + 1;
    if (length + added > LONGEST_LINE) {
      chunks.push([]);
      length = empty;
    }
    chunks.at(-1)?.push(variable);
    length += added;
  }
  return chunks;
}

/** Asks for all of them at once. Throws AccessTokenRefused, NOT_THE_API, UNEXPECTED_ANSWER, BAD_JSON, … */
export async function askBatch(
  site: Site,
  variables: readonly Variable[],
  secretHeaders: HttpRequest['secretHeaders'],
): Promise<BatchAnswer> {
  const answer = await sendBounded(site, {
    method: 'GET',
    path: batchPath(variables),
    label: '/secrets?variable_ids={ids}',
    ...(secretHeaders && { secretHeaders }),
    maxAnswerBytes: site.maxAnswerBytes,
    retry: 'all',
    // The whole header must be this word, otherwise binary values fail the batch.
    contentEncoding: 'base64',
  });
  return answer === undefined ? { kind: 'too-much' } : judge(answer, variables);
}

/** The answer, or undefined when it is larger than is read. */
export async function sendBounded(site: Site, request: HttpRequest): Promise<HttpAnswer | undefined> {
  try {
    return await site.http.send(request);
  } catch (error) {
    if (error instanceof SecretctlError && error.reason === 'RESPONSE_TOO_BIG') return undefined;
    throw error;
  }
}

function judge(answer: HttpAnswer, variables: readonly Variable[]): BatchAnswer {
  switch (answer.status) {
    case 200:
      return isBase64(answer) ? { kind: 'values', values: valuesOf(answer, variables) } : unencoded(answer);
    case 401:
      throw new AccessTokenRefused();
    case 403:
      refuseHtml(answer);
      return { kind: 'refused' };
    case 404:
      refuseHtml(answer);
      return missingIn(answer, variables);
    case 406:
      return { kind: 'unusable' };
    case 400:
    case 413:
    case 414:
    case 422:
      // 422 too: more dynamic variables than the server reads at once. What is wrong for another reason shows itself in the end.
      return { kind: 'too-much' };
    default:
      throw unexpectedStatus(answer);
  }
}

function isBase64(answer: HttpAnswer): boolean {
  return answer.headers['content-encoding']?.trim().toLowerCase() === 'base64';
}

/** Somebody dropped the header of the request or of the answer: whether the values are base64 would be a guess. */
function unencoded(answer: HttpAnswer): BatchAnswer {
  jsonAnswer(answer);
  return { kind: 'unusable' };
}

function valuesOf(answer: HttpAnswer, variables: readonly Variable[]): ReadonlyMap<Variable, Sensitive> {
  const json = jsonAnswer(answer);
  const values = new Map<Variable, Sensitive>();
  for (const variable of variables) {
    const isRepeated = json.kind === 'object' && json.repeated.has(variable.fullId);
    const text = isRepeated ? undefined : textMember(json, variable.fullId)?.replace(/[\r\n]/g, '');
    const bytes = Buffer.from(text ?? '', 'base64');
    // Not by a pattern: on a value of some megabytes that overflows its stack.
    if (text === undefined || bytes.toString('base64') !== text) {
      throw new SecretctlError(
        'UNEXPECTED_ANSWER',
        `the answer to ${answer.request} has no usable value for one of the ids`,
        {
          hint: 'set batch to off to read one by one',
        },
      );
    }
    // An empty value cannot be stored: left out here, it is read alone, which settles what it is.
    if (text !== '') values.set(variable, new Sensitive(bytes));
  }
  return values;
}

/** Longest message that is searched for an id: a pattern's time grows with the square of what it searches. */
const LONGEST_MESSAGE = 8192;

/** `CONJ00076E Variable acct:variable:id is empty or not found.` with the id as it was sent. */
function missingIn(answer: HttpAnswer, variables: readonly Variable[]): BatchAnswer {
  const message = textMember(member(jsonIn(answer.body), 'error'), 'message')?.slice(0, LONGEST_MESSAGE) ?? '';
  const named = /\bVariable (.+) is empty or not found/s.exec(message)?.[1];
  const variable = variables.find((one) => one.fullId === named);
  return variable === undefined ? { kind: 'refused' } : { kind: 'missing', variable };
}

/** Colons between the parts stay as they are; those inside the id, and everything else, are encoded. */
function encodedId({ id, fullId }: Variable): string {
  const account = fullId.slice(0, fullId.length - id.length - ':variable:'.length);
  return `${encodeURIComponent(account)}:variable:${encodeURIComponent(id)}`;
}

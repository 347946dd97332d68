import { jsonAnswer, refuseHtml, serverCode } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { HttpAnswer, HttpRequest } from '../../lib/http.ts';
import { type Json, member, numberMember, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { AccessTokenRefused } from '../types.ts';
import { sendBounded } from './batch.ts';
import { unexpectedStatus } from './refusals.ts';
import { FORBIDDEN, MISSING } from './single.ts';
import type { Site } from './site.ts';
import type { Reading, Variable } from './variables.ts';

/** The path below the base URL; SaaS has no account in it (conjur-vault.md, 1.6). */
export const V2_PATH = '/secrets/values';

/** Media type of the vendor's second API. */
const V2_MEDIA_TYPE = 'application/x.secretsmgr.v2beta+json';

const MOST_IDS = 250;

/** Largest body, bytes, with room below the client's own limit of 32 KiB. */
const LARGEST_BODY = 24 * 1024;

/** Splits into calls of at most 250 ids, in order. */
export function chunkV2(variables: readonly Variable[]): Variable[][] {
  const chunks: Variable[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const variable of variables) {
    const added = Buffer.byteLength(JSON.stringify(variable.id)) + 1;
    if (bytes + added > LARGEST_BODY || chunks.at(-1)?.length === MOST_IDS) {
      chunks.push([]);
      bytes = bodyOf([]).length;
    }
    chunks.at(-1)?.push(variable);
    bytes += added;
  }
  return chunks;
}

/** What one call brought; variables that are not in it must be read in another way. */
export type V2Readings = ReadonlyMap<Variable, Reading>;

/**
 * Asks for all of them at once; each has its own status. When the server does not know this call, nothing is brought
 * and `site.learned.noV2` is set. Throws AccessTokenRefused, NOT_THE_API, UNEXPECTED_ANSWER, BAD_JSON, …
 */
export async function askBatchV2(
  site: Site,
  variables: readonly Variable[],
  secretHeaders: HttpRequest['secretHeaders'],
): Promise<V2Readings> {
  const answer = await sendBounded(site, {
    method: 'POST',
    path: V2_PATH,
    label: V2_PATH,
    headers: { accept: V2_MEDIA_TYPE, 'content-type': 'application/json' },
    ...(secretHeaders && { secretHeaders }),
    body: new Sensitive(bodyOf(variables)),
    maxAnswerBytes: site.maxAnswerBytes,
    retry: 'all',
  });
  if (answer === undefined) return new Map();
  if (answer.status === 401) throw new AccessTokenRefused();
  if (answer.status === 200) return readingsOf(answer, variables);
  if (isUnsupported(answer)) site.learned.noV2 = true;
  else if (![400, 403, 413, 414, 422].includes(answer.status)) throw unexpectedStatus(answer);
  // 403 says that the whole role is gone or that this call is not for it: the first API tells.
  if (answer.status === 403) refuseHtml(answer);
  return new Map();
}

function bodyOf(variables: readonly Variable[]): string {
  return JSON.stringify({ ids: variables.map((variable) => variable.id) });
}

function isUnsupported(answer: HttpAnswer): boolean {
  if ([404, 405, 406].includes(answer.status)) return true;
  return answer.status === 400 && (serverCode(answer) ?? '').includes('CONJ00194W');
}

function readingsOf(answer: HttpAnswer, variables: readonly Variable[]): V2Readings {
  const list = member(jsonAnswer(answer), 'secrets');
  if (list?.kind !== 'array') throw notUsable(answer, 'list of secrets');
  const items = new Map(list.items.map((item) => [textMember(item, 'id'), item]));
  if (items.size < list.items.length) throw notUsable(answer, 'entries: two are for one id');
  const readings = new Map<Variable, Reading>();
  for (const variable of variables) {
    const item = items.get(variable.id);
    if (item === undefined) throw notUsable(answer, 'entry for one of the ids');
    const reading = readingOf(item, answer);
    if (reading !== undefined) readings.set(variable, reading);
  }
  return readings;
}

/** Undefined when only a single read can tell: a value that was not text, or a status nobody described. */
function readingOf(item: Json, answer: HttpAnswer): Reading | undefined {
  const isRepeating = item.kind === 'object' && item.repeated.size > 0;
  const status = isRepeating ? undefined : numberMember(item, 'status');
  if (status === undefined) throw notUsable(answer, 'status for one of the ids');
  if (status === 404) return MISSING;
  if (status === 403) return FORBIDDEN;
  if (status !== 200) return undefined;
  const value = textMember(item, 'value');
  if (value === undefined) throw notUsable(answer, 'value for one of the ids');
  // U+FFFD is what became of bytes that are no text (1.6).
  if (value === '' || value.includes('\uFFFD') || !value.isWellFormed()) return undefined;
  return { value: new Sensitive(value) };
}

function notUsable({ request }: HttpAnswer, what: string): SecretctlError {
  return new SecretctlError('UNEXPECTED_ANSWER', `the answer to ${request} has no usable ${what}`, {
    hint: 'set batch to v1 or off if this server does not know the call',
  });
}

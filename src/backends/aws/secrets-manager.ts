import { unexpected } from '../../lib/answer.ts';
import { SecretctlError } from '../../lib/errors.ts';
import { type Json, type JsonObject, member, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { Api } from './api.ts';
import { rejected } from './api.ts';
import { type Failure } from './failures.ts';
import { type Found, type Item, refusedBy } from './outcomes.ts';
import type { WantedSecret } from './references.ts';

/** Secrets of one BatchGetSecretValue (pam-cloud.md, 4.1). */
export const MOST_SECRETS = 20;

/** Pages of one batch; with twenty secrets there are never as many. */
const MOST_PAGES = 50;

/** Reads one secret. Throws BAD_REQUEST and what the call throws. */
export async function readSecret(api: Api, { one }: Item<WantedSecret>): Promise<Found> {
  const reply = await api.call('secretsmanager', 'GetSecretValue', {
    SecretId: one.id,
    ...(one.versionId !== undefined && { VersionId: one.versionId }),
    ...(one.stage !== undefined && { VersionStage: one.stage }),
  });
  if ('json' in reply) {
    if (!isAsked(reply.json, one))
      throw unexpected(reply.answer, 'is about another secret or version than was asked for');
    return valueIn(reply.json, reply.answer.request);
  }
  const refused = refusedBy(reply.failure);
  if (refused === undefined) throw rejected(reply.answer, reply.failure);
  return refused;
}

/**
 * Reads the newest versions of several secrets at once; what the answer leaves open is not in the result, and nothing is
 * where the job may not read in batches. Throws what the call throws.
 */
export async function readBatch(
  api: Api,
  items: readonly Item<WantedSecret>[],
): Promise<ReadonlyMap<Item<WantedSecret>, Found>> {
  const found = new Map<Item<WantedSecret>, Found>();
  const tokens = new Set<string>();
  let next: string | undefined;
  do {
    const page = await readPage(api, items, next);
    if (page === undefined) return new Map();
    for (const [item, value] of page.found) found.set(item, value);
    next = page.next;
    if (next !== undefined && (tokens.has(next) || tokens.size === MOST_PAGES)) {
      throw unexpected(page, 'goes on without end');
    }
    if (next !== undefined) tokens.add(next);
  } while (next !== undefined);
  return found;
}

interface Page {
  readonly request: string;
  readonly found: readonly (readonly [Item<WantedSecret>, Found])[];
  readonly next: string | undefined;
}

/** Undefined where batches are not allowed, not taken, or too big to be read. */
async function readPage(
  api: Api,
  items: readonly Item<WantedSecret>[],
  next: string | undefined,
): Promise<Page | undefined> {
  try {
    const reply = await api.call('secretsmanager', 'BatchGetSecretValue', {
      SecretIdList: items.map(({ one }) => one.id),
      ...(next !== undefined && { NextToken: next }),
    });
    return 'failure' in reply ? undefined : pageIn(reply.json, items, { api, request: reply.answer.request });
  } catch (error) {
    if (error instanceof SecretctlError && error.reason === 'RESPONSE_TOO_BIG') return undefined;
    throw error;
  }
}

function pageIn(
  json: JsonObject,
  items: readonly Item<WantedSecret>[],
  { api, request }: { readonly api: Api; readonly request: string },
): Page {
  const [values, errors] = ['SecretValues', 'Errors'].map((name) => listIn(json, name, request));
  if (values === undefined && errors === undefined) throw unexpected({ request }, 'holds neither values nor errors');
  const found = [
    ...(values ?? []).flatMap((entry) => {
      if (entry.kind !== 'object') throw unexpected({ request }, 'holds a value that is no object');
      const value = valueIn(entry, request);
      return items.filter(({ one }) => isOf(entry, one.id)).map((item) => [item, value] as const);
    }),
    ...(errors ?? []).flatMap((entry) =>
      refusedIn(api.harmless(failureOf(entry)), textMember(entry, 'SecretId'), items),
    ),
  ];
  const token = textMember(json, 'NextToken');
  return { request, found, next: token === '' ? undefined : token };
}

/** Whatever else is wrong with a secret is seen when it is read alone. */
function refusedIn(failure: Failure, id: string | undefined, items: readonly Item<WantedSecret>[]): Page['found'] {
  const refused = refusedBy(failure);
  if (refused === undefined) return [];
  return items.filter(({ one }) => one.id === id).map((item) => [item, refused] as const);
}

function listIn(json: JsonObject, name: string, request: string): readonly Json[] | undefined {
  const list = member(json, name);
  if (list === undefined || (list.kind === 'literal' && list.value === null)) return undefined;
  if (list.kind !== 'array' || json.repeated.has(name)) throw unexpected({ request }, `has no clear "${name}"`);
  return list.items;
}

/** Whether an entry is what `id` names: by name, by ARN, or by an ARN without the six characters that AWS adds. */
function isOf(entry: JsonObject, id: string): boolean {
  const arn = textMember(entry, 'ARN') ?? '';
  return (
    textMember(entry, 'Name') === id || arn === id || (id.startsWith('arn:') && arn.replace(/-[^-]{6}$/, '') === id)
  );
}

/** Whether an answer about one secret is about this one, in the version that was asked for. */
function isAsked(json: JsonObject, { id, versionId, stage }: WantedSecret): boolean {
  if (['Name', 'ARN', 'VersionId', 'VersionStages'].some((name) => json.repeated.has(name))) return false;
  if (!isOf(json, id) || (versionId !== undefined && textMember(json, 'VersionId') !== versionId)) return false;
  const stages = member(json, 'VersionStages');
  const isStaged = stages?.kind === 'array' && stages.items.some((one) => one.kind === 'string' && one.value === stage);
  return stage === undefined || isStaged;
}

function failureOf(entry: Json): Failure {
  return { code: textMember(entry, 'ErrorCode') ?? '', message: textMember(entry, 'Message') ?? '' };
}

/** The value of one secret: text, or bytes in base64. */
function valueIn(json: JsonObject, request: string): Found {
  const text = present(json, 'SecretString');
  const encoded = present(json, 'SecretBinary');
  const versionId = textMember(json, 'VersionId');
  const version = versionId === undefined ? {} : { version: versionId };
  if (text !== undefined && encoded === undefined) {
    if (text.kind !== 'string' || json.repeated.has('SecretString')) throw unexpected({ request }, NO_VALUE);
    if (!text.value.isWellFormed()) throw unexpected({ request }, HALF);
    return { value: new Sensitive(text.value), ...version };
  }
  if (encoded?.kind !== 'string' || text !== undefined || json.repeated.has('SecretBinary')) {
    throw unexpected({ request }, NO_VALUE);
  }
  const bytes = Buffer.from(encoded.value, 'base64');
  if (bytes.toString('base64') !== encoded.value) throw unexpected({ request }, 'holds a value that is not base64');
  return { value: new Sensitive(bytes), ...version };
}

const NO_VALUE = 'has no clear value';

/** Such a text has no UTF-8 form: writing it would put another character in its place. */
const HALF = 'holds a value with half a character (a lone surrogate)';

function present(json: JsonObject, name: string): Json | undefined {
  const found = member(json, name);
  return found?.kind === 'literal' && found.value === null ? undefined : found;
}

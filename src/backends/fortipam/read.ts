import { unexpected } from '../../lib/answer.ts';
import { type Json, type JsonObject, member } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { Outcome, Refused } from '../types.ts';
import { badRequest, resultsOf } from './answers.ts';
import { type Api, rulingOn } from './api.ts';
import { withCheckOut } from './check-out.ts';
import { allFieldsOf, bytesOf, fieldOf } from './fields.ts';
import { onlyField, type Wanted } from './references.ts';
import { lookUpTarget, readTarget, type SecretId } from './requests.ts';

/** Why a secret did not come: an outcome without its reference. */
export type Refusal = Pick<Refused, 'refusal' | 'reason'>;

/** The id of the secret at a path, or why there is none. Throws what {@link rulingOn} throws, and BAD_REQUEST. */
export async function idOf(api: Api, path: string): Promise<SecretId | Refusal> {
  const answer = await api.send(lookUpTarget(api.values, path));
  const ruling = rulingOn(answer);
  if (ruling.kind === 'rejected') throw badRequest(answer.request, ruling);
  if (ruling.kind === 'missing') return { refusal: 'missing', reason: `no secret at this path${ruling.code}` };
  if (ruling.kind === 'forbidden')
    return { refusal: 'forbidden', reason: `its path may not be looked up${ruling.code}` };
  return idIn(ruling.envelope, answer.request) ?? { refusal: 'missing', reason: 'no secret at this path' };
}

/** One outcome for each of the fields that are wanted of one secret; at most one check-out, which is checked in again. */
export async function readSecret(api: Api, id: SecretId, wanted: readonly Wanted[]): Promise<Outcome[]> {
  const read = (): Promise<Outcome[] | Refusal> => readFields(api, id, wanted);
  const mode = api.values['check-out'];
  const first = mode === 'always' ? undefined : await read();
  if (first !== undefined && (Array.isArray(first) || first.refusal === 'missing' || mode === 'never')) {
    return spread(first, wanted);
  }
  // The secret exists and may not be read: for all that can be told, because it has to be checked out first.
  const text = wanted[0]?.ref.text ?? id;
  const second = await withCheckOut(api, { id, text }, read);
  if (!('refused' in second)) return spread(second, wanted);
  const check = `its check-out was refused: ${second.refused}`;
  return spread({ refusal: 'forbidden', reason: first === undefined ? check : `${first.reason}; ${check}` }, wanted);
}

/** What {@link fieldOf} finds in the record. The field alone is asked for when there is but one. */
async function readFields(api: Api, id: SecretId, wanted: readonly Wanted[]): Promise<Outcome[] | Refusal> {
  const field = onlyField(wanted);
  if (field !== undefined) {
    const narrow = await readRecord(api, id, field);
    if (narrow !== undefined && 'refusal' in narrow) return narrow;
    const outcomes = narrow === undefined ? [] : wanted.map((one) => outcomeIn(narrow, one, api));
    if (outcomes.length > 0 && outcomes.every((one) => 'value' in one)) return outcomes;
    // Whether the server overlooks letter case in "fieldname" is not documented; in the whole record we do.
  }
  const whole = await readRecord(api, id);
  if (whole === undefined) return { refusal: 'missing', reason: 'no secret with this id' };
  return 'refusal' in whole ? whole : wanted.map((one) => outcomeIn(whole, one, api));
}

/** A record, and the request that brought it. */
interface Found {
  readonly record: JsonObject;
  readonly request: string;
}

/** The record in the answer, undefined when the answer has none. */
async function readRecord(api: Api, id: SecretId, field?: string): Promise<Found | Refusal | undefined> {
  const answer = await api.send(readTarget(api.values, id, field));
  const { request } = answer;
  const ruling = rulingOn(answer);
  if (ruling.kind === 'rejected') throw badRequest(request, ruling);
  if (ruling.kind === 'missing') return { refusal: 'missing', reason: `no secret with this id${ruling.code}` };
  if (ruling.kind === 'forbidden') return { refusal: 'forbidden', reason: `it may not be read${ruling.code}` };
  const record = recordIn(resultsOf(ruling.envelope, request), request);
  return record && { record, request };
}

function recordIn(results: Json, request: string): JsonObject | undefined {
  if (isEmpty(results)) return undefined;
  if (results.kind === 'object') return results;
  if (results.kind !== 'array') throw unexpected({ request }, 'has no record in "results"');
  const [record] = results.items;
  if (record?.kind !== 'object' || results.items.length > 1)
    throw unexpected({ request }, 'has no single record in "results"');
  return record;
}

function outcomeIn({ record, request }: Found, { ref, field, isWhole, rest }: Wanted, { values }: Api): Outcome {
  if (isWhole) {
    const all = allFieldsOf(record, values['secret-encoding'], request);
    return all instanceof Sensitive ? { ref, value: all, rest } : { ref, refusal: 'missing', reason: all.missing };
  }
  const found = fieldOf(record, field, request);
  if (typeof found !== 'string') return { ref, refusal: 'missing', reason: found.missing };
  return { ref, value: bytesOf(found, values['secret-encoding'], request), rest };
}

function spread(found: Outcome[] | Refusal, wanted: readonly Wanted[]): Outcome[] {
  return Array.isArray(found) ? found : wanted.map(({ ref }) => ({ ref, ...found }));
}

/** `results.id`, or a bare `id`; undefined when there is none to speak of. Throws UNEXPECTED_ANSWER. */
function idIn(envelope: JsonObject, request: string): SecretId | undefined {
  const results = member(envelope, 'results') ?? envelope;
  if (isEmpty(results)) return undefined;
  const id = member(results, 'id');
  const digits = id?.kind === 'string' ? id.value : id?.kind === 'number' ? id.text : '';
  if (digits === '0') return undefined;
  if (!/^[1-9][0-9]{0,9}$/.test(digits)) throw unexpected({ request }, 'holds no id of a secret');
  return digits;
}

function isEmpty(results: Json): boolean {
  if (results.kind === 'array') return results.items.length === 0;
  if (results.kind === 'object') return results.members.size === 0;
  return results.kind === 'literal' && results.value === null;
}

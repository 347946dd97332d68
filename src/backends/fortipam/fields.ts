import { isUtf8 } from 'node:buffer';
import { unexpected } from '../../lib/answer.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import { member, textMember } from '../../lib/json.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { quoted } from '../../lib/text.ts';

/** A field that the record does not hold: why, completing "prod/db#x: …". */
export interface NoField {
  readonly missing: string;
}

/**
 * The value of a field in either shape of a record: `field: [{name, value}]`, or members named after the fields. The
 * name as written wins; otherwise letter case is overlooked, because the GUI says `Password` where the vendor's
 * examples say `password` (pam-cloud.md 1.4). Throws UNEXPECTED_ANSWER for a value that is not text or a number.
 */
export function fieldOf(record: JsonObject, name: string, request: string): string | NoField {
  const listed = member(record, 'field');
  if (listed?.kind !== 'array') return fromMembers(record, name, request);
  const fields = listed.items.map((item) => ({ name: textMember(item, 'name'), value: member(item, 'value') }));
  const names = fields.map((field) => field.name).filter((one) => one !== undefined);
  const chosen = choose(names, name, request);
  if (typeof chosen === 'string') return textOf(fields.find((field) => field.name === chosen)?.value, request, name);
  // Beside the list a record has members of its own; one is meant only when it is named exactly.
  if (name !== 'field' && record.members.has(name)) return fromMembers(record, name, request);
  return chosen;
}

/** The bytes of a field's value, taken out of the encoding that was asked for. Throws UNEXPECTED_ANSWER. */
export function bytesOf(value: string, encoding: 'plain' | 'base64', request: string): Sensitive {
  if (encoding === 'base64') {
    const bytes = Buffer.from(value, 'base64');
    if (bytes.toString('base64') !== value) throw unexpected({ request }, 'holds a value that is not base64');
    return new Sensitive(bytes);
  }
  // A lone surrogate has no UTF-8 form: writing it would put another character in its place.
  if (!value.isWellFormed()) throw unexpected({ request }, 'holds a value with half a character (a lone surrogate)');
  return new Sensitive(value);
}

/**
 * All fields of a whole record as a JSON object of texts; one without a value is left out. The members beside the list are
 * the record's own and no fields. Throws UNEXPECTED_ANSWER.
 */
export function allFieldsOf(record: JsonObject, encoding: 'plain' | 'base64', request: string): Sensitive | NoField {
  const listed = member(record, 'field');
  if (listed?.kind !== 'array') return { missing: 'its fields are not listed' };
  const members: string[] = [];
  for (const item of listed.items) {
    const name = textMember(item, 'name');
    const value = member(item, 'value');
    if (name === undefined || value === undefined || value.kind === 'literal') continue;
    const bytes = bytesOf(textOf(value, request, name), encoding, request).reveal();
    if (!isUtf8(bytes)) return { missing: `the field ${quoted(name)} is no text` };
    members.push(`${JSON.stringify(name)}:${JSON.stringify(bytes.toString('utf8'))}`);
  }
  return new Sensitive(`{${members.join(',')}}`);
}

function fromMembers(record: JsonObject, name: string, request: string): string | NoField {
  const chosen = choose([...record.members.keys()], name, request);
  if (typeof chosen !== 'string') return chosen;
  if (record.repeated.has(chosen)) throw unexpected({ request }, 'names a field twice');
  return textOf(member(record, chosen), request, name);
}

/** The one of `names` that is meant. Throws UNEXPECTED_ANSWER when the very same name stands there twice. */
function choose(names: readonly string[], wanted: string, request: string): string | NoField {
  const exact = names.filter((name) => name === wanted);
  if (exact.length > 1) throw unexpected({ request }, 'names a field twice');
  if (exact.length === 1) return wanted;
  const folded = names.filter((name) => name.toLowerCase() === wanted.toLowerCase());
  const [only] = folded;
  if (only !== undefined && folded.length === 1) return only;
  if (only === undefined) return { missing: `no field ${quoted(wanted)}` };
  return { missing: `several fields are called ${quoted(wanted)} if letter case is overlooked` };
}

function textOf(value: Json | undefined, request: string, name: string): string {
  if (value?.kind === 'string') return value.value;
  if (value?.kind === 'number') return value.text;
  throw unexpected({ request }, `has no text in the field ${quoted(name)}`);
}

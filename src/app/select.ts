import { type Json, JsonFault, jsonText, parseJsonBytes } from '../lib/json.ts';
import { Sensitive } from '../lib/sensitive.ts';

/** A selection that found nothing: why, completing "prod/db#password: …". Never any of the value. */
export interface NotSelected {
  readonly missing: string;
}

/**
 * Selects inside a JSON value: `['a', 'b.c']` is the member `b.c` of the member `a`; a number selects in an array.
 * A string gives its text, anything else its JSON as it stands in the value, digits and all.
 */
export function selectField(value: Sensitive, field: readonly string[]): Sensitive | NotSelected {
  if (field.length === 0) return value;
  let current: Json;
  try {
    current = parseJsonBytes(value.reveal());
  } catch (error) {
    // The phrase of a fault is one of the reader's own and quotes nothing.
    if (error instanceof JsonFault) return { missing: `the value is not JSON that can be read: ${error.message}` };
    throw error;
  }
  for (const [depth, segment] of field.entries()) {
    // Which of the two is meant, readers do not agree on.
    if (current.kind === 'object' && current.repeated.has(segment))
      return { missing: `the field stands twice${at(depth)}` };
    const next = step(current, segment);
    if (next === undefined) return { missing: `no such field${at(depth)}` };
    current = next;
  }
  if (current.kind === 'literal' && current.value === null) return { missing: 'the field is null' };
  const text = jsonText(current, value.reveal().toString('utf8'));
  // A lone surrogate has no UTF-8 form: writing it would put another character in its place.
  return text.isWellFormed() ? new Sensitive(text) : { missing: 'the field holds half a character (a lone surrogate)' };
}

function at(depth: number): string {
  return depth === 0 ? '' : ` at level ${depth + 1}`;
}

function step(json: Json, segment: string): Json | undefined {
  if (json.kind === 'object') return json.members.get(segment);
  if (json.kind === 'array' && /^(?:0|[1-9][0-9]{0,8})$/.test(segment)) return json.items[Number(segment)];
  return undefined;
}

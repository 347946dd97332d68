import { SecretctlError } from '../../lib/errors.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import type { Sensitive } from '../../lib/sensitive.ts';
import { quoted } from '../../lib/text.ts';
import type { Refused } from '../types.ts';

/** One thing to read: a variable at a version. Several references may mean the same one. */
export interface Variable {
  /** Path without account and kind. */
  readonly id: string;
  /** `account:variable:path`. */
  readonly fullId: string;
  readonly version: number | undefined;
  readonly refs: readonly SecretRef[];
}

/** What came of reading a variable. */
export type Reading = { readonly value: Sensitive } | Pick<Refused, 'refusal' | 'reason'>;

/** The distinct variables behind these references, in order. Throws REFERENCE_INVALID for an id that no URL can carry. */
export function variablesOf(refs: readonly SecretRef[], account: string): Variable[] {
  const found = new Map<string, Variable & { readonly refs: SecretRef[] }>();
  for (const ref of refs) {
    const id = bareId(ref, account);
    const key = `${ref.version ?? ''}:${id}`;
    const known = found.get(key);
    if (known !== undefined) known.refs.push(ref);
    else found.set(key, { id, fullId: `${account}:variable:${id}`, version: ref.version, refs: [ref] });
  }
  return [...found.values()];
}

/** A path that begins with this account and kind is a full id, as the vendor's clients take it (1.10). */
function bareId(ref: SecretRef, account: string): string {
  const prefix = `${account}:variable:`;
  const id = ref.path.startsWith(prefix) ? ref.path.slice(prefix.length) : ref.path;
  // A segment of dots alone would be taken for a step in the path, however it is encoded.
  if (id !== '' && !/^\.{1,2}$/.test(id) && id.isWellFormed()) return id;
  throw new SecretctlError('REFERENCE_INVALID', `${quoted(ref.text)} is no id that Conjur can have`);
}

/** Whether reading it makes a new credential. */
export function isDynamic(variable: Pick<Variable, 'id'>): boolean {
  return variable.id.startsWith('data/dynamic/');
}

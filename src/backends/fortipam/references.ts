import { SecretctlError } from '../../lib/errors.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { visible } from '../../lib/text.ts';
import type { FortipamValues } from './settings.ts';

/** One reference as FortiPAM has it: a secret and one of its fields. */
export interface Wanted {
  readonly ref: SecretRef;
  /** Folders and name separated by slashes, or the id in digits. */
  readonly path: string;
  readonly isId: boolean;
  readonly field: string;
  /** All of its fields, as one JSON object. */
  readonly isWhole: boolean;
  /** What is left of the reference's field, to be selected inside the value. */
  readonly rest: readonly string[];
}

/** All references, taken apart. Throws one REFERENCE_INVALID that names each one FortiPAM cannot have. */
export function wantedFrom(refs: readonly SecretRef[], values: FortipamValues): Wanted[] {
  const faults = refs.flatMap((ref) => {
    const fault = faultOf(ref);
    return fault === undefined ? [] : [`${ref.name}: ${visible(ref.text)}: ${fault}`];
  });
  if (faults.length > 0) {
    throw new SecretctlError('REFERENCE_INVALID', 'FortiPAM has no such references', { details: faults });
  }
  return refs.map((ref) => {
    const [field = values.field, ...rest] = ref.field;
    const isWhole = ref.every === true && ref.field.length === 0;
    return { ref, path: ref.path, isId: isId(ref.path), field, isWhole, rest };
  });
}

/** The one field that is wanted of a secret; undefined when there are several, and the whole record is asked for. */
export function onlyField(wanted: readonly Wanted[]): string | undefined {
  if (wanted.some(({ isWhole }) => isWhole)) return undefined;
  const fields = new Set(wanted.map((one) => one.field));
  return fields.size === 1 ? wanted[0]?.field : undefined;
}

/** Secrets lie in folders, so a path of digits alone is never a secret's full path. */
function isId(path: string): boolean {
  return /^[1-9][0-9]{0,9}$/.test(path);
}

function faultOf(ref: SecretRef): string | undefined {
  if (ref.version !== undefined) return 'FortiPAM has no versions of a secret';
  if (ref.field[0] === '') return 'the name of the field is empty';
  if (isId(ref.path)) return undefined;
  const segments = ref.path.split('/');
  if (segments.includes('')) return 'a path is folder/secret, without empty parts and without a slash at either end';
  if (segments.includes('.') || segments.includes('..')) return 'a path has no "." or ".." parts';
  return ref.path.isWellFormed() && ref.field.every((one) => one.isWellFormed())
    ? undefined
    : 'not well-formed Unicode';
}

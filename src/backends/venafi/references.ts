import { SecretctlError } from '../../lib/errors.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { quoted, visible } from '../../lib/text.ts';
import { type Field, FIELDS, type Form } from './fields.ts';
import type { VenafiValues } from './settings.ts';

/** How a certificate is named. */
export interface Named {
  readonly by: 'name' | 'fingerprint' | 'id' | 'request';
  /** A common name; SHA-1 in upper-case hexadecimal digits; an id. */
  readonly value: string;
}

/** One reference as this product has it. */
export interface Wanted {
  readonly ref: SecretRef;
  readonly named: Named;
  readonly field: Field;
  readonly form: Form;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SHA1 = /^[0-9a-f]{40}$/i;

/** All references, taken apart. Throws one REFERENCE_INVALID that names each one that cannot be. */
export function wantedFrom(refs: readonly SecretRef[], values: VenafiValues): Wanted[] {
  const read = refs.map((ref) => ({ ref, found: wantedBy(ref, values) }));
  const faults = read.flatMap(({ ref, found }) => {
    return typeof found === 'string' ? [`${ref.name}: ${visible(ref.text)}: ${found}`] : [];
  });
  if (faults.length > 0) {
    throw new SecretctlError('REFERENCE_INVALID', 'there are no such references to certificates', { details: faults });
  }
  return read.flatMap(({ found }) => (typeof found === 'string' ? [] : [found]));
}

/** References to one certificate, as it is named. */
export function byCertificate(wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  return [...Map.groupBy(wanted, ({ named }) => `${named.by} ${named.value}`).values()];
}

function wantedBy(ref: SecretRef, { field: usual }: VenafiValues): Wanted | string {
  const named = namedBy(ref.path);
  if (typeof named === 'string') return named;
  const [word = usual, form = 'pem', ...rest] = ref.field;
  const field = FIELDS.find((one) => one === word);
  if (field === undefined) return `a certificate has no field ${quoted(word)}, but ${FIELDS.join(', ')}`;
  if (rest.length > 0 || (form !== 'pem' && form !== 'der')) return 'a field is followed by nothing, .pem or .der';
  if (field === 'bundle' && form === 'der') return 'a bundle of key and certificates is PEM';
  if (field === 'pkcs12' && ref.field.length > 1) return 'PKCS #12 has one form only';
  return { ref, named, field, form };
}

/** `id/…`, `request/…`, `fingerprint/…`, `name/…`; without such a word, what it looks like, and a name at the last. */
function namedBy(path: string): Named | string {
  const slash = path.indexOf('/');
  const word = path.slice(0, Math.max(0, slash));
  const value = path.slice(slash + 1);
  if (word === 'id' || word === 'request') {
    return UUID.test(value) ? { by: word, value: value.toLowerCase() } : `${word}/ is followed by a UUID`;
  }
  if (word === 'fingerprint') {
    const digits = value.replaceAll(':', '');
    return SHA1.test(digits) ? fingerprint(digits) : 'fingerprint/ is followed by the 40 digits of a SHA-1';
  }
  if (word === 'name') return byName(value);
  if (UUID.test(path)) return { by: 'id', value: path.toLowerCase() };
  return SHA1.test(path) ? fingerprint(path) : byName(path);
}

function fingerprint(digits: string): Named {
  return { by: 'fingerprint', value: digits.toUpperCase() };
}

function byName(name: string): Named | string {
  if (name === '') return 'the name of the certificate is empty';
  return name.isWellFormed() && !/\p{Cc}/u.test(name)
    ? { by: 'name', value: name }
    : 'a name is one line of well-formed Unicode';
}

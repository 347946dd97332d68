import { SecretctlError } from '../../lib/errors.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { visible } from '../../lib/text.ts';
import { UNWRAP } from './requests.ts';
import type { VaultValues } from './settings.ts';

/** One reference as Vault has it. */
export interface Wanted {
  readonly ref: SecretRef;
  /** Segments separated by slashes, with the mount in front. */
  readonly path: string;
  /** The mount, where the reference or a setting names it; otherwise only the server knows how much of the path it is. */
  readonly mount: string | undefined;
  /** Undefined where the reference leaves it to what the secret holds. */
  readonly field: string | undefined;
  /** All of its fields, as one JSON object. */
  readonly isWhole: boolean;
  /** What is wrapped in the configured wrapping token; it has no mount. */
  readonly isUnwrapped: boolean;
  /** What is left of the reference's field, to be selected inside the value. */
  readonly rest: readonly string[];
}

/** GitLab's mount where a reference has none. */
const GITLAB_MOUNT = 'kv-v2';

/** All references, taken apart. Throws one REFERENCE_INVALID that names each one Vault cannot have. */
export function wantedFrom(refs: readonly SecretRef[], values: VaultValues): Wanted[] {
  const read = refs.map((ref) => ({
    ref,
    found: values.references === 'gitlab' ? likeGitlab(ref, values) : asIs(ref, values),
  }));
  const faults = read.flatMap(({ ref, found }) => {
    const fault = typeof found === 'string' ? found : (faultOf(found) ?? wrapFaultOf(found, values));
    return fault === undefined ? [] : [`${ref.name}: ${visible(ref.text)}: ${fault}`];
  });
  if (faults.length > 0) {
    throw new SecretctlError('REFERENCE_INVALID', 'Vault has no such references', { details: faults });
  }
  return read.flatMap(({ found }) => (typeof found === 'string' ? [] : [found]));
}

/** `path#field`: the first part of the field is the secret's, the rest selects inside its value. */
function asIs(ref: SecretRef, { mount, field: usual }: VaultValues): Wanted {
  const [field = usual, ...rest] = ref.field;
  const isWhole = ref.every === true && ref.field.length === 0;
  if (ref.path === UNWRAP) return { ref, path: UNWRAP, mount: undefined, field, rest, isWhole, isUnwrapped: true };
  const path = mount === undefined ? ref.path : `${mount}/${ref.path}`;
  return { ref, path, mount, field, rest, isWhole, isUnwrapped: false };
}

/** `path/field@mount` (conjur-vault.md, 3.11). */
function likeGitlab(ref: SecretRef, values: VaultValues): Wanted | string {
  const at = ref.path.lastIndexOf('@');
  const address = at < 0 ? ref.path : ref.path.slice(0, at);
  const mount = at < 0 ? (values.mount ?? GITLAB_MOUNT) : ref.path.slice(at + 1);
  const end = address.lastIndexOf('/');
  if (end < 0) return 'a path here is path/field or path/field@mount';
  const field = address.slice(end + 1);
  const path = `${mount}/${address.slice(0, end)}`;
  return { ref, path, mount, field, rest: ref.field, isWhole: false, isUnwrapped: false };
}

function faultOf({ path, field, rest }: Wanted): string | undefined {
  const segments = path.split('/');
  if (segments.includes('')) return 'a path has no empty parts and no slash at either end';
  if (segments.length < 2) return 'a path is mount/path: it names a secret in a mount';
  if (path.endsWith('.')) return 'a path does not end in a period';
  if (field === '') return 'the name of the field is empty';
  return [path, field ?? '', ...rest].every((one) => one.isWellFormed()) ? undefined : 'not well-formed Unicode';
}

function wrapFaultOf({ ref, isUnwrapped }: Wanted, values: VaultValues): string | undefined {
  if (isUnwrapped) return ref.version === undefined ? undefined : 'what is wrapped has no versions';
  const isSelecting = ref.field.length > 0 || ref.every === true;
  return values['wrap-for'] !== undefined && isSelecting ? 'what stays wrapped (wrap-for) has no fields' : undefined;
}

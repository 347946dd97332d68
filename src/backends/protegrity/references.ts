import { SecretctlError } from '../../lib/errors.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { visible } from '../../lib/text.ts';

/** References by the document that they name. Throws one REFERENCE_INVALID that names each one that no path can hold. */
export function byDocument(
  refs: readonly SecretRef[],
): readonly (readonly [path: string, refs: readonly SecretRef[]])[] {
  const faults = refs.flatMap((ref) => {
    const fault = faultOf(ref.path);
    return fault === undefined ? [] : [`${ref.name}: ${visible(ref.text)}: ${fault}`];
  });
  if (faults.length === 0) return [...Map.groupBy(refs, ({ path }) => path)];
  throw new SecretctlError('REFERENCE_INVALID', 'Protegrity has no such references', { details: faults });
}

function faultOf(path: string): string | undefined {
  if (!path.isWellFormed()) return 'not well-formed Unicode';
  const segments = path.split('/');
  const isPlain = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  return isPlain ? undefined : 'a path is what follows /pty/, such as v1/rps/export, without empty, "." or ".." parts';
}

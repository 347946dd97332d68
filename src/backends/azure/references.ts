import { SecretctlError } from '../../lib/errors.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { quoted, visible } from '../../lib/text.ts';
import type { AzureValues } from './settings.ts';

/** One reference in the vault's own terms. */
export interface Wanted {
  readonly ref: SecretRef;
  readonly name: string;
  /** 32 hexadecimal digits, lower-case; undefined for the newest one. */
  readonly version: string | undefined;
}

const VERSION = /^[0-9a-fA-F]{32}$/;
/** Key Vault's rule for the names of objects. */
const NAME = /^[0-9A-Za-z-]{1,127}$/;

/**
 * All references, taken apart: `name`, `name/version`, or the secret's identifier as a URL of this vault. Throws one
 * REFERENCE_INVALID that names each one a vault cannot have.
 */
export function wantedFrom(refs: readonly SecretRef[], url: URL, values: AzureValues): Wanted[] {
  const read = refs.map((ref) => ({ ref, found: readReference(ref, url, values) }));
  const faults = read.flatMap(({ ref, found }) => {
    return typeof found === 'string' ? [`${ref.name}: ${visible(ref.text)}: ${found}`] : [];
  });
  if (faults.length > 0) {
    throw new SecretctlError('REFERENCE_INVALID', 'Key Vault has no such references', { details: faults });
  }
  return read.flatMap(({ found }) => (typeof found === 'string' ? [] : [found]));
}

function readReference(ref: SecretRef, url: URL, values: AzureValues): Wanted | string {
  if (ref.version !== undefined) return 'versions here have no numbers: write name/VERSION with its 32 digits';
  const path = /^https?:/i.test(ref.path) ? insideVault(ref.path, url) : { inside: ref.path };
  if (typeof path === 'string') return path;
  const segments = path.inside.split('/');
  const version = segments.length > 1 && VERSION.test(segments.at(-1) ?? '') ? segments.pop() : undefined;
  const name = segments.join(values.slash ?? '/');
  if (NAME.test(name) && !segments.includes('')) return { ref, name, version: version?.toLowerCase() };
  return name.includes('/') ? SLASHED : 'names here have 1 to 127 letters, digits and hyphens, and no empty parts';
}

const SLASHED =
  'names here have no slash, and behind one stands a version of 32 hexadecimal digits; the setting slash says what stands for one';

/** What follows `/secrets/` in an identifier. The access token goes to one vault, so another vault's is refused. */
function insideVault(text: string, url: URL): { readonly inside: string } | string {
  const identifier = URL.canParse(text) ? new URL(text) : undefined;
  if (identifier?.origin !== url.origin) {
    return `another vault than ${quoted(url.origin)} is another backend of the configuration`;
  }
  const inside = /^\/secrets\/(?<inside>[^/]+(?:\/[^/]+)?)\/?$/.exec(identifier.pathname)?.groups?.['inside'];
  const isPlain = inside !== undefined && identifier.search === '' && identifier.hash === '';
  return isPlain ? { inside } : 'an identifier is https://VAULT/secrets/NAME[/VERSION]';
}

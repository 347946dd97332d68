import { SecretctlError } from '../../lib/errors.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { quoted, visible } from '../../lib/text.ts';
import type { GcpValues } from './settings.ts';

/** One reference in Secret Manager's own terms. */
export interface Wanted {
  readonly ref: SecretRef;
  /** `projects/P/secrets/S` or `projects/P/locations/L/secrets/S`. */
  readonly parent: string;
  /** A number, `latest`, or another alias. */
  readonly version: string;
}

const NAME = /^[0-9A-Za-z_-]{1,255}$/;
const VERSION = /^(?:[1-9][0-9]{0,14}|[A-Za-z][0-9A-Za-z_-]{0,62})$/;
const FULL =
  /^projects\/(?<project>(?:[a-z0-9.-]+:)?[a-z0-9-]{1,62})\/(?:locations\/(?<location>[a-z0-9-]{1,40})\/)?secrets\/(?<name>[^/]+)$/;

/**
 * All references, taken apart: `name`, `projects/P/secrets/name`, each with `/versions/V` or `?version=N`. Throws one
 * REFERENCE_INVALID that names each one Secret Manager cannot have, or that is not at this address.
 */
export function wantedFrom(refs: readonly SecretRef[], values: GcpValues): Wanted[] {
  const read = refs.map((ref) => ({ ref, found: readReference(ref, values) }));
  const faults = read.flatMap(({ ref, found }) => {
    return typeof found === 'string' ? [`${ref.name}: ${visible(ref.text)}: ${found}`] : [];
  });
  if (faults.length > 0) {
    throw new SecretctlError('REFERENCE_INVALID', 'Secret Manager has no such references', { details: faults });
  }
  return read.flatMap(({ found }) => (typeof found === 'string' ? [] : [found]));
}

function readReference(ref: SecretRef, values: GcpValues): Wanted | string {
  const parts = /^(?<secret>.+?)(?:\/versions\/(?<version>[^/]*))?$/.exec(ref.path)?.groups;
  const secret = parts?.['secret'] ?? '';
  const said = parts?.['version'];
  if (said !== undefined && ref.version !== undefined) return 'its version is said twice';
  const version = said ?? `${ref.version ?? 'latest'}`;
  if (!VERSION.test(version)) return 'a version is a number, latest, or another alias';
  const parent = secret.startsWith('projects/') ? inFull(secret, values) : short(secret, values);
  return typeof parent === 'string' ? parent : { ref, version, ...parent };
}

/** A secret's full name, or what is wrong with the reference. */
type Found = Pick<Wanted, 'parent'> | string;

/** What a full name means here, or what is wrong with it. The access token goes to one address, which serves one location. */
function inFull(secret: string, { location }: GcpValues): Found {
  const parts = FULL.exec(secret)?.groups;
  if (parts === undefined) return 'a full name is projects/PROJECT/secrets/NAME, or with locations/LOCATION in between';
  if (parts['location'] !== location) {
    const here = location === undefined ? 'has the global secrets' : `has those of ${quoted(location)}`;
    return `this backend ${here}; another location is another backend of the configuration`;
  }
  return NAME.test(parts['name'] ?? '') ? { parent: secret } : NAMES;
}

const NAMES = 'names here have 1 to 255 letters, digits, hyphens and underscores';

/** The full name of a short one, or what is wrong with it. */
function short(secret: string, { project, location, slash }: GcpValues): Found {
  const segments = secret.split('/');
  if (segments.length > 1 && slash === undefined) return `${NAMES}; the setting slash says what stands for one`;
  const name = segments.join(slash ?? '/');
  if (!NAME.test(name) || segments.includes('')) return NAMES;
  if (project === undefined) return 'the setting project says which project a name without one is in';
  const place = location === undefined ? '' : `/locations/${location}`;
  return { parent: `projects/${project}${place}/secrets/${name}` };
}

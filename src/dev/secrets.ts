import { SecretctlError } from '../lib/errors.ts';
import { quoted, visible } from '../lib/text.ts';

/** Values of a rehearsal's secrets by path, each with its versions, the newest last. */
export type RehearsalSecrets = ReadonlyMap<string, readonly Buffer[]>;

/**
 * The secrets of a file, `path -> text | {base64: …} | {versions: [text | {base64: …}, …]}`, as a YAML reader hands it
 * over. Throws CONFIG_INVALID with every fault; no value is repeated.
 */
export function secretsOf(data: unknown, origin: string): RehearsalSecrets {
  if (!isMapping(data))
    throw new SecretctlError('CONFIG_INVALID', `${visible(origin)}: it must be a mapping of paths to values`);
  const secrets = new Map<string, readonly Buffer[]>();
  const faults: string[] = [];
  for (const [path, entry] of Object.entries(data)) {
    const versions = versionsOf(entry);
    if (versions === undefined) faults.push(`${visible(origin)}: ${quoted(path)} must be ${TAKES}`);
    else secrets.set(path, versions);
  }
  if (faults.length === 0) return secrets;
  throw new SecretctlError('CONFIG_INVALID', `${visible(origin)}: ${faults.length} of its secrets cannot be read`, {
    details: faults,
  });
}

/** The secrets of `--secret PATH=VALUE` flags; a path given again is its next version. Throws USAGE. */
export function secretsOfFlags(flags: readonly string[]): RehearsalSecrets {
  const secrets = new Map<string, readonly Buffer[]>();
  for (const flag of flags) {
    const at = flag.indexOf('=');
    if (at < 1) throw new SecretctlError('USAGE', '--secret must be PATH=VALUE');
    const path = flag.slice(0, at);
    secrets.set(path, [...(secrets.get(path) ?? []), Buffer.from(flag.slice(at + 1), 'utf8')]);
  }
  return secrets;
}

const TAKES = 'text (numbers and true or false in quotes), {base64: …} or {versions: […]}';

function versionsOf(entry: unknown): readonly Buffer[] | undefined {
  if (!isMapping(entry) || !Object.hasOwn(entry, 'versions')) {
    const value = valueOf(entry);
    return value === undefined ? undefined : [value];
  }
  const { versions } = entry;
  if (!Array.isArray(versions) || versions.length === 0 || Object.keys(entry).length > 1) return undefined;
  const values = versions.map(valueOf);
  return values.every((value) => value !== undefined) ? values : undefined;
}

function valueOf(entry: unknown): Buffer | undefined {
  if (typeof entry === 'string') return Buffer.from(entry, 'utf8');
  if (!isMapping(entry) || Object.keys(entry).length !== 1) return undefined;
  const { base64 } = entry;
  if (typeof base64 !== 'string') return undefined;
  const compact = base64.replace(/\s/g, '');
  const value = Buffer.from(compact, 'base64');
  return value.toString('base64') === compact ? value : undefined;
}

function isMapping(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { SecretctlError } from '../../lib/errors.ts';
import { jsonIn, jsonText } from '../../lib/json.ts';
import { visible } from '../../lib/text.ts';
import type { RehearsalWorld } from '../types.ts';

/** One secret as FortiPAM holds it: a record with up to ten fields. */
export interface StoredSecret {
  readonly id: number;
  readonly path: string;
  readonly name: string;
  readonly folder: number;
  readonly fields: readonly StoredField[];
  /** Known to exist, not to be read. */
  readonly isForbidden: boolean;
}

interface StoredField {
  readonly name: string;
  readonly type: string;
  readonly value: Buffer;
}

/** Every secret by id, with folders. */
export interface Vault {
  readonly secrets: readonly StoredSecret[];
  secret(id: number): StoredSecret | undefined;
  secretAt(path: string): StoredSecret | undefined;
  folderAt(path: string): number | undefined;
}

/** Limits of a record (pam-cloud.md 1.4). */
const LONGEST_VALUE = 8191;
const LONGEST_NAME = 79;
const MOST_FIELDS = 10;

/** Ids begin somewhere, so that they are not mistaken for positions. */
const FIRST_ID = 100;

/** Fills a vault from the rehearsal's secrets. Throws USAGE for one that FortiPAM could not hold. */
export function fillVault(world: RehearsalWorld): Vault {
  const paths = [...new Set([...world.secrets.keys(), ...world.forbidden])];
  const folders = new Map<string, number>();
  const secrets = paths.map((path, index): StoredSecret => {
    const segments = path.split('/');
    for (let depth = 1; depth < segments.length; depth++) {
      const folder = segments.slice(0, depth).join('/');
      if (!folders.has(folder)) folders.set(folder, folders.size + 1);
    }
    return {
      id: FIRST_ID + index,
      path,
      name: segments.at(-1) ?? '',
      folder: folders.get(segments.slice(0, -1).join('/')) ?? 0,
      fields: fieldsFor(path, world.secrets.get(path)?.at(-1) ?? Buffer.from('not for this job')),
      isForbidden: world.forbidden.has(path),
    };
  });
  const byId = new Map(secrets.map((secret) => [secret.id, secret]));
  const byPath = new Map(secrets.map((secret) => [secret.path, secret]));
  return {
    secrets,
    secret: (id) => byId.get(id),
    secretAt: (path) => byPath.get(path),
    folderAt: (path) => folders.get(path),
  };
}

/**
 * `Password` with the whole value. A value that is a flat JSON object also has its members as fields, capitalised as
 * in the GUI, so that `path#user` means the same here as with products that keep one value a secret.
 */
function fieldsFor(path: string, value: Buffer): StoredField[] {
  const fields = [
    ...memberFields(value).filter((field) => field.name !== 'Password'),
    { name: 'Password', type: 'password', value },
  ];
  const tooLong = path.split('/').some((segment) => segment.length > LONGEST_NAME);
  if (tooLong || value.toString('utf8').length > LONGEST_VALUE) {
    throw new SecretctlError('USAGE', `FortiPAM cannot hold ${visible(path)}`, {
      hint: `a value has at most ${LONGEST_VALUE} characters, each name of a path at most ${LONGEST_NAME}`,
    });
  }
  return fields;
}

function memberFields(value: Buffer): StoredField[] {
  const text = value.toString('utf8');
  const record = jsonIn(value);
  if (record?.kind !== 'object' || record.members.size >= MOST_FIELDS) return [];
  return [...record.members]
    .filter(([name, json]) => name !== '' && json.kind !== 'literal')
    .map(([name, json]) => ({
      name: `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
      type: 'text',
      value: Buffer.from(jsonText(json, text), 'utf8'),
    }));
}

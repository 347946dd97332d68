import { isUtf8 } from 'node:buffer';
import { jsonIn } from '../../lib/json.ts';
import type { RehearsalWorld, ServerReply } from '../types.ts';
import type { VaultOptions } from './options.ts';
import { envelope, failure } from './replies.ts';

/** The key-value engine: either version, filled from the rehearsal's secrets. */
export interface Store {
  /** A read of what stands behind the mount in the request's path. */
  read(inside: string, query: URLSearchParams): ServerReply;
  /** Whether values have to be kept as base64, because one of them is no text. */
  readonly isBase64: boolean;
}

const WRONG_STYLE =
  'Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use.';
const CREATED = '2026-01-02T03:04:05.000000006Z';
/** What a hint to caches says of secrets without a lease, seconds. */
const HINT_SECONDS = 2_764_800;

/** A key-value engine with this world's secrets, behind paths that begin with its mount. */
export function fillStore(world: RehearsalWorld, options: VaultOptions): Store {
  const isBase64 = [...world.secrets.values()].flat().some((value) => !isUtf8(value));
  const read = options.engine === 'kv-v1' ? readVersion1 : readVersion2;
  return {
    isBase64,
    read: (inside, query) => read({ inside, query, world, options, isBase64 }),
  };
}

interface Reading {
  readonly inside: string;
  readonly query: URLSearchParams;
  readonly world: RehearsalWorld;
  readonly options: VaultOptions;
  readonly isBase64: boolean;
}

function readVersion1({ inside, world, isBase64 }: Reading): ServerReply {
  if (world.forbidden.has(inside)) return forbidden();
  const value = world.secrets.get(inside)?.at(-1);
  if (value === undefined) return failure(404);
  return envelope({ data: fieldsText(value, isBase64), leaseSeconds: HINT_SECONDS });
}

function readVersion2({ inside, query, world, options, isBase64 }: Reading): ServerReply {
  if (!inside.startsWith('data/')) return envelope({ warnings: [WRONG_STYLE] }, 404);
  const path = inside.slice('data/'.length);
  if (world.forbidden.has(path)) return forbidden();
  const asked = query.get('version') ?? '0';
  if (!/^\d{1,9}$/.test(asked)) return failure(400, 'error converting input for field "version"');
  const versions = world.secrets.get(path) ?? [];
  const version = Number(asked) === 0 ? versions.length : Number(asked);
  const value = versions[version - 1];
  if (value === undefined) return failure(404);
  const end = version === versions.length ? endOf(path, options) : 'none';
  const metadata = metadataFor(version, end);
  if (end === 'none') return envelope({ data: `{"data":${fieldsText(value, isBase64)},"metadata":${metadata}}` });
  return envelope({ data: `{"data":null,"metadata":${metadata}}` }, 404);
}

type End = 'none' | 'deleted' | 'destroyed';

/** What became of the newest version. */
function endOf(path: string, { deleted, destroyed }: VaultOptions): End {
  if (destroyed.split(' ').includes(path)) return 'destroyed';
  return deleted.split(' ').includes(path) ? 'deleted' : 'none';
}

/** 403 in the words of a policy that does not cover a path. */
export function forbidden(): ServerReply {
  return failure(403, '1 error occurred:\n\t* permission denied\n\n');
}

function metadataFor(version: number, end: End): string {
  return JSON.stringify({
    created_time: CREATED,
    custom_metadata: null,
    deletion_time: end === 'deleted' ? '2026-02-03T04:05:06.000000007Z' : '',
    destroyed: end === 'destroyed',
    version,
  });
}

/** A JSON object is a secret's fields, digits and all; anything else is the one field `value`. */
function fieldsText(value: Buffer, isBase64: boolean): string {
  const text = value.toString('utf8');
  if (isObject(value)) return text;
  return JSON.stringify({ value: isBase64 ? value.toString('base64') : text });
}

function isObject(value: Buffer): boolean {
  const json = jsonIn(value);
  return json?.kind === 'object' && json.repeated.size === 0;
}

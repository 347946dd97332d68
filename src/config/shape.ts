import { BACKENDS } from '../backends/index.ts';
import type { Reason } from '../lib/errors.ts';
import { plainFileName, oneOf, onOff, text, wholeNumber } from '../lib/parsers.ts';
import { describedRow, type Parser } from '../lib/settings.ts';
import { generalSettings, type PlacedSetting, productSettings } from './settings.ts';

/**
 * What may stand at one place of the configuration file. The loader checks a file against this and the JSON Schema
 * is written from it, so that neither knows a key that the other does not.
 */
export type Shape =
  | { readonly kind: 'setting'; readonly parser: Parser<unknown>; readonly help: string }
  /** One text, or several. */
  | { readonly kind: 'texts'; readonly help: string }
  | { readonly kind: 'block'; readonly members: Members; readonly help?: string }
  | { readonly kind: 'named'; readonly names: NameRule; readonly value: Shape; readonly help: string }
  /** A block whose members depend on its `type`; `isPartial` when it is laid over another one. */
  | { readonly kind: 'backend'; readonly isPartial: boolean }
  /** A reference, or a block; `isPartial` likewise, and then `null` takes the secret away. */
  | { readonly kind: 'secret'; readonly isPartial: boolean };

/** The keys of a block. */
export type Members = Readonly<Record<string, Shape>>;

/** What the keys of a map with free names look like. */
export interface NameRule {
  readonly pattern: RegExp;
  readonly takes: string;
  readonly reason?: Reason;
}

const BACKEND_NAME: NameRule = {
  pattern: /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
  takes: 'a letter, then letters, digits, "-" and "_", at most 64',
};
const SECRET_NAME: NameRule = {
  pattern: /^[A-Za-z_][A-Za-z0-9_]{0,254}$/,
  takes: 'a plain identifier: letters, digits and "_", no digit first',
  reason: 'NAME_INVALID',
};
const PROFILE_NAME: NameRule = {
  pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/,
  takes: 'letters, digits, ".", "-" and "_", at most 64',
};

/** Text that may be empty. */
const anyText: Parser<string> = { takes: 'text', schema: { type: 'string' }, parse: (input) => input };

/** The long form of a secret. */
export const SECRET_MEMBERS: Members = {
  ref: { kind: 'setting', parser: text, help: 'reference: [backend:]path[?version=N][#field]' },
  path: { kind: 'setting', parser: text, help: 'path alone, taken literally' },
  backend: { kind: 'setting', parser: text, help: 'name of the backend that holds it' },
  version: {
    kind: 'setting',
    parser: wholeNumber(1, 999_999_999_999_999),
    help: 'version, where the backend keeps several',
  },
  field: { kind: 'texts', help: 'field inside a JSON value: a.b."c.d", or a list of names taken literally' },
  optional: { kind: 'setting', parser: onOff, help: 'go on when it does not exist' },
  default: { kind: 'setting', parser: anyText, help: 'value of an optional secret that does not exist' },
  file: { kind: 'setting', parser: onOff, help: 'hand it to the child of "run" as a file' },
  'file-name': {
    kind: 'setting',
    parser: plainFileName,
    help: 'name of its file, where it becomes one (default: its own name)',
  },
};

/** The whole file. */
export const FILE_SHAPE: Shape = {
  kind: 'block',
  members: {
    ...bodyMembers(false),
    profiles: {
      kind: 'named',
      names: PROFILE_NAME,
      value: { kind: 'block', members: bodyMembers(true) },
      help: 'variants of the rest, laid over it by --profile',
    },
  },
};

function bodyMembers(isPartial: boolean): Members {
  const settings = generalSettings().filter((setting) => setting.area !== 'backend');
  return {
    backends: {
      kind: 'named',
      names: BACKEND_NAME,
      value: { kind: 'backend', isPartial },
      help: 'where secrets are, by name',
    },
    secrets: {
      kind: 'named',
      names: SECRET_NAME,
      value: { kind: 'secret', isPartial },
      help: 'what to fetch, by variable name',
    },
    ...membersOf(settings),
  };
}

/** The members of a backend's block, `type` included; of an unknown type, those that every backend has. */
export function backendMembers(type: string | undefined): Members {
  const general = generalSettings().filter((setting) => setting.area === 'backend');
  const own = type === undefined ? [] : productSettings(type);
  const types = BACKENDS.map((backend) => backend.type);
  return { type: { kind: 'setting', parser: oneOf(types), help: 'the product' }, ...membersOf([...general, ...own]) };
}

/** Settings as members: `token.env` becomes `env` in the block `token`. */
function membersOf(settings: readonly PlacedSetting[]): Members {
  const members: Record<string, Shape> = {};
  const blocks: Record<string, Record<string, Shape>> = {};
  for (const { file, row } of settings) {
    const [key, inner] = file ?? [];
    const shape: Shape = { kind: 'setting', parser: row.parser, help: describedRow(row) };
    if (key === undefined) continue;
    if (inner === undefined) members[key] = shape;
    else (blocks[key] ??= {})[inner] = shape;
  }
  for (const [key, inner] of Object.entries(blocks)) {
    members[key] = { kind: 'block', members: inner, help: 'where the ID token is and what it must say' };
  }
  return members;
}

/** Everything that a parser's value may be in a file: `string`, `boolean`, `integer`. */
export function jsonTypes(schema: Schema): readonly string[] {
  const { type, enum: words, anyOf: choices } = schema;
  if (Array.isArray(choices)) return [...new Set(choices.flatMap((choice: Schema) => jsonTypes(choice)))];
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.filter((one) => typeof one === 'string');
  return Array.isArray(words) ? [...new Set(words.map((word) => typeof word))] : ['string'];
}

type Schema = Readonly<Record<string, unknown>>;

import { isUtf8 } from 'node:buffer';
import { SecretctlError } from '../lib/errors.ts';
import type { Secret } from '../lib/secrets.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { nearest, quoted, visible } from '../lib/text.ts';
import { singleQuoted, withoutQuotes } from './quote.ts';
import { notRepresentable } from './refuse.ts';
import type { Spelling, Template } from './types.ts';

const CONSUMER = 'whoever reads the filled template';

/** Most bytes of a filled template: a place of five characters may stand for a large value. */
const MOST_BYTES = 32 * 1024 * 1024;

/** What may stand behind a `|`: text to text, each as a whole word of its language. */
const FILTERS: Readonly<Record<string, (text: string, secret: Secret) => string>> = {
  // Of the bytes where it is the first one: see `filled`.
  base64: (text) => Buffer.from(text).toString('base64'),
  json: (text) => JSON.stringify(text),
  url: (text) => encodeURIComponent(text).replace(/[!'()*]/g, percent),
  sh(text, secret) {
    if (text.includes('\0')) throw notRepresentable(secret, 'a shell', { what: 'holds a NUL byte', instead: [] });
    return singleQuoted(Buffer.from(text)).toString();
  },
};

/** One `{{NAME | filter}}`, and where it begins. */
interface Place {
  readonly name: string;
  readonly filters: readonly string[];
  readonly at: string;
}

/**
 * A template taken apart: what stands outside of `{{…}}` as it is, `{{{{` for a literal `{{`, and the places. `file` is
 * how messages call it. Throws one TEMPLATE_INVALID (65) that
 * lists every fault with line and column. No code, no loops, no conditions.
 */
export function parseTemplate(text: string, file: string, names: KnownNames): Template {
  const pieces: (string | Place)[] = [];
  const faults: string[] = [];
  const positionAt = positions(text, file);
  const lastEnd = text.lastIndexOf('}}');
  let start = 0;
  for (let open = text.indexOf('{{'); open !== -1 && faults.length < MOST_GATHERED; open = text.indexOf('{{', start)) {
    pieces.push(text.slice(start, open));
    if (text.startsWith('{{{{', open)) {
      pieces.push('{{');
      start = open + 4;
      continue;
    }
    const place = placeAt(text, open, lastEnd);
    const at = positionAt(open);
    const fault = typeof place === 'string' ? place : faultOf(place, names);
    if (fault !== undefined) faults.push(`${at}: ${fault}`);
    else if (typeof place !== 'string') pieces.push({ ...place, at });
    start = typeof place === 'string' ? open + 2 : place.end;
  }
  pieces.push(text.slice(start));
  if (faults.length > 0) throw invalid(faults);
  const used = new Set(pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.name])));
  return {
    names: used,
    render: (secrets) => render(pieces, secrets),
    spelled: (secrets) => spelledAt(pieces, secrets),
  };
}

function spelledAt(pieces: readonly (string | Place)[], secrets: readonly Secret[]): Spelling[] {
  const byName = new Map(secrets.map((secret) => [secret.name, secret]));
  const places = pieces.filter((piece) => typeof piece !== 'string');
  return places
    .filter(({ name, filters }) => filters.length > 0 && byName.has(name))
    .map((place) => ({
      name: place.name,
      value: new Sensitive(withoutQuotes(filled(place, byName).toString())),
    }));
}

/** Which names a template may use. */
export interface KnownNames {
  readonly all: readonly string[];
  /** Whether one that is not among them may still turn up: a member of a `#*`. */
  mayTurnUp(name: string): boolean;
}

const PLACE = /\{\{\s*(?<name>[A-Za-z_][A-Za-z0-9_]{0,254})(?<filters>(?:\s*\|\s*[A-Za-z0-9_-]{1,64})*)\s*\}\}/y;

type Found = Omit<Place, 'at'> & { readonly end: number };

/** The place that begins there, or what is wrong with it. */
function placeAt(text: string, open: number, lastEnd: number): Found | string {
  PLACE.lastIndex = open;
  const { name, filters = '' } = PLACE.exec(text)?.groups ?? {};
  if (name === undefined) {
    return lastEnd < open
      ? '"{{" is never closed by "}}"'
      : 'what stands here is not of the form {{NAME}} or {{NAME | filter}}';
  }
  return {
    name,
    filters: filters
      .split('|')
      .slice(1)
      .map((one) => one.trim()),
    end: PLACE.lastIndex,
  };
}

function faultOf({ name, filters }: Found, names: KnownNames): string | undefined {
  if (!names.all.includes(name) && !names.mayTurnUp(name)) {
    const meant = nearest(name, names.all);
    return `no secret is called ${quoted(name)}${meant === undefined ? '' : `; did you mean ${visible(meant)}?`}`;
  }
  const known = Object.keys(FILTERS);
  const unknown = filters.find((filter) => !known.includes(filter));
  if (unknown === undefined) return undefined;
  const meant = nearest(unknown, known);
  return `there is no filter ${quoted(unknown)}; ${meant === undefined ? `filters: ${known.join(', ')}` : `did you mean ${meant}?`}`;
}

/** Most faults that are listed, and that are looked for. */
const MOST_LISTED = 50;
const MOST_GATHERED = 1000;

function invalid(faults: readonly string[]): SecretctlError {
  const hint = 'a literal "{{" is written "{{{{"; give a secret a name with NAME=REF';
  const [only = ''] = faults;
  if (faults.length === 1) return new SecretctlError('TEMPLATE_INVALID', only, { hint });
  const left = faults.length - MOST_LISTED;
  const details = [...faults.slice(0, MOST_LISTED), ...(left > 0 ? [`and ${left} more`] : [])];
  return new SecretctlError('TEMPLATE_INVALID', `${faults.length} faults in the template`, { details, hint });
}

function render(pieces: readonly (string | Place)[], secrets: readonly Secret[]): Buffer {
  const byName = new Map(secrets.map((secret) => [secret.name, secret]));
  const absent = pieces.filter((piece) => typeof piece !== 'string').filter(({ name }) => !byName.has(name));
  if (absent.length > 0) throw notThere(absent);
  const written: Buffer[] = [];
  let size = 0;
  for (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : filled(piece, byName);
    size += bytes.length;
    if (size > MOST_BYTES) throw tooBig();
    written.push(bytes);
  }
  return Buffer.concat(written);
}

/** The value as it stands at a place. Bytes that are not UTF-8 can only be there in base64. */
function filled({ name, filters, at }: Place, byName: ReadonlyMap<string, Secret>): Buffer {
  const secret = byName.get(name);
  if (secret === undefined) throw notThere([{ name, filters, at }]);
  const [first, ...rest] = filters;
  const isOfBytes = first === 'base64';
  const text = isOfBytes ? secret.value.reveal().toString('base64') : textOf(secret);
  return Buffer.from(
    (isOfBytes ? rest : filters).reduce((before, filter) => FILTERS[filter]?.(before, secret) ?? before, text),
  );
}

function textOf(secret: Secret): string {
  const bytes = secret.value.reveal();
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const instead = [`write {{${secret.name} | base64}} in the template`];
  throw notRepresentable(secret, CONSUMER, { what: 'holds bytes that are not UTF-8', instead });
}

function notThere(places: readonly Place[]): SecretctlError {
  return new SecretctlError('SECRET_NOT_FOUND', 'the template needs secrets that do not exist; nothing was written', {
    details: places.slice(0, MOST_LISTED).map(({ at, name }) => `${at}: ${visible(name)} has no value`),
    hint: 'give an optional secret a default in the configuration',
  });
}

function tooBig(): SecretctlError {
  return new SecretctlError('NOT_REPRESENTABLE', `the filled template would be larger than ${MOST_BYTES} bytes`, {
    hint: 'use --files for large values, and their paths in the template',
  });
}

/** Line and column of an offset, both from 1; offsets must not go back. */
function positions(text: string, file: string): (offset: number) => string {
  let [line, lineStart] = [1, 0];
  return (offset) => {
    for (let end = text.indexOf('\n', lineStart); end !== -1 && end < offset; end = text.indexOf('\n', lineStart)) {
      line++;
      lineStart = end + 1;
    }
    return `${visible(file)}:${line}:${offset - lineStart + 1}`;
  };
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

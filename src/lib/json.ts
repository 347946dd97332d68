/**
 * A strict JSON reader (RFC 8259) that keeps what `JSON.parse` loses or hides: where in the text each value
 * stands, the digits of a number as they were written, and repeated member names. Its errors name a position and
 * never quote the text, which may hold a secret.
 */

/** One JSON value and where it stands. */
export type Json = JsonObject | JsonArray | JsonString | JsonNumber | JsonLiteral;

interface Span {
  /** First UTF-16 unit of this value in the text. */
  readonly start: number;
  /** One past its last. */
  readonly end: number;
}

/** `{…}` */
export interface JsonObject extends Span {
  readonly kind: 'object';
  /** The last value of each name, as every common reader has it. */
  readonly members: ReadonlyMap<string, Json>;
  /** Where each name begins, with its quote. */
  readonly nameStarts: ReadonlyMap<string, number>;
  /** Names that stand more than once. */
  readonly repeated: ReadonlySet<string>;
}

/** `[…]` */
export interface JsonArray extends Span {
  readonly kind: 'array';
  readonly items: readonly Json[];
}

/** A string, its escapes undone. */
export interface JsonString extends Span {
  readonly kind: 'string';
  readonly value: string;
}

/** A number that nobody rounded. */
export interface JsonNumber extends Span {
  readonly kind: 'number';
  /** The digits as written: `1.0`, `9007199254740993`. */
  readonly text: string;
}

/** `true`, `false` or `null` */
export interface JsonLiteral extends Span {
  readonly kind: 'literal';
  readonly value: true | false | null;
}

/** What is wrong with a text that is not JSON: a phrase without any of the text, and where. */
export class JsonFault extends Error {
  readonly position: number;

  constructor(phrase: string, position: number) {
    super(phrase);
    this.name = 'JsonFault';
    this.position = position;
  }
}

/** Deepest nesting that is read. */
export const DEEPEST_JSON = 64;

/** Most values that are read: one may cost some hundred times the bytes it is written in. */
export const MOST_JSON_VALUES = 100_000;

/** Reads one JSON text. Throws {@link JsonFault}. */
export function parseJson(text: string): Json {
  const reader: Reader = { text, at: 0, values: 0 };
  skipSpace(reader);
  const value = readValue(reader, 0);
  skipSpace(reader);
  if (reader.at < text.length) throw new JsonFault('text after the end of the JSON value', reader.at);
  return value;
}

/** The same for UTF-8 bytes; bytes that are not UTF-8, or a byte order mark, are a fault. */
export function parseJsonBytes(bytes: Uint8Array): Json {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonFault('not UTF-8', 0);
  }
  return parseJson(text);
}

/** The same, where it does not matter what is wrong: undefined for what is not JSON. */
export function jsonIn(bytes: Uint8Array): Json | undefined {
  try {
    return parseJsonBytes(bytes);
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

/** The member of an object, or undefined when `json` is not an object or has no such member. */
export function member(json: Json | undefined, name: string): Json | undefined {
  return json?.kind === 'object' ? json.members.get(name) : undefined;
}

/** The value of a string member, or undefined when there is none or it is something else. */
export function textMember(json: Json | undefined, name: string): string | undefined {
  const found = member(json, name);
  return found?.kind === 'string' ? found.value : undefined;
}

/** The value of a number member, or undefined when there is none, it is something else or it is not finite. */
export function numberMember(json: Json | undefined, name: string): number | undefined {
  const found = member(json, name);
  if (found?.kind !== 'number') return undefined;
  const value = Number(found.text);
  return Number.isFinite(value) ? value : undefined;
}

/** What a person means by a JSON value: a string's text, everything else as it is written. */
export function jsonText(json: Json, source: string): string {
  return json.kind === 'string' ? json.value : source.slice(json.start, json.end);
}

interface Reader {
  readonly text: string;
  at: number;
  /** Values met so far. */
  values: number;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const SPACE = /[ \t\n\r]*/y;

const LITERALS = { t: ['true', true], f: ['false', false], n: ['null', null] } as const;

function readValue(reader: Reader, depth: number): Json {
  if (depth > DEEPEST_JSON) throw new JsonFault(`nested more than ${DEEPEST_JSON} deep`, reader.at);
  const start = reader.at;
  if (++reader.values > MOST_JSON_VALUES) throw new JsonFault(`more than ${MOST_JSON_VALUES} values`, start);
  const first = reader.text[start];
  if (first === '{') return readObject(reader, depth);
  if (first === '[') return readArray(reader, depth);
  if (first === '"') return { kind: 'string', value: readString(reader), start, end: reader.at };
  if (first === 't' || first === 'f' || first === 'n') return readLiteral(reader, first);
  NUMBER.lastIndex = start;
  const number = NUMBER.exec(reader.text)?.[0];
  if (number === undefined) throw new JsonFault(first === undefined ? 'unexpected end' : 'no JSON value here', start);
  reader.at += number.length;
  return { kind: 'number', text: number, start, end: reader.at };
}

function readLiteral(reader: Reader, first: keyof typeof LITERALS): JsonLiteral {
  const [word, value] = LITERALS[first];
  const start = reader.at;
  if (!reader.text.startsWith(word, start)) throw new JsonFault('no JSON value here', start);
  reader.at += word.length;
  return { kind: 'literal', value, start, end: reader.at };
}

/** Shared by all objects that have none: a map or set of its own costs more than all the rest of a small object. */
const NO_MEMBERS: ReadonlyMap<string, Json> = new Map();
const NO_STARTS: ReadonlyMap<string, number> = new Map();
const NO_NAMES: ReadonlySet<string> = new Set();

function readObject(reader: Reader, depth: number): JsonObject {
  const start = reader.at;
  let members: Map<string, Json> | undefined;
  let nameStarts: Map<string, number> | undefined;
  let repeated: Set<string> | undefined;
  for (const _ of elements(reader, '}')) {
    if (reader.text[reader.at] !== '"') throw new JsonFault('a member name is missing', reader.at);
    const nameStart = reader.at;
    const name = readString(reader);
    skipSpace(reader);
    if (reader.text[reader.at] !== ':') throw new JsonFault('":" is missing', reader.at);
    reader.at++;
    skipSpace(reader);
    members ??= new Map();
    if (members.has(name)) (repeated ??= new Set()).add(name);
    (nameStarts ??= new Map()).set(name, nameStart);
    members.set(name, readValue(reader, depth + 1));
  }
  return {
    kind: 'object',
    members: members ?? NO_MEMBERS,
    nameStarts: nameStarts ?? NO_STARTS,
    repeated: repeated ?? NO_NAMES,
    start,
    end: reader.at,
  };
}

function readArray(reader: Reader, depth: number): JsonArray {
  const start = reader.at;
  const items: Json[] = [];
  for (const _ of elements(reader, ']')) items.push(readValue(reader, depth + 1));
  return { kind: 'array', items, start, end: reader.at };
}

/** Walks over the commas of an object or array; the caller reads one element per turn. */
function* elements(reader: Reader, close: '}' | ']'): Generator<void> {
  reader.at++;
  skipSpace(reader);
  if (reader.text[reader.at] === close) {
    reader.at++;
    return;
  }
  for (;;) {
    yield;
    skipSpace(reader);
    const next = reader.text[reader.at];
    if (next !== ',' && next !== close) {
      throw new JsonFault(next === undefined ? 'unexpected end' : `"," or "${close}" is missing`, reader.at);
    }
    reader.at++;
    if (next === close) return;
    skipSpace(reader);
  }
}

/** So many pieces of a string are put together at a time: a string that grew piece by piece keeps each of them. */
const MOST_PIECES = 1024;

function readString(reader: Reader): string {
  let value = '';
  let pieces: string[] = [];
  reader.at++;
  for (;;) {
    PLAIN.lastIndex = reader.at;
    const plain = PLAIN.exec(reader.text)?.[0] ?? '';
    pieces.push(plain);
    reader.at += plain.length;
    const next = reader.text[reader.at];
    if (next === '"') {
      reader.at++;
      return value + pieces.join('');
    }
    if (next !== '\\')
      throw new JsonFault(next === undefined ? 'unexpected end' : 'a raw control character', reader.at);
    pieces.push(readEscape(reader));
    if (pieces.length < MOST_PIECES) continue;
    value += pieces.join('');
    pieces = [];
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function readEscape(reader: Reader): string {
  const letter = reader.text[reader.at + 1] ?? '';
  if (letter === 'u') {
    const digits = reader.text.slice(reader.at + 2, reader.at + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new JsonFault('a bad \\u escape', reader.at);
    reader.at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
  const escape = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
  if (escape === undefined) throw new JsonFault('a bad escape', reader.at);
  reader.at += 2;
  return escape;
}

function skipSpace(reader: Reader): void {
  SPACE.lastIndex = reader.at;
  reader.at += SPACE.exec(reader.text)?.[0].length ?? 0;
}

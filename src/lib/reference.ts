import { SecretctlError } from './errors.ts';
import { isPlainIdentifier } from './parsers.ts';
import type { SecretRef } from './secrets.ts';
import { isPrintableAscii, quoted, visible } from './text.ts';

/** A reference taken apart; who wrote it gives it a name. */
export type ParsedReference = Omit<SecretRef, 'name'>;

/** The backends a prefix may name, and the one that is meant without a prefix. */
export interface ReferenceContext {
  readonly backends: readonly string[];
  /** Undefined when there are several and none is chosen: then a reference without a prefix is refused. */
  readonly defaultBackend: string | undefined;
}

/** The parts of a reference as the configuration's long form gives them, literally. */
export interface ReferenceParts {
  readonly path: string;
  readonly backend?: string;
  readonly version?: number;
  readonly field?: readonly string[];
  readonly every?: true;
}

/** Longest reference, in characters. */
const LONGEST_REFERENCE = 4096;

/**
 * Takes `[backend:]path[?version=N][#field]` apart. The prefix counts only when it names one of `backends`; `%XX`
 * stands for a character that would otherwise mean something. Throws REFERENCE_INVALID.
 */
export function parseReference(text: string, context: ReferenceContext): ParsedReference {
  if (text === '') throw invalid('an empty reference names no secret');
  if (text.length > LONGEST_REFERENCE) {
    throw invalid(`a reference of ${text.length} characters is too long; the limit is ${LONGEST_REFERENCE}`);
  }
  checkCharacters(text, text);
  const [beforeField, fieldText] = splitAt(text, '#');
  const [address, query] = splitAt(beforeField, '?');
  const prefix = context.backends.find((name) => address.startsWith(`${name}:`));
  const backend = prefix ?? context.defaultBackend;
  if (backend === undefined) throw noBackend(text, context.backends);
  const path = decoded(prefix === undefined ? address : address.slice(prefix.length + 1), text);
  checkPath(path, text);
  return {
    backend,
    path,
    ...(query !== undefined && { version: parseVersion(query, text) }),
    ...(fieldText === undefined ? { field: [] } : shortField(fieldText, text)),
    text,
  };
}

/** The same from literal parts: nothing is decoded. Throws REFERENCE_INVALID. */
export function referenceOf(parts: ReferenceParts, context: ReferenceContext): ParsedReference {
  const backend = parts.backend ?? context.defaultBackend;
  if (parts.path.length > LONGEST_REFERENCE) {
    throw invalid(`a path of ${parts.path.length} characters is too long; the limit is ${LONGEST_REFERENCE}`);
  }
  for (const piece of [parts.path, ...(parts.field ?? [])]) checkCharacters(piece, parts.path);
  checkPath(parts.path, parts.path);
  if (backend === undefined) throw noBackend(parts.path, context.backends);
  const { version, field = [], every } = parts;
  const reference = {
    ...{ backend, path: parts.path, ...(version !== undefined && { version }), field },
    ...(every === true && { every }),
  };
  return { ...reference, text: formatReference(reference, context) };
}

/** The short form of a reference; `parseReference` reads it back to the same parts. */
export function formatReference(reference: Omit<ParsedReference, 'text'>, context: ReferenceContext): string {
  const path = reference.path.replace(/[%#?]/g, percent);
  const isDefault = reference.backend === context.defaultBackend;
  const looksPrefixed = context.backends.some((name) => path.startsWith(`${name}:`));
  const prefix = isDefault && !looksPrefixed ? '' : `${reference.backend}:`;
  const version = reference.version === undefined ? '' : `?version=${reference.version}`;
  const segments = [...reference.field.map(fieldSegment), ...(reference.every === true ? [EVERY] : [])];
  const field = segments.length === 0 ? '' : `#${segments.join('.')}`;
  return `${prefix}${path}${version}${field}`;
}

/**
 * The variable's name for a bare reference: the last segment of its path, upper-cased unless `keepsCase`, with `_` for
 * everything that no name may hold and in front of a leading digit. Throws NAME_INVALID when nothing is left.
 */
export function deriveName(reference: Pick<SecretRef, 'path' | 'text'>, keepsCase = false): string {
  const segment = reference.path.split('/').findLast((one) => one !== '') ?? '';
  const written = segment.replace(/[^A-Za-z0-9_]/gu, '_');
  const name = keepsCase ? written : written.toUpperCase();
  const safe = /^[0-9]/.test(name) ? `_${name}` : name;
  if (!isPlainIdentifier(safe) || /^_+$/.test(safe)) {
    throw new SecretctlError('NAME_INVALID', `no variable name can be made from ${quoted(reference.text)}`, {
      hint: 'give it a name: NAME=REF',
    });
  }
  return safe;
}

/** A field taken apart, as {@link SecretRef} has it. */
export type ParsedField = Pick<SecretRef, 'field' | 'every'>;

/** Last segment of a field that means every member; a member of that name is written in quotes. */
const EVERY = '*';

/** A field as a configuration's `field:` has it, `a."b.c".d` or `a.*`, nothing decoded. Throws REFERENCE_INVALID. */
export function parseField(text: string): ParsedField {
  const { segments, every } = fieldSegments(text);
  return { field: segments.map((segment) => segment.value), ...every };
}

function shortField(text: string, reference: string): ParsedField {
  const { segments, every } = fieldSegments(text);
  return { field: segments.map((segment) => shortSegment(segment, reference)), ...every };
}

function shortSegment({ value, isQuoted }: FieldSegment, text: string): string {
  if (!isQuoted && /[?#]/.test(value)) {
    throw invalid(
      `in ${quoted(text)}, "?" and "#" inside a field are written %3F and %23; a version stands before "#"`,
    );
  }
  const segment = decoded(value, text);
  checkCharacters(segment, text);
  return segment;
}

interface FieldSegment {
  readonly value: string;
  readonly isQuoted: boolean;
}

function fieldSegments(field: string): { segments: readonly FieldSegment[]; every: { every?: true } } {
  const segments: FieldSegment[] = [];
  const pattern = /(?:"(?<inQuotes>(?:[^"\\]|\\["\\])+)"|(?<plain>[^".]+))(?<end>\.|$)/y;
  do {
    const found = pattern.exec(field)?.groups;
    if (found === undefined) throw invalid(`the field ${quoted(field)} is not of the form a.b or a."b.c".d`);
    const isQuoted = found['inQuotes'] !== undefined;
    segments.push({ value: found['inQuotes']?.replace(/\\(["\\])/g, '$1') ?? found['plain'] ?? '', isQuoted });
    if (found['end'] === '') break;
  } while (pattern.lastIndex > 0);
  const last = segments.at(-1);
  if (last?.isQuoted !== false || last.value !== EVERY) return { segments, every: {} };
  return { segments: segments.slice(0, -1), every: { every: true } };
}

function fieldSegment(segment: string): string {
  const encoded = segment.replace(/[%#?]/g, percent);
  return encoded === EVERY || /[".\\]/.test(encoded) ? `"${encoded.replace(/["\\]/g, String.raw`\$&`)}"` : encoded;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function decoded(piece: string, text: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    throw invalid(`in ${quoted(text)}, "%" does not begin an encoded character; a literal one is written %25`);
  }
}

function parseVersion(query: string, text: string): number {
  const digits = /^version=(?<digits>[1-9][0-9]{0,14})$/.exec(query)?.groups?.['digits'];
  if (digits === undefined) {
    throw invalid(`in ${quoted(text)}, only "?version=N" may follow the path; a literal "?" is written %3F`);
  }
  return Number(digits);
}

function checkCharacters(piece: string, text: string): void {
  if (isPrintableAscii(piece)) return;
  if (!piece.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(piece)) {
    throw invalid(`the reference ${quoted(text)} holds a line break or another control character`);
  }
}

function checkPath(path: string, text: string): void {
  checkCharacters(path, text);
  if (path.split('/').every((segment) => segment === '')) throw invalid(`the reference ${quoted(text)} has no path`);
  if (path.split(/[/\\]/).some((segment) => segment === '..' || segment === '.')) {
    throw invalid(`the path of ${quoted(text)} has a segment "." or ".."`);
  }
}

function noBackend(text: string, backends: readonly string[]): SecretctlError {
  if (backends.length === 0) return invalid(`no backend is configured for ${quoted(text)}`);
  return new SecretctlError('REFERENCE_INVALID', `${quoted(text)} does not say which backend holds it`, {
    hint: [
      `write BACKEND:PATH (${backends.map(visible).join(', ')})`,
      'or say default-backend in the configuration, or --backend NAME',
    ],
  });
}

/** The two sides of the first `sign`; without it, all of the text and undefined. */
function splitAt(text: string, sign: string): readonly [string, string | undefined] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function invalid(message: string): SecretctlError {
  return new SecretctlError('REFERENCE_INVALID', message, {
    hint: 'a reference is written [BACKEND:]PATH[?version=N][#FIELD], such as app/db#password',
  });
}

import { SecretctlError } from '../../lib/errors.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { visible } from '../../lib/text.ts';
import { needsField, usesInFetch } from './names.ts';
import type { Recipe } from './recipe.ts';
import { placeholdersOf, shownTemplate, type Template } from './template.ts';
import { openText, type Values, withValues } from './values.ts';

/** One reference as the recipe takes it apart. */
export interface Wanted {
  readonly ref: SecretRef;
  /** Those of the recipe and `path`, `version`, `field`, `ref.…`. */
  readonly values: Values;
  /** What is left of the reference's field, to be selected inside the value. */
  readonly rest: readonly string[];
}

/** All references, taken apart. Throws one REFERENCE_INVALID that names each one that the recipe cannot have. */
export function wantedFrom(refs: readonly SecretRef[], recipe: Recipe, values: Values): readonly Wanted[] {
  const faults: string[] = [];
  const wanted: Wanted[] = [];
  const field = usesInFetch(recipe, 'field');
  const version = usesInFetch(recipe, 'version');
  const uses: Uses = {
    field: field.request || field.value,
    version: version.request || version.value,
    needsField: needsField(recipe),
  };
  for (const ref of refs) {
    const found = takenApart(ref, recipe, values, uses);
    if (typeof found === 'string') faults.push(`${ref.name}: ${visible(ref.text)}: ${found}`);
    else wanted.push(found);
  }
  if (faults.length === 0) return wanted;
  throw new SecretctlError('REFERENCE_INVALID', 'the recipe has no such references', { details: faults });
}

interface Uses {
  readonly field: boolean;
  readonly version: boolean;
  /** Whether nothing is meant without one. */
  readonly needsField: boolean;
}

/** A reference's values, or what is wrong with it. */
function takenApart(ref: SecretRef, recipe: Recipe, values: Values, uses: Uses): Wanted | string {
  const { reference } = recipe;
  const fault = faultOf(ref, uses);
  if (fault !== undefined) return fault;
  const parts = partsOf(ref.path, reference.path);
  if (parts === undefined) return `it must be ${reference.path.map(shownTemplate).join(' or ')}`;
  const field = fieldOf(ref, recipe, values, uses);
  if (field === undefined && uses.needsField) return 'it names no field: PATH#FIELD';
  const base = withValues(values, {
    path: ref.path,
    version: ref.version === undefined ? undefined : `${ref.version}`,
    field,
  });
  const named: Record<string, string> = Object.fromEntries(
    Object.entries(parts).map(([name, text]) => [`ref.${name}`, text]),
  );
  for (const [name, template] of Object.entries(reference.defaults)) {
    const text = parts[name] ?? openText(template, base);
    if (text === undefined) return `it names no ${name}, and ${sourcesOf(template)} is not set`;
    named[`ref.${name}`] = text;
  }
  return { ref, values: withValues(base, named), rest: uses.field ? ref.field.slice(1) : ref.field };
}

/** The field that a reference names, or the one that it means without. */
function fieldOf(ref: SecretRef, { reference }: Recipe, values: Values, uses: Uses): string | undefined {
  if (!uses.field) return undefined;
  return ref.field[0] ?? (reference.field === undefined ? undefined : openText(reference.field, values));
}

function faultOf({ path, field, version }: SecretRef, uses: Uses): string | undefined {
  if (version !== undefined && !uses.version) return 'the recipe has no versions';
  if (![path, ...field].every((text) => text.isWellFormed())) return 'not well-formed Unicode';
  return uses.field && field[0] === '' ? 'the name of the field is empty' : undefined;
}

function sourcesOf(template: Template): string {
  return placeholdersOf(template)
    .map(({ name }) => name)
    .join(' or ');
}

/** The parts of a path by the first pattern that it has the shape of; without any pattern none; undefined for no shape. */
function partsOf(path: string, patterns: readonly Template[]): Readonly<Record<string, string>> | undefined {
  if (patterns.length === 0) return {};
  const segments = path.split('/');
  if (segments.includes('')) return undefined;
  return patterns.map((pattern) => partsBy(segments, pattern)).find((parts) => parts !== undefined);
}

/** A pattern is placeholders between slashes; one with `|segments` takes what the others leave, at least one segment. */
function partsBy(segments: readonly string[], pattern: Template): Readonly<Record<string, string>> | undefined {
  const places = placeholdersOf(pattern);
  const wide = places.findIndex(({ filter }) => filter === 'segments');
  if (wide < 0 ? segments.length !== places.length : segments.length < places.length) return undefined;
  const parts: Record<string, string> = {};
  let at = 0;
  for (const [index, { name }] of places.entries()) {
    const width = index === wide ? segments.length - places.length + 1 : 1;
    parts[name] = segments.slice(at, at + width).join('/');
    at += width;
  }
  return parts;
}

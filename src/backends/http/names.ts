import { type JsonPath, placesIn } from './json-path.ts';
import { authorizationPlaces, namesIn } from './places.ts';
import type { CheckOut, Entries, FetchAll, FetchOne, LookUpStep, Output, Recipe } from './recipe.ts';
import { placeholdersOf, type Template } from './template.ts';

// Which values each part of a recipe needs: what tells one request from another, and what has to be kept after a login.

/** Of a look-up: what it sends, and what it looks for in the answer. */
export function lookUpNames({ request, where, list, present, outputs }: LookUpStep): readonly string[] {
  return [
    ...namesIn(request),
    ...inTemplates(Object.values(where)),
    ...inPaths([list, present]),
    ...inPaths(pathsOf(outputs)),
  ];
}

/** Of a read of one secret, with what comes before and after it; where in the answer the value is does not count. */
export function readNames({ 'check-out': checkOut }: Recipe, { request, present }: FetchOne): readonly string[] {
  return [...namesIn(request), ...inPaths([present]), ...(checkOut === undefined ? [] : checkOutNames(checkOut))];
}

/** Of one request for a whole place, and of where in its answer the entries are. */
export function placeNames({ request, entries }: FetchAll): readonly string[] {
  return [...namesIn(request), ...entries.flatMap(entryNames)];
}

/** Of everything that follows the login. */
export function neededNames(recipe: Recipe): readonly string[] {
  const { refresh, logout, fetch, reference, 'look-up': lookUp } = recipe;
  const { one, many, all } = fetch;
  const several = [many, all].filter((way) => way !== undefined);
  return [
    ...inTemplates(authorizationPlaces(recipe).map(({ template }) => template)),
    ...inTemplates([reference.field, ...Object.values(reference.defaults)]),
    ...lookUp.flatMap(lookUpNames),
    ...(one === undefined
      ? []
      : [...readNames(recipe, one), ...inPaths([...(one.value.json ?? []), one.withheld?.json])]),
    ...several.flatMap(({ request, entries, key }) => [
      ...namesIn(request),
      ...entries.flatMap(entryNames),
      ...inPaths(entries.flatMap(valuePaths)),
      ...inTemplates([key]),
    ]),
    ...(refresh === undefined ? [] : [...namesIn(refresh.request), ...inPaths(pathsOf(refresh.outputs))]),
    ...(logout === undefined ? [] : namesIn(logout)),
  ];
}

/** Whether what follows the login is told apart by this value (a field, a version): in what is sent, or in an answer. */
export function usesInFetch(recipe: Recipe, name: string): { readonly request: boolean; readonly value: boolean } {
  const { fetch, 'look-up': lookUp } = recipe;
  const { one, many, all } = fetch;
  const several = [many, all].filter((way) => way !== undefined);
  const asked = [
    ...lookUp.flatMap(lookUpNames),
    ...(one === undefined ? [] : readNames(recipe, one)),
    ...several.flatMap(({ request }) => namesIn(request)),
  ];
  const sought = [
    ...inPaths([...(one?.value.json ?? []), one?.withheld?.json]),
    ...several.flatMap(({ entries }) => [...entries.flatMap(entryNames), ...inPaths(entries.flatMap(valuePaths))]),
    ...inTemplates(several.map(({ key }) => key)),
  ];
  return { request: asked.includes(name), value: sought.includes(name) };
}

/** Whether no reference without a field brings anything: each place where its value may be is named after the field. */
export function needsField({ fetch: { one, many, all } }: Recipe): boolean {
  const several = [many, all].filter((way) => way !== undefined);
  const ways =
    one === undefined ? several.flatMap(({ entries }) => entries.map(({ value }) => value)) : [one.value.json];
  return ways.length > 0 && ways.every((paths) => paths !== undefined && paths.every(namesField));
}

function namesField(path: JsonPath): boolean {
  return placesIn(path).some(({ name }) => name === 'field');
}

function checkOutNames({ request, outputs, 'check-in': checkIn }: CheckOut): readonly string[] {
  return [...namesIn(request), ...namesIn(checkIn), ...inPaths(pathsOf(outputs))];
}

function entryNames({ map, list, name }: Entries): readonly string[] {
  return inPaths([map, list, name]);
}

function valuePaths({ value, withheld }: Entries): readonly (JsonPath | undefined)[] {
  return [...value, withheld?.json];
}

function pathsOf(outputs: Readonly<Record<string, Output>>): readonly JsonPath[] {
  return Object.values(outputs).flatMap(({ json }) => json ?? []);
}

function inPaths(paths: readonly (JsonPath | undefined)[]): readonly string[] {
  return paths.flatMap((path) => (path === undefined ? [] : placesIn(path).map(({ name }) => name)));
}

function inTemplates(templates: readonly (Template | undefined)[]): readonly string[] {
  return templates.flatMap((one) => (one === undefined ? [] : placeholdersOf(one).map(({ name }) => name)));
}

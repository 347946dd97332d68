import { SecretctlError } from '../../lib/errors.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { type JsonPath, placesIn } from './json-path.ts';
import { authorizationPlaces, namesIn, placesOf } from './places.ts';
import type { Output, Recipe } from './recipe.ts';
import { placeholdersOf } from './template.ts';
import type { Value, Values } from './values.ts';

/**
 * What a login gave, as one secret: the token, or, where the recipe goes on to need other outputs as well, each of them
 * on a line of its own in the order of {@link keptNames}. Throws UNEXPECTED_ANSWER where one is missing.
 */
export function packed(recipe: Recipe, outputs: Values): Sensitive {
  const texts = keptNames(recipe).map((name) => {
    const value = outputs.get(`login.${name}`);
    if (value instanceof Sensitive) return value.reveal().toString('utf8');
    if (typeof value === 'string') return value;
    throw new SecretctlError('UNEXPECTED_ANSWER', `the login gave no ${name}`);
  });
  return new Sensitive(texts.join('\n'));
}

/** The values that {@link packed} put together, `token` among them. */
export function unpacked(recipe: Recipe, accessToken: Sensitive): Readonly<Record<string, Value>> {
  const names = keptNames(recipe);
  const lines = accessToken.reveal().toString('utf8').split('\n');
  const open = openOutputs(recipe);
  const values: Record<string, Value> = {};
  for (const [index, name] of names.entries()) {
    const line = lines[index] ?? '';
    values[`login.${name}`] = open.has(name) ? line : new Sensitive(line);
  }
  const token = values['login.token'];
  return token === undefined ? values : { ...values, token };
}

/** The outputs of the login that are needed after it, the token first. */
export function keptNames(recipe: Recipe): readonly string[] {
  const needed = new Set(neededNames(recipe).flatMap((name) => (name.startsWith('login.') ? [name.slice(6)] : [])));
  const others = [...needed, ...(recipe.fetch.outputs ?? [])].filter((name) => name !== 'token');
  return ['token', ...new Set(others.toSorted())];
}

/** Every value that is named by what follows the login. */
function neededNames(recipe: Recipe): readonly string[] {
  const { refresh, logout, fetch, 'look-up': lookUp, 'check-out': checkOut } = recipe;
  const one = [fetch.one, fetch.many, fetch.all].filter((way) => way !== undefined).map(({ request }) => request);
  const requests = [
    ...lookUp.map(({ request }) => request),
    ...(checkOut === undefined ? [] : [checkOut.request, checkOut['check-in']]),
    ...(refresh === undefined ? [] : [refresh.request]),
    ...(logout === undefined ? [] : [logout]),
    ...one,
  ];
  const paths = [...(fetch.one?.value.json ?? []), ...lookUp.flatMap(({ outputs }) => jsonOf(outputs))];
  const templates = [
    ...authorizationPlaces(recipe).map(({ template }) => template),
    ...lookUp.flatMap(({ where }) => Object.values(where)),
  ];
  return [
    ...requests.flatMap(namesIn),
    ...templates.flatMap(placeholdersOf).map(({ name }) => name),
    ...paths.flatMap(placesIn).map(({ name }) => name),
  ];
}

function jsonOf(outputs: Readonly<Record<string, Output>>): readonly JsonPath[] {
  return Object.values(outputs).flatMap(({ json }) => json ?? []);
}

function openOutputs({ login }: Recipe): ReadonlySet<string> {
  return new Set(
    login.flatMap(({ outputs }) =>
      Object.entries(outputs).flatMap(([name, output]) => (output.public === true ? [name] : [])),
    ),
  );
}

/** Whether what follows the login is told apart by this value: a field, a version. */
export function usesInFetch(recipe: Recipe, name: string): { readonly request: boolean; readonly value: boolean } {
  const { fetch, 'look-up': lookUp } = recipe;
  const ways = [fetch.one, fetch.many, fetch.all].filter((way) => way !== undefined);
  const requests = [...ways.map(({ request }) => request), ...lookUp.map(({ request }) => request)];
  const isAsked = requests
    .flatMap(placesOf)
    .some(({ template }) => placeholdersOf(template).some((one) => one.name === name));
  const paths = [
    ...(fetch.one?.value.json ?? []),
    ...[...(fetch.many?.entries ?? []), ...(fetch.all?.entries ?? [])].flatMap(({ value }) => value),
  ];
  const keys = [fetch.many?.key, fetch.all?.key].filter((key) => key !== undefined).flatMap(placeholdersOf);
  return { request: isAsked, value: [...paths.flatMap(placesIn), ...keys].some((one) => one.name === name) };
}

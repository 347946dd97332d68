import type { JsonTemplate, Recipe, Request } from './recipe.ts';
import { placeholdersOf, type Template } from './template.ts';

/** A template and where its text goes: what goes into a URL is written to logs, by others. */
export interface Place {
  readonly key: string;
  readonly template: Template;
  readonly where: 'path' | 'query' | 'header' | 'form' | 'json' | 'raw' | 'link';
}

/** Every template of a request. */
export function placesOf(request: Request): readonly Place[] {
  const { path, link, query, headers, form, json, raw } = request;
  return [
    ...(path === undefined ? [] : [{ key: 'path', template: path, where: 'path' } as const]),
    ...(link === undefined ? [] : [{ key: 'link', template: link, where: 'link' } as const]),
    ...entriesIn('query', query, 'query'),
    ...entriesIn('headers', headers, 'header'),
    ...entriesIn('form', form ?? {}, 'form'),
    ...(json === undefined ? [] : inJson('json', json)),
    ...(raw === undefined ? [] : [{ key: 'raw.text', template: raw.text, where: 'raw' } as const]),
  ];
}

/** The templates that go with every request after the login. */
export function authorizationPlaces({ authorization }: Recipe): readonly Place[] {
  const { headers, basic, cookies } = authorization;
  return [
    ...entriesIn('headers', headers, 'header'),
    ...(basic === undefined ? [] : entriesIn('basic', { ...basic }, 'header')),
    ...entriesIn('cookies', cookies, 'header'),
  ];
}

/** The values that a request needs. */
export function namesIn(request: Request): readonly string[] {
  return placesOf(request).flatMap(({ template }) => placeholdersOf(template).map(({ name }) => name));
}

/** Whether the login needs the job's ID token; without it, a recipe logs in by its parameters alone. */
export function takesIdToken({ login }: Recipe): boolean {
  return login.some(({ request }) => needsIdToken(request));
}

/** Whether the ID token, or a part of it, goes with this request. */
export function needsIdToken(request: Request): boolean {
  return namesIn(request).some((name) => name === 'id-token' || name.startsWith('claims.'));
}

function entriesIn(
  key: string,
  templates: Readonly<Record<string, Template>>,
  where: Place['where'],
): readonly Place[] {
  return Object.entries(templates).map(([name, template]) => ({ key: `${key}.${name}`, template, where }));
}

function inJson(key: string, json: JsonTemplate): readonly Place[] {
  switch (json.kind) {
    case 'template':
      return [{ key, template: json.template, where: 'json' }];
    case 'list':
      return json.items.flatMap((item, index) => inJson(`${key}[${index}]`, item));
    case 'map':
      return json.entries.flatMap(([name, value]) => inJson(`${key}.${name}`, value));
    default:
      return [];
  }
}

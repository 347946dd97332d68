import type { TreeReport } from '../../lib/settings.ts';
import { nearest, visible } from '../../lib/text.ts';
import { type JsonPath, placesIn } from './json-path.ts';
import { authorizationPlaces, type Place, placesOf } from './places.ts';
import type { Entries, LookUpStep, Output, Recipe, Request } from './recipe.ts';
import { onlyPlaceholder, type Placeholder, placeholdersOf, type Template } from './template.ts';

/** Values that may stand at a place, and whether they are secret. */
type Names = ReadonlyMap<string, 'open' | 'secret'>;

interface Check {
  readonly recipe: Recipe;
  readonly report: TreeReport;
}

/**
 * Reports every placeholder that names a value which is not known at its place, every secret that would go into a URL
 * or into text without an encoding, and what else no single key can see.
 */
export function checkNames(recipe: Recipe, report: TreeReport): void {
  const check = { recipe, report };
  const parameters = parameterNames(recipe);
  if (recipe.url !== undefined) checkPlace(check, { key: 'url', template: recipe.url, where: 'path' }, parameters);
  for (const [name, template] of Object.entries(recipe.services)) {
    checkPlace(check, { key: `services.${name}`, template, where: 'path' }, parameters);
  }
  const loggedIn = checkLogin(check, parameters);
  for (const place of authorizationPlaces(recipe)) {
    checkPlace(check, { ...place, key: `authorization.${place.key}` }, loggedIn);
  }
  const { refresh, logout } = recipe;
  if (refresh !== undefined) {
    checkRequest(check, 'refresh.request', refresh.request, loggedIn);
    checkOutputs(check, 'refresh.outputs', refresh.outputs, loggedIn);
  }
  if (logout !== undefined) checkRequest(check, 'logout', logout, loggedIn);
  checkFetch(check, withNames(loggedIn, referenceNames(recipe)));
}

function checkLogin(check: Check, parameters: Names): Names {
  const { recipe } = check;
  let known: Names = withNames(parameters, { 'id-token': 'secret', 'claims.*': 'open' });
  for (const [index, { request, outputs }] of recipe.login.entries()) {
    checkRequest(check, `login[${index}].request`, request, known);
    checkOutputs(check, `login[${index}].outputs`, outputs, known);
    const named = Object.entries(outputs).map(([name, { public: open }]) => {
      return [`login.${name}`, open === true ? 'open' : 'secret'] as const;
    });
    known = withNames(known, Object.fromEntries(named));
  }
  if (!known.has('login.token')) check.report(recipe.at, 'login has no output "token", which is the access token');
  const kept = [...known].filter(([name]) => name !== 'id-token' && name !== 'claims.*');
  return new Map([...kept, ['token', 'secret'] as const]);
}

function checkFetch(check: Check, known: Names): void {
  const { recipe, report } = check;
  const { fetch, 'look-up': lookUp, 'check-out': checkOut } = recipe;
  if (fetch.one !== undefined) checkOne(check, known);
  else if (lookUp.length > 0 || checkOut !== undefined) {
    report(recipe.at, 'look-up and check-out go with "fetch: one" alone');
  }
  if (fetch.many !== undefined) {
    const named = withNames(known, { paths: 'open' }, /^(?:path|field|ref\..*)$/);
    checkRequest(check, 'fetch.many.request', fetch.many.request, named);
    checkEntries(check, 'fetch.many', fetch.many, known);
  }
  if (fetch.all !== undefined) {
    const paging = fetch.all.pages === undefined ? {} : ({ next: 'open', offset: 'open', page: 'open' } as const);
    checkRequest(check, 'fetch.all.request', fetch.all.request, withNames(known, paging));
    checkEntries(check, 'fetch.all', fetch.all, known);
  }
  for (const name of fetch.outputs ?? []) {
    if (!known.has(`login.${name}`)) report(recipe.at, `fetch.outputs names ${visible(name)}, which no login gives`);
  }
}

function checkOne(check: Check, known: Names): void {
  const { fetch, 'look-up': lookUp, 'check-out': checkOut } = check.recipe;
  let found = known;
  for (const [index, step] of lookUp.entries()) {
    checkLookUp(check, `look-up[${index}]`, step, found);
    found = withNames(found, openOutputs(step.outputs));
  }
  if (checkOut !== undefined) {
    checkRequest(check, 'check-out.request', checkOut.request, found);
    found = withNames(found, openOutputs(checkOut.outputs));
    checkRequest(check, 'check-out.check-in', checkOut['check-in'], found);
  }
  if (fetch.one === undefined) return;
  checkRequest(check, 'fetch.one.request', fetch.one.request, found);
  checkOutputs(check, 'fetch.one', { value: fetch.one.value }, found);
}

interface Several {
  readonly entries: readonly Entries[];
  readonly key: Template;
  readonly decode: Template;
}

function checkEntries(check: Check, key: string, several: Several, known: Names): void {
  checkPlace(check, { key: `${key}.key`, template: several.key, where: 'path' }, known);
  checkDecode(check, `${key}.decode`, several.decode);
  for (const entry of several.entries) {
    const paths = [entry.map, entry.list, entry.name, ...entry.value].filter((path) => path !== undefined);
    checkPaths(check, `${key}.entries`, paths, known);
  }
}

function checkLookUp(check: Check, key: string, step: LookUpStep, known: Names): void {
  checkRequest(check, `${key}.request`, step.request, known);
  checkOutputs(check, `${key}.outputs`, step.outputs, known);
  for (const [name, template] of Object.entries(step.where)) {
    checkPlace(check, { key: `${key}.where.${name}`, template, where: 'path' }, known);
  }
}

function checkRequest(check: Check, key: string, request: Request, known: Names): void {
  for (const place of placesOf(request)) checkPlace(check, { ...place, key: `${key}.${place.key}` }, known);
  const { service } = request;
  if (service !== undefined && !Object.hasOwn(check.recipe.services, service)) {
    check.report(check.recipe.at, `${key}.service names ${visible(service)}, which "services" does not have`);
  }
}

function checkOutputs(check: Check, key: string, outputs: Readonly<Record<string, Output>>, known: Names): void {
  for (const [name, output] of Object.entries(outputs)) {
    checkPaths(check, `${key}.${name}`, output.json ?? [], known);
    checkDecode(check, `${key}.${name}.decode`, output.decode);
  }
}

/** In a path inside of an answer a secret would only be shown by messages, which is too much. */
function checkPaths(check: Check, key: string, paths: readonly JsonPath[], known: Names): void {
  for (const placeholder of paths.flatMap(placesIn))
    checkName(check, placeholder, known, { key, at: check.recipe.at, isOpen: true });
}

const DECODES = ['plain', 'base64', 'base64url'];

/** A word, or a parameter that may only be one of the words. */
function checkDecode(check: Check, key: string, template: Template): void {
  const [only] = template.parts;
  if (typeof only === 'string' && DECODES.includes(only)) return;
  const name = onlyPlaceholder(template)?.name.replace(/^parameters\./, '') ?? '';
  const row = Object.hasOwn(check.recipe.parameters, name) ? check.recipe.parameters[name] : undefined;
  const isGood = row?.default !== undefined && row.words?.every((word) => DECODES.includes(word)) === true;
  if (!isGood) {
    check.report(
      template.at,
      `${key} must be ${DECODES.join(', ')}, or a parameter with a default whose words are some of them`,
    );
  }
}

function checkPlace(check: Check, { key, template, where }: Place, known: Names): void {
  const isUrl = where === 'path' || where === 'query' || where === 'link';
  for (const placeholder of placeholdersOf(template)) {
    checkName(check, placeholder, known, { key, at: template.at, isOpen: isUrl });
    const fault = filterFault(placeholder, where, template);
    if (fault !== undefined) check.report(template.at, `${key} ${fault}`);
  }
}

interface Standing {
  readonly key: string;
  readonly at: Template['at'];
  readonly isOpen: boolean;
}

function checkName({ report }: Check, { name }: Placeholder, known: Names, { key, at, isOpen }: Standing): void {
  const kind = known.get(name) ?? (name.startsWith('claims.') ? known.get('claims.*') : undefined);
  if (kind === undefined) {
    const meant = nearest(name, [...known.keys()]);
    const hint = meant === undefined ? `there are ${[...known.keys()].join(', ')}` : `did you mean {${meant}}?`;
    report(at, `${key} names {${visible(name)}}, which is not known here; ${hint}`);
  } else if (kind === 'secret' && isOpen) {
    report(at, `${key} puts {${visible(name)}} into a URL or a path, where others write it down: it is secret`);
  }
}

function filterFault(placeholder: Placeholder, where: Place['where'], template: Template): string | undefined {
  const isAlone = onlyPlaceholder(template) !== undefined;
  return typeFault(placeholder, where, isAlone) ?? placeFault(placeholder, where, isAlone);
}

function typeFault({ filter, name }: Placeholder, where: Place['where'], isAlone: boolean): string | undefined {
  const isJsonValue = where === 'json' && isAlone;
  if (filter === 'segments' && where !== 'path') return 'has the filter "segments", which is for a path';
  if ((filter === 'number' || filter === 'boolean') && !isJsonValue) {
    return `has the filter "${filter}", which is for a JSON value that is nothing else`;
  }
  if (name !== 'paths' || isJsonValue || (where === 'query' && isAlone)) return undefined;
  return 'has {paths}, a list: it stands alone, in JSON or in a query';
}

function placeFault({ filter, name }: Placeholder, where: Place['where'], isAlone: boolean): string | undefined {
  if (where === 'link' && !isAlone) return 'is a link, which is one value and nothing else';
  if (where !== 'raw' || isAlone || (filter !== undefined && filter !== 'segments')) return undefined;
  return `puts {${visible(name)}} into raw text: say how it is encoded there, with |json, |url or |base64`;
}

function parameterNames({ parameters }: Recipe): Names {
  return new Map(
    Object.entries(parameters).map(([name, { secret }]) => [`parameters.${name}`, secret ? 'secret' : 'open'] as const),
  );
}

function referenceNames({ reference }: Recipe): Readonly<Record<string, 'open'>> {
  const parts = reference.path.flatMap(placeholdersOf).map(({ name }) => `ref.${name}`);
  return Object.fromEntries(['path', 'version', 'field', ...parts].map((name) => [name, 'open'] as const));
}

function openOutputs(outputs: Readonly<Record<string, Output>>): Readonly<Record<string, 'open'>> {
  return Object.fromEntries(Object.keys(outputs).map((name) => [`found.${name}`, 'open'] as const));
}

function withNames(known: Names, more: Readonly<Record<string, 'open' | 'secret'>>, less?: RegExp): Names {
  return new Map([...[...known].filter(([name]) => less?.test(name) !== true), ...Object.entries(more)]);
}

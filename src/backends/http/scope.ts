import { nearest, visible } from '../../lib/text.ts';
import { type JsonPath, placesIn } from './json-path.ts';
import { authorizationPlaces, type Place, placesOf } from './places.ts';
import type { Entries, LookUpStep, Output, Pages, Recipe, Request } from './recipe.ts';
import { onlyPlaceholder, type Placeholder, placeholdersOf, type Template } from './template.ts';

/** Hears of a fault: the key that it is about, and what is wrong, completing "login[0].request.path …". */
export type FaultReport = (key: string, phrase: string) => void;

/** Values that may stand at a place, and whether they are secret. */
type Names = ReadonlyMap<string, 'open' | 'secret'>;

interface Check {
  readonly recipe: Recipe;
  readonly report: FaultReport;
}

/**
 * Reports every placeholder that names a value which is not known at its place, every secret that would go into a URL
 * or into text without an encoding, and what else no single key can see.
 */
export function checkNames(recipe: Recipe, report: FaultReport): void {
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
  checkReference(check, loggedIn);
  checkFetch(check, withNames(loggedIn, referenceNames(recipe)));
}

function checkLogin(check: Check, parameters: Names): Names {
  const { recipe } = check;
  let known: Names = withNames(parameters, { 'id-token': 'secret', 'claims.*': 'open' });
  for (const [index, { request, outputs }] of recipe.login.entries()) {
    checkRequest(check, `login[${index}].request`, request, known);
    checkOutputs(check, `login[${index}].outputs`, outputs, known);
    known = withNames(known, loginNames(outputs));
  }
  if (!known.has('login.token')) check.report('login', 'has no output "token", which is the access token');
  const kept = [...known].filter(([name]) => name !== 'id-token' && name !== 'claims.*');
  return new Map([...kept, ['token', 'secret'] as const]);
}

function loginNames(outputs: Readonly<Record<string, Output>>): Readonly<Record<string, 'open' | 'secret'>> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, output]) => [`login.${name}`, output.public === true ? 'open' : 'secret']),
  );
}

/** What a default or the standing field says becomes a part of the reference, which goes into paths and messages. */
function checkReference(check: Check, known: Names): void {
  const { field, defaults } = check.recipe.reference;
  if (field !== undefined) checkPlace(check, { key: 'reference.field', template: field, where: 'path' }, known);
  const withPath = withNames(known, { path: 'open', version: 'open', field: 'open' });
  for (const [name, template] of Object.entries(defaults)) {
    checkPlace(check, { key: `reference.defaults.${name}`, template, where: 'path' }, withPath);
  }
}

function checkFetch(check: Check, known: Names): void {
  const { recipe, report } = check;
  const { fetch, 'look-up': lookUp, 'check-out': checkOut } = recipe;
  if (fetch.one !== undefined) checkOne(check, known);
  else if (lookUp.length > 0) report('look-up', 'goes with "fetch: one" alone');
  else if (checkOut !== undefined) report('check-out', 'goes with "fetch: one" alone');
  if (fetch.many !== undefined) {
    const named = withNames(known, { paths: 'open' }, /^(?:path|field|ref\..*)$/);
    checkRequest(check, 'fetch.many.request', fetch.many.request, named);
    checkEntries(check, 'fetch.many', fetch.many, { known, shared: named });
  }
  if (fetch.all !== undefined) {
    const { pages } = fetch.all;
    checkRequest(check, 'fetch.all.request', fetch.all.request, withNames(known, pageNames(pages)));
    checkEntries(check, 'fetch.all', fetch.all, { known, shared: known });
  }
  for (const [index, name] of (fetch.outputs ?? []).entries()) {
    if (!known.has(`login.${name}`)) report(`fetch.outputs[${index}]`, `names ${visible(name)}, which no login gives`);
  }
}

/** What says which page is asked for. */
function pageNames(pages: Pages | undefined): Readonly<Record<string, 'open'>> {
  if (pages === undefined || pages.link !== undefined) return {};
  return { [pages.by ?? 'next']: 'open' };
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
    checkOutputs(check, 'check-out.outputs', checkOut.outputs, found);
    found = withNames(found, openOutputs(checkOut.outputs));
    checkRequest(check, 'check-out.check-in', checkOut['check-in'], found);
  }
  if (fetch.one === undefined) return;
  const { request, value, present, withheld } = fetch.one;
  checkRequest(check, 'fetch.one.request', request, found);
  checkOutputs(check, 'fetch.one', { value }, found);
  checkPaths(check, 'fetch.one.present', [present], found);
  checkPaths(check, 'fetch.one.withheld.json', [withheld?.json], found);
}

interface Several {
  readonly entries: readonly Entries[];
  readonly key: Template;
  readonly decode: Template;
}

/** `shared` is what all references of one request have in common. */
function checkEntries(check: Check, key: string, several: Several, names: { known: Names; shared: Names }): void {
  checkPlace(check, { key: `${key}.key`, template: several.key, where: 'path' }, names.known);
  checkDecode(check, `${key}.decode`, several.decode);
  for (const [index, { map, list, name, value, withheld }] of several.entries.entries()) {
    const at = `${key}.entries[${index}]`;
    checkPaths(check, `${at}.map`, [map], names.shared);
    checkPaths(check, `${at}.list`, [list], names.shared);
    checkPaths(check, `${at}.name`, [name], names.shared);
    checkPaths(check, `${at}.value`, value, names.known);
    checkPaths(check, `${at}.withheld.json`, [withheld?.json], names.known);
  }
}

function checkLookUp(check: Check, key: string, step: LookUpStep, known: Names): void {
  checkRequest(check, `${key}.request`, step.request, known);
  checkOutputs(check, `${key}.outputs`, step.outputs, known);
  checkPaths(check, `${key}.list`, [step.list], known);
  checkPaths(check, `${key}.present`, [step.present], known);
  for (const [name, template] of Object.entries(step.where)) {
    checkPlace(check, { key: `${key}.where.${name}`, template, where: 'path' }, known);
  }
}

function checkRequest(check: Check, key: string, request: Request, known: Names): void {
  for (const place of placesOf(request)) checkPlace(check, { ...place, key: `${key}.${place.key}` }, known);
  const { service } = request;
  if (service !== undefined && !Object.hasOwn(check.recipe.services, service)) {
    check.report(`${key}.service`, `names ${visible(service)}, which "services" does not have`);
  }
}

function checkOutputs(check: Check, key: string, outputs: Readonly<Record<string, Output>>, known: Names): void {
  let before = known;
  for (const [name, output] of Object.entries(outputs)) {
    checkPaths(check, `${key}.${name}`, output.json ?? [], known);
    checkDecode(check, `${key}.${name}.decode`, output.decode);
    if (output.claim !== undefined && !before.has(`login.${output.of}`)) {
      check.report(`${key}.${name}.of`, `names ${visible(output.of)}, which no login gave before`);
    }
    // A claim may be one of a token that stands before it.
    before = withNames(before, loginNames({ [name]: output }));
  }
}

/** In a path inside of an answer a secret would only be shown by messages, which is too much. */
function checkPaths(check: Check, key: string, paths: readonly (JsonPath | undefined)[], known: Names): void {
  for (const [index, path] of paths.entries()) {
    const where = paths.length > 1 ? `${key}[${index}]` : key;
    for (const placeholder of path === undefined ? [] : placesIn(path))
      checkName(check, placeholder, known, { key: where, isOpen: true });
  }
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
    check.report(key, `must be ${DECODES.join(', ')}, or a parameter with a default whose words are some of them`);
  }
}

function checkPlace(check: Check, { key, template, where }: Place, known: Names): void {
  const isUrl = where === 'path' || where === 'query' || where === 'link';
  for (const placeholder of placeholdersOf(template)) {
    checkName(check, placeholder, known, { key, isOpen: isUrl });
    const fault = filterFault(placeholder, where, template);
    if (fault !== undefined) check.report(key, fault);
  }
}

interface Standing {
  readonly key: string;
  readonly isOpen: boolean;
}

function checkName({ report }: Check, { name }: Placeholder, known: Names, { key, isOpen }: Standing): void {
  const kind = known.get(name) ?? (name.startsWith('claims.') ? known.get('claims.*') : undefined);
  if (kind === undefined) {
    const meant = nearest(name, [...known.keys()]);
    const hint = meant === undefined ? `there are ${[...known.keys()].join(', ')}` : `did you mean {${meant}}?`;
    report(key, `names {${visible(name)}}, which is not known here; ${hint}`);
  } else if (kind === 'secret' && isOpen) {
    report(key, `puts {${visible(name)}} into a URL or a path, where others write it down: it is secret`);
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
  const names = [...reference.path.flatMap(placeholdersOf).map(({ name }) => name), ...Object.keys(reference.defaults)];
  return Object.fromEntries(
    ['path', 'version', 'field', ...names.map((name) => `ref.${name}`)].map((name) => [name, 'open'] as const),
  );
}

function openOutputs(outputs: Readonly<Record<string, Output>>): Readonly<Record<string, 'open'>> {
  return Object.fromEntries(Object.keys(outputs).map((name) => [`found.${name}`, 'open'] as const));
}

function withNames(known: Names, more: Readonly<Record<string, 'open' | 'secret'>>, less?: RegExp): Names {
  return new Map([...[...known].filter(([name]) => less?.test(name) !== true), ...Object.entries(more)]);
}

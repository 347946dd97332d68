import { checkFixedPaths } from './fixed-paths.ts';
import { namesIn } from './places.ts';
import type { FetchAll, LoginStep, LookUpStep, Output, Recipe, Request } from './recipe.ts';
import type { FaultReport } from './scope.ts';
import { placeholdersOf, type Template } from './template.ts';

/** Reports what each key alone may say and what makes no sense beside the others. */
export function checkSense(recipe: Recipe, report: FaultReport): void {
  const { url, ready, reference, refresh, login, 'look-up': lookUps, 'check-out': checkOut, fetch } = recipe;
  // A file of the repository would otherwise say where the token goes without anybody seeing an address.
  if (ready === undefined && url !== undefined) report('url', 'belongs to the backend, beside "recipe"');
  for (const [index, pattern] of reference.path.entries()) {
    const fault = patternFault(pattern);
    if (fault !== undefined) report(reference.path.length > 1 ? `reference.path[${index}]` : 'reference.path', fault);
  }
  for (const [index, step] of login.entries()) checkStep(`login[${index}]`, step, report);
  if (refresh !== undefined) checkStep('refresh', refresh, report);
  checkExpiry(recipe, report);
  checkFixedPaths(recipe, report);
  for (const [index, step] of lookUps.entries()) checkLookUp(`look-up[${index}]`, step, report);
  if (checkOut !== undefined) checkStep('check-out', checkOut, report);
  checkFetch(fetch, report);
}

function checkFetch({ one, many, all }: Recipe['fetch'], report: FaultReport): void {
  if (one !== undefined) {
    const { request, value, present, withheld } = one;
    const readsJson = isFromJson(value) || present !== undefined || withheld !== undefined;
    requireJson('fetch.one.request', request, readsJson, report);
    if (request.answer === 'none') report('fetch.one.request.answer', 'is none, and a value is wanted of it');
  }
  if (many !== undefined) requireJson('fetch.many.request', many.request, true, report);
  if (all !== undefined) checkAll(all, report);
}

/** The parts of a reference are placeholders between slashes, each with a name of its own; one may be of any length. */
function patternFault(pattern: Template): string | undefined {
  const places = placeholdersOf(pattern);
  const isPlain = pattern.parts.every((part, index) =>
    index % 2 === 0 ? typeof part !== 'string' && !part.name.includes('.') : part === '/',
  );
  const takes = 'must be names in braces between slashes, such as "{folder|segments}/{name}"';
  if (!isPlain || pattern.parts.length % 2 === 0) return takes;
  if (places.some(({ filter }) => filter !== undefined && filter !== 'segments')) return takes;
  if (places.filter(({ filter }) => filter === 'segments').length > 1) return 'has several parts of any length';
  return new Set(places.map(({ name }) => name)).size < places.length ? 'has two parts of one name' : undefined;
}

function checkStep(key: string, { request, outputs }: Omit<LoginStep, 'expires'>, report: FaultReport): void {
  requireJson(`${key}.request`, request, Object.values(outputs).some(isFromJson), report);
}

function checkLookUp(key: string, step: LookUpStep, report: FaultReport): void {
  const { request, outputs, list, present, where } = step;
  const readsJson = list !== undefined || present !== undefined || Object.values(outputs).some(isFromJson);
  requireJson(`${key}.request`, request, readsJson, report);
  if (list === undefined && Object.keys(where).length > 0) report(`${key}.where`, 'goes with "list"');
  if (list !== undefined && Object.keys(where).length === 0)
    report(`${key}.list`, 'needs "where" beside it: which of its items is the one?');
}

/** A rule for the end of a token that reads JSON wants it of the login's last answer with a token, and of a refresh. */
function checkExpiry({ login, refresh, expires }: Recipe, report: FaultReport): void {
  const granting = login.findLastIndex(({ outputs }) => Object.hasOwn(outputs, 'token'));
  const readsJson = expires.some((rule) => rule.in !== undefined || rule.at !== undefined);
  const request = login[granting]?.request;
  if (request !== undefined) requireJson(`login[${granting}].request`, request, readsJson, report);
  if (refresh === undefined) return;
  const rules = refresh.expires ?? expires;
  requireJson(
    'refresh.request',
    refresh.request,
    rules.some((rule) => rule.in !== undefined || rule.at !== undefined),
    report,
  );
}

function checkAll({ request, pages, entries }: FetchAll, report: FaultReport): void {
  requireJson('fetch.all.request', request, true, report);
  if (pages === undefined || pages.link !== undefined) return;
  const name = pages.by ?? 'next';
  if (!namesIn(request).includes(name))
    report('fetch.all.pages', `has no effect: {${name}} stands nowhere in the request`);
  const [first] = entries;
  if (pages.by !== undefined && first?.list === undefined)
    report('fetch.all.pages.by', 'counts the items of a list, and "entries" names none');
}

function requireJson(key: string, request: Request, readsJson: boolean, report: FaultReport): void {
  if (request.answer === 'json' || !(readsJson || request.pending?.json !== undefined)) return;
  report(`${key}.answer`, `is ${request.answer}, and something is read of it as JSON`);
}

function isFromJson({ json }: Output): boolean {
  return json !== undefined;
}

import type { SecretRef } from '../../lib/secrets.ts';
import type { PlannedRequest } from '../types.ts';
import { isId, lookedUpTogether, readTogether } from './fetch-one.ts';
import { batchesOf, batchValues, placesIn } from './fetch-several.ts';
import { firstPageValues } from './pages.ts';
import type { LoginStep, Request } from './recipe.ts';
import { wantedFrom, type Wanted } from './references.ts';
import { pathOf } from './render.ts';
import type { Sender } from './sender.ts';
import { shownTemplate, type Template } from './template.ts';
import { type Values, withValues } from './values.ts';

// What only an answer can tell stands between two characters that no value has, until it is shown in braces.
const [OPEN, CLOSE] = ['\u{E000}', '\u{E001}'];

/** The requests of a login and of a fetch of these, when nothing fails. */
export function planAll(sender: Sender, values: Values, refs: readonly SecretRef[]): readonly PlannedRequest[] {
  const { recipe } = sender;
  const known = withValues(values, {
    ...unknown('login', recipe.login),
  });
  const wanted = wantedFrom(refs, recipe, known);
  const names = wanted.map(({ ref }) => ref.name);
  const logins = recipe.login.map(({ request }, index) => {
    const isLast = index === recipe.login.length - 1;
    return planned(sender, 'exchange', request, {
      values: known,
      brings: isLast && recipe.fetch.outputs !== undefined ? names : [],
    });
  });
  return [...logins, ...readsOf(sender, wanted)];
}

function readsOf(sender: Sender, wanted: readonly Wanted[]): readonly PlannedRequest[] {
  const { many, all } = sender.recipe.fetch;
  if (many !== undefined) {
    return batchesOf(many, wanted).map((batch) =>
      planned(sender, 'read', many.request, { values: batchValues(batch), brings: namesOf(batch) }),
    );
  }
  if (all !== undefined) {
    return placesIn(all, wanted).map((group) =>
      planned(sender, 'read', all.request, {
        values: firstPageValues(all.pages, group[0]?.values ?? new Map()),
        brings: namesOf(group),
      }),
    );
  }
  return lookedUpTogether(sender.recipe, wanted).flatMap((group) => readsOfOne(sender, group));
}

function readsOfOne(sender: Sender, group: readonly Wanted[]): readonly PlannedRequest[] {
  const { recipe } = sender;
  const { fetch, 'look-up': lookUp, 'check-out': checkOut } = recipe;
  const [first] = group;
  if (first === undefined || fetch.one === undefined) return [];
  const isDirect = recipe.reference['id-alone'] && isId(first.ref.path);
  const steps = [...lookUp, ...(checkOut === undefined ? [] : [checkOut])];
  const found = { ...unknown('found', steps), ...(isDirect && { 'found.id': first.ref.path }) };
  const plan = (
    { values }: Wanted,
    purpose: PlannedRequest['purpose'],
    request: Request,
    brings: readonly string[] = [],
  ): PlannedRequest => planned(sender, purpose, request, { values: withValues(values, found), brings });
  const lookUps = isDirect ? [] : lookUp.map(({ request }) => plan(first, 'read', request));
  const { one } = fetch;
  const reads = readTogether(recipe, one, group).flatMap((same) => {
    const of = same[0] ?? first;
    const read = plan(of, 'read', one.request, namesOf(same));
    if (checkOut?.when !== 'always') return [read];
    return [plan(of, 'check-out', checkOut.request), read, plan(of, 'check-in', checkOut['check-in'])];
  });
  return [...lookUps, ...reads];
}

interface Filling {
  readonly values: Values;
  readonly brings: readonly string[];
}

function planned(
  { context }: Sender,
  purpose: PlannedRequest['purpose'],
  request: Request,
  { values, brings }: Filling,
): PlannedRequest {
  const hasBody = request.form !== undefined || request.json !== undefined || request.raw !== undefined;
  const method = request.method ?? (hasBody ? 'POST' : 'GET');
  const client = request.service === undefined ? context.http : context.service(request.service);
  const base = client.endpoint.pathname.replace(/\/+$/, '');
  const target = request.link === undefined ? pathOf(request, values) : `/${shownLink(request.link)}`;
  const path = `${base}${target}`.replaceAll(encodeURIComponent(OPEN), '{').replaceAll(encodeURIComponent(CLOSE), '}');
  return { purpose, method, path, brings, ...(request.service !== undefined && { origin: client.endpoint.origin }) };
}

/** All that is known of a link before it comes is its name. */
function shownLink(link: Template): string {
  return shownTemplate(link).replace(/^\{[a-z]+\./, '{');
}

function unknown(kind: string, steps: readonly Pick<LoginStep, 'outputs'>[]): Readonly<Record<string, string>> {
  const names = steps.flatMap(({ outputs }) => Object.keys(outputs));
  return Object.fromEntries(names.map((name) => [`${kind}.${name}`, `${OPEN}${name}${CLOSE}`]));
}

function namesOf(wanted: readonly Wanted[]): readonly string[] {
  return wanted.map(({ ref }) => ref.name);
}

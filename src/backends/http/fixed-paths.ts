import { visible } from '../../lib/text.ts';
import { type JsonPath, placesIn } from './json-path.ts';
import type { ErrorRules, Expiry, Recipe, Request } from './recipe.ts';
import type { FaultReport } from './scope.ts';

/** Reports placeholders in paths that are read where nothing is known that could stand in them: they would never match. */
export function checkFixedPaths(recipe: Recipe, report: FaultReport): void {
  for (const [key, paths] of fixedPaths(recipe)) {
    for (const [index, path] of paths.entries()) {
      const [first] = path === undefined ? [] : placesIn(path);
      const at = paths.length > 1 ? `${key}[${index}]` : key;
      if (first !== undefined) report(at, `has {${visible(first.name)}}: no value can stand in this path`);
    }
  }
}

type Paths = readonly [key: string, paths: readonly (JsonPath | undefined)[]];

function fixedPaths(recipe: Recipe): readonly Paths[] {
  const { fetch, expires, refresh, errors } = recipe;
  const { refused } = fetch.many ?? {};
  const { pages } = fetch.all ?? {};
  return [
    ...inErrors('errors', errors),
    ...inExpiry('expires', expires),
    ...inExpiry('refresh.expires', refresh?.expires ?? []),
    ...requestsOf(recipe).flatMap(([key, { pending, errors: own }]) => [
      [`${key}.pending.json`, [pending?.json]] as const,
      ...inErrors(`${key}.errors`, own),
    ]),
    ['fetch.many.refused.list', [refused?.list]],
    ['fetch.many.refused.name', [refused?.name]],
    ['fetch.many.refused.code', [refused?.code]],
    ['fetch.all.pages.next', pages?.next ?? []],
    ['fetch.all.pages.link', pages?.link ?? []],
  ];
}

function inErrors(key: string, errors: ErrorRules | undefined): readonly Paths[] {
  return [
    [`${key}.status`, errors?.status ?? []],
    [`${key}.members`, errors?.members ?? []],
    [`${key}.code`, errors?.code ?? []],
  ];
}

function inExpiry(key: string, rules: readonly Expiry[]): readonly Paths[] {
  return rules.flatMap((rule, index): Paths[] => [
    [`${key}[${index}].in`, rule.in ?? []],
    [`${key}[${index}].at`, rule.at ?? []],
  ]);
}

function requestsOf(recipe: Recipe): readonly (readonly [key: string, request: Request])[] {
  const { login, refresh, logout, fetch, 'look-up': lookUps, 'check-out': checkOut } = recipe;
  const perhaps: readonly (readonly [string, Request | undefined])[] = [
    ...login.map(({ request }, index) => [`login[${index}].request`, request] as const),
    ['refresh.request', refresh?.request],
    ['logout', logout],
    ...lookUps.map(({ request }, index) => [`look-up[${index}].request`, request] as const),
    ['check-out.request', checkOut?.request],
    ['check-out.check-in', checkOut?.['check-in']],
    ['fetch.one.request', fetch.one?.request],
    ['fetch.many.request', fetch.many?.request],
    ['fetch.all.request', fetch.all?.request],
  ];
  return perhaps.flatMap(([key, request]) => (request === undefined ? [] : [[key, request] as const]));
}

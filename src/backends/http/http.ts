import { SecretctlError } from '../../lib/errors.ts';
import type { SecretRef } from '../../lib/secrets.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import type { AccessToken } from '../../lib/tokens.ts';
import type {
  Backend,
  BackendContext,
  Exchanging,
  LoggingIn,
  Outcome,
  Reading,
  Refreshing,
  Revoking,
} from '../types.ts';
import { fetchOneByOne } from './fetch-one.ts';
import { fetchAll, fetchMany } from './fetch-several.ts';
import { unpacked } from './kept-values.ts';
import { logIn, logOut, refreshed } from './login.ts';
import { parameterValues, type Parameters } from './parameters.ts';
import { takesIdToken } from './places.ts';
import { planAll } from './plan.ts';
import type { Recipe } from './recipe.ts';
import { wantedFrom, type Wanted } from './references.ts';
import type { Sender } from './sender.ts';
import type { HttpBackendValues } from './settings.ts';
import { type Values, withValues } from './values.ts';

/** A product as its recipe describes it. It logs in by the ID token, or by its parameters where no step takes that. */
export function openHttpBackend(context: BackendContext<HttpBackendValues>): Backend {
  const { recipe, parameters = {} } = context.values;
  if (recipe === undefined) throw new SecretctlError('INTERNAL', 'a backend of type http without a recipe');
  const sender: Sender = { recipe, context };
  const values: Values = new Map(Object.entries(parameterValues(recipe, parameters)));
  const reading: Reading & Partial<Refreshing & Revoking> = {
    name: context.name,
    cacheContext: cacheContextOf(recipe, parameters),
    fetchSecrets: (accessToken, refs) => fetchWith(sender, values, accessToken, refs),
    plan: (refs) => planAll(sender, values, refs),
    ...(recipe.refresh !== undefined && { refresh: (token: AccessToken) => refreshed(sender, values, token) }),
    ...(recipe.logout !== undefined && { revoke: (token: AccessToken) => logOut(sender, values, token) }),
  };
  const entrance: Exchanging | LoggingIn = takesIdToken(recipe)
    ? { exchange: (idToken) => logIn(sender, values, idToken) }
    : { logIn: () => logIn(sender, values, undefined) };
  return { ...reading, ...entrance };
}

async function fetchWith(
  sender: Sender,
  values: Values,
  accessToken: AccessToken,
  refs: readonly SecretRef[],
): Promise<readonly Outcome[]> {
  const { recipe } = sender;
  const known = withValues(values, unpacked(recipe, accessToken.value));
  const wanted = wantedFrom(refs, recipe, known);
  const outcomes = await outcomesOf(sender, known, wanted);
  const byRef = new Map(outcomes.map((outcome) => [outcome.ref, outcome]));
  return refs.flatMap((ref) => byRef.get(ref) ?? []);
}

function outcomesOf(
  sender: Sender,
  known: Values,
  wanted: readonly Wanted[],
): Promise<readonly Outcome[]> | readonly Outcome[] {
  const { one, many, all, outputs = [] } = sender.recipe.fetch;
  if (one !== undefined) return fetchOneByOne(sender, one, wanted);
  if (many !== undefined) return fetchMany(sender, many, wanted);
  if (all !== undefined) return fetchAll(sender, all, wanted);
  return wanted.map(({ ref, rest }) => {
    const value = outputs.includes(ref.path) ? known.get(`login.${ref.path}`) : undefined;
    if (typeof value === 'string') return { ref, value: new Sensitive(value), rest };
    if (value instanceof Sensitive) return { ref, value, rest };
    return { ref, refusal: 'missing', reason: `the login gives ${outputs.join(', ')}` };
  });
}

/** The whole recipe and its parameters: another description may mean another identity. */
function cacheContextOf(recipe: Recipe, parameters: Parameters): readonly string[] {
  const given = Object.entries(parameters)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${boundText(value)}`);
  return [JSON.stringify(recipe), ...given];
}

/** With a secret among the parameters the access token is never kept: it comes from another backend. */
function boundText(value: Parameters[string]): string {
  if (typeof value === 'string') return value;
  return value instanceof Sensitive ? value.toString() : `secretctl:${value.reference}`;
}

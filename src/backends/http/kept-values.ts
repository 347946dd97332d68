import { SecretctlError } from '../../lib/errors.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { neededNames } from './names.ts';
import type { Recipe } from './recipe.ts';
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

function openOutputs({ login }: Recipe): ReadonlySet<string> {
  return new Set(
    login.flatMap(({ outputs }) =>
      Object.entries(outputs).flatMap(([name, output]) => (output.public === true ? [name] : [])),
    ),
  );
}

import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { recipeSchema } from '../../../../src/backends/http/index.ts';
import { READY } from '../../../../src/backends/http/recipes/index.ts';
import { imaginaryRecipe } from '../../../../src/dev/http/imaginary-recipe.ts';

const validate = new Ajv2020({
  allErrors: true,
  allowUnionTypes: true,
  strict: true,
  strictRequired: false,
  strictTypes: false,
}).compile(recipeSchema());

test.each(Object.keys(READY))('the schema takes the ready recipe %s', async (name) => {
  const recipe: unknown = parse((await READY[name]?.()) ?? '');
  expect(validate(recipe), JSON.stringify(validate.errors)).toBe(true);
});

test('the schema takes the one that uses the awkward end of everything', () => {
  expect(validate(imaginaryRecipe(true)), JSON.stringify(validate.errors)).toBe(true);
});

test.each<[string, object]>([
  ['an unknown key', { logon: {} }],
  ['an unknown key deeper down', { authorization: { header: {} } }],
  ['a word that is none', { expires: { at: 'x', form: 'epoch' } }],
  ['a number out of bounds', { fetch: { many: { request: { path: '/' }, entries: { map: '.' }, 'at-most': 0 } } }],
])('and refuses %s', (_, change) => {
  expect(validate({ ...imaginaryRecipe(false), ...change })).toBe(false);
});

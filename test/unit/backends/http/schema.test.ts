import { readFileSync } from 'node:fs';
import path from 'node:path';
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

/** Every key of every block of a recipe. */
function keysIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const properties: unknown = Reflect.get(schema, 'properties');
  const own = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  return [...own, ...Object.values(schema).flatMap(keysIn)];
}

test('every key stands in the document that says how to write one', () => {
  const document = readFileSync(path.join(import.meta.dirname, '../../../../docs/recipes.md'), 'utf8');
  const keys = [...new Set(keysIn(recipeSchema()))];
  expect(keys.length).toBeGreaterThan(60);
  const text = document.replaceAll(/^```[^]*?^```$/gm, '');
  const told = [...text.matchAll(/`[^`]+`/g)].join(' ');
  expect(keys.filter((key) => !new RegExp(`(?:^|[^\\w-])${key}(?:[^\\w-]|$)`).test(told))).toEqual([]);
});

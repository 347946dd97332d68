import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configurationSchema } from '../../../src/config/schema.ts';
import { load, textOf } from '../../support/configured.ts';

const FIXTURES = path.join(import.meta.dirname, '../../fixtures/config');
const fixtures = (folder: string): readonly (readonly [name: string, text: string])[] =>
  readdirSync(path.join(FIXTURES, folder)).map((name) => [
    name,
    readFileSync(path.join(FIXTURES, folder, name), 'utf8'),
  ]);

const validate = new Ajv2020({
  allErrors: true,
  allowUnionTypes: true,
  strict: true,
  strictRequired: false,
  strictTypes: false,
}).compile(configurationSchema());

describe('loader and schema agree', () => {
  test.each(fixtures('fine'))('%s is accepted by both', async (_, text) => {
    const { error } = await load({ files: { 'secretctl.yaml': text } });
    expect(textOf(error)).toBe('');
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each(fixtures('faulty'))('%s is refused by both', async (_, text) => {
    const { error } = await load({ files: { 'secretctl.yaml': text }, command: 'login' });
    expect(['CONFIG_INVALID', 'NAME_INVALID', 'REFERENCE_INVALID']).toContain(error?.reason);
    expect(textOf(error)).toMatch(/secretctl\.yaml:\d+:\d+: /);
    expect(validate(parse(text))).toBe(false);
  });
});

/** Mostly a good value; now and then one of a wrong type or form. */
const mostly = (...good: unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(true, 0, 7, 1.5, null, '', 'x y', [], ['a'], {}, { a: 1 }) },
  );
const some = (members: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[] = []): fc.Arbitrary<unknown> =>
  fc.record({ ...members }, { requiredKeys });
const backend = some(
  {
    type: mostly('conjur'),
    url: mostly('https://c.example', 'https://d.example:8443/api'),
    account: mostly('a'),
    'service-id': mostly('s'),
    'fallback-url': mostly(['https://e.example']),
    'single-use': mostly(true, false),
    'ca-file': mostly('ca.pem'),
    token: some({ env: mostly('A'), audience: mostly('https://c.example', 'b') }),
  },
  ['type', 'url', 'account', 'service-id'],
);
const secret = fc.oneof(
  mostly('a/b', 'c:x#y', 'a?version=2'),
  some({ ref: mostly('a/b'), optional: mostly(true), file: mostly(true, false) }, ['ref']),
  some(
    {
      path: mostly('a/b'),
      version: mostly(1, 2),
      field: mostly('a.b', ['a', 'b.c']),
      optional: mostly(true),
      default: mostly(''),
    },
    ['path'],
  ),
);
const file = fc.record(
  {
    backends: fc.dictionary(fc.constantFrom('c', 'd'), backend, { maxKeys: 2 }),
    secrets: fc.dictionary(fc.constantFrom('A', 'B', 'A-B'), secret, { maxKeys: 2 }),
    'default-backend': mostly('c'),
    timeout: mostly('5s', '10m'),
    'max-answer-bytes': mostly('2MiB', 4096),
    'no-cache': mostly(true, false),
    output: mostly('x.env'),
  },
  { requiredKeys: [] },
);

test('what the loader accepts, the schema accepts', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(file, async (content) => {
      const { settings } = await load({
        files: { 'secretctl.yaml': JSON.stringify(content) },
        command: 'login',
        env: { CONJUR_APPLIANCE_URL: 'https://c.example', CONJUR_ACCOUNT: 'a', CONJUR_AUTHN_JWT_SERVICE_ID: 's' },
      });
      if (settings === undefined) return;
      accepted++;
      expect(validate(content), JSON.stringify(validate.errors)).toBe(true);
    }),
    { numRuns: 250 },
  );
  expect(accepted).toBeGreaterThan(25);
});

test('every member of the schema has a description', () => {
  const undescribed: string[] = [];
  const visit = (node: unknown, at: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties' && !at.includes('/if') && !at.includes('dependentSchemas')) {
        for (const [name, member] of Object.entries(value as object)) {
          const described =
            JSON.stringify(member).includes('"description"') ||
            name === 'type' ||
            name === 'secrets' ||
            name === 'backends';
          if (!described) undescribed.push(`${at}/${name}`);
        }
      }
      visit(value, `${at}/${key}`);
    }
  };
  visit(configurationSchema(), '');
  expect(undescribed).toEqual([]);
});

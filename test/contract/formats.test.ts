import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/formats/index.ts';
import { SecretctlError } from '../../src/lib/errors.ts';
import { Sensitive } from '../../src/lib/sensitive.ts';
import { circumstances } from '../support/round-trip.ts';
import { awkwardTexts, NASTY } from '../support/nasty-values.ts';

// Nothing in this file knows a format: a new row of the table is held to all of it.

const ROUND_TRIPS = path.join(import.meta.dirname, 'round-trip');
const TEXTS = [...NASTY, ...awkwardTexts(20_265, 300), '\0', ''];

describe.each(FORMATS.map((format) => [format.name, format] as const))('%s', async (name, format) => {
  const renderer = await format.load();
  const render = (value: string | Buffer): Buffer =>
    renderer.render([{ name: 'A', value: new Sensitive(value), reference: 'prod/a' }], circumstances());

  test('writes a plain value, the same each time', () => {
    expect(render('plain').toString()).toContain('plain');
    expect(render('plain')).toEqual(render('plain'));
  });

  test("writes a value, or refuses it by the secret's name", () => {
    for (const text of [...TEXTS, Buffer.from([255, 254])]) {
      try {
        expect(render(text)).toBeInstanceOf(Buffer);
      } catch (error) {
        expect(error).toBeInstanceOf(SecretctlError);
        expect(error).toMatchObject({ reason: 'NOT_REPRESENTABLE', message: expect.stringContaining('A (prod/a)') });
      }
    }
  });

  test('says in help and in the documents who reads it', () => {
    expect(format.help).toMatch(/^\S.{5,100}[^.]$/);
    const document = readFileSync(path.join(import.meta.dirname, '../../docs/formats.md'), 'utf8');
    expect(document).toMatch(new RegExp(`^\\|[^|]*\`${name}\`[^|]*\\|`, 'm'));
  });

  test.skipIf(format.single === true)('is read back by its real readers', () => {
    const tests = readdirSync(ROUND_TRIPS).map((file) => readFileSync(path.join(ROUND_TRIPS, file), 'utf8'));
    expect(tests.filter((text) => text.includes(`formats/${name.replace(':', '-')}.ts`))).not.toEqual([]);
  });
});

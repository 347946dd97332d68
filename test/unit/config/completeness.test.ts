import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { BACKENDS } from '../../../src/backends/index.ts';
import { generalSettings, productSettings } from '../../../src/config/settings.ts';
import { defaultText, SettingFault } from '../../../src/lib/settings.ts';

const ALL = [...generalSettings(), ...productSettings()];
const ROOT = path.join(import.meta.dirname, '../../..');
const README = ['README.md', ...readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`)]
  .map((name) => readFileSync(path.join(ROOT, name), 'utf8'))
  .join('\n');

/** What the README names but is no setting of these tables: flags of `dev`, of Node, and what no flag may say. */
const OTHER_FLAGS = new Set(
  'verify json keys-url help version env-file ci secret secrets forbid claim lifetime latency fault option server-clock report stdout-is-log state color encoding identity policy'.split(
    ' ',
  ),
);
const OTHER_VARIABLES = new Set(['SECRETCTL_ID_TOKEN', 'SECRETCTL_ALLOWED_ORIGINS']);

describe.each(ALL.map((setting) => [setting.variable, setting] as const))('%s', (_, setting) => {
  test('has flag, variable and file key, or a reason why not', () => {
    const missing = [setting.flag, setting.file].filter((place) => place === undefined);
    expect(setting.reasons).toHaveLength(missing.length);
    for (const reason of setting.reasons) expect(reason).toMatch(/^[a-z].{10,}[^.]$/);
    expect(setting.variable).toMatch(/^SECRETCTL_[A-Z0-9_]+$/);
  });

  test('has a help line, and a parser that says what it takes', () => {
    expect(setting.row.help).toMatch(/^(?:[^A-Z ]|PEM ).{5,110}[^.]$/);
    expect(setting.row.parser.takes).toMatch(/^.{3,}[^.]$/s);
    expect(Object.keys(setting.row.parser.schema)).not.toHaveLength(0);
  });

  test('has a parser that never throws anything else and never quotes its input', () => {
    for (const text of ['', 'hunter2-\u0000', 'hunter2://\n', '-1', 'hunter2'.repeat(5000), '\ud800']) {
      try {
        setting.row.parser.parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SettingFault);
        expect(error instanceof Error && error.message).not.toMatch(/hunter2/);
      }
    }
  });

  test('has a default that its file value could have', () => {
    const { parser, default: standing } = setting.row;
    if (typeof standing !== 'string' && typeof standing !== 'boolean') return;
    expect(parser.parse(`${standing}`)).toEqual(standing);
  });

  test('has a default whose text reads back as it is', () => {
    const { parser, default: standing } = setting.row;
    const text = defaultText(setting.row);
    if (text === undefined) expect([undefined, false, []]).toContainEqual(standing);
    else expect(parser.parse(text)).toEqual(standing);
  });

  test('is in the documents with its flag and its variable', () => {
    if (setting.flag !== undefined) expect(README).toMatch(new RegExp(`--${setting.flag}(?![a-z-])`));
    expect(README).toMatch(new RegExp(`${setting.variable}(?![A-Z_])`));
  });
});

test('no two settings share a flag, a variable or a file key', () => {
  const flags = ALL.flatMap((setting) => setting.flag ?? []);
  expect(new Set(flags).size).toBe(flags.length);
  expect(new Set(ALL.map((setting) => setting.variable)).size).toBe(ALL.length);
  for (const { type } of BACKENDS) {
    const keys = [
      ...generalSettings().filter((setting) => setting.area === 'backend'),
      ...productSettings(type),
    ].flatMap((setting) => setting.file?.join('.') ?? []);
    expect(new Set([...keys, 'type', 'token']).size).toBe(keys.length + 2);
  }
});

test('every flag and variable that the README names exists', () => {
  const flags = new Set(ALL.flatMap((setting) => setting.flag ?? []));
  const ours = [...README.matchAll(/(?<=secretctl[^\n]*\s|`|\| )--(?<flag>[a-z][a-z0-9-]+)/g)].map(
    (found) => found.groups?.['flag'] ?? '',
  );
  expect(ours.filter((flag) => !flags.has(flag) && !OTHER_FLAGS.has(flag))).toEqual([]);
  const variables = new Set(ALL.map((setting) => setting.variable));
  const named = [...README.matchAll(/SECRETCTL_[A-Z][A-Z0-9_]*[A-Z0-9]/g)].map(([variable]) => variable);
  expect(named.filter((variable) => !variables.has(variable) && !OTHER_VARIABLES.has(variable))).toEqual([]);
});

test('every product variable that the README must explain is there', () => {
  const names = BACKENDS.flatMap(({ variables, settings }) => [
    ...Object.values(variables).flat(),
    ...Object.values(settings).flatMap((row) => row.variables ?? []),
  ]);
  expect(names.filter((name) => !README.includes(name))).toEqual([]);
});

import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { json } from '../../../src/formats/json.ts';
import type { Renderer } from '../../../src/formats/types.ts';
import { yaml } from '../../../src/formats/yaml.ts';
import { awkwardTexts, NASTY, passwords } from '../../support/nasty-values.ts';
import {
  carried,
  differences,
  members,
  onPath,
  output,
  pythonWith,
  type Reader,
  isSkipped,
} from '../../support/round-trip.ts';
import { COUNT } from '../../support/round-trip-suite.ts';

/** A reader that is a program: it prints the object as JSON, which Node then reads. */
function program(name: string, command: string | undefined, ...args: string[]): Reader {
  return {
    name,
    isHere: command !== undefined,
    read: (file) => members(JSON.parse(output(command ?? '', [...args, file]).toString())),
  };
}

/** As the other reader, after turning each value into base64 by itself, so that nothing depends on how it prints JSON. */
const python = onPath('python3');
const ruby = onPath('ruby');

const JSON_READERS: readonly Reader[] = [
  { name: 'JSON.parse', isHere: true, read: (file) => members(JSON.parse(readFileSync(file, 'utf8'))) },
  program(
    'Python json',
    python,
    '-c',
    'import json, sys; print(json.dumps(json.load(open(sys.argv[1], encoding="utf-8"))))',
  ),
  program('Ruby JSON', ruby, '-rjson', '-e', 'puts JSON.generate(JSON.parse(File.read(ARGV[0], encoding: "UTF-8")))'),
  {
    name: 'jq',
    isHere: onPath('jq') !== undefined,
    read: (file) => {
      const lines = output(onPath('jq') ?? '', ['-r', 'to_entries[] | "\\(.key) \\(.value | @base64)"', file])
        .toString()
        .trimEnd();
      return new Map(
        lines
          .split('\n')
          .map((line) => line.split(' '))
          .map(([name = '', text = '']) => [name, Buffer.from(text, 'base64')]),
      );
    },
  },
];

const YAML_READERS: readonly Reader[] = [
  {
    name: 'npm yaml as 1.2',
    isHere: true,
    read: (file) => members(parse(readFileSync(file, 'utf8'), { version: '1.2' })),
  },
  {
    name: 'npm yaml as 1.1',
    isHere: true,
    read: (file) => members(parse(readFileSync(file, 'utf8'), { version: '1.1' })),
  },
  { name: 'js-yaml', isHere: true, read: (file) => members(load(readFileSync(file, 'utf8'))) },
  program(
    'PyYAML',
    pythonWith('yaml'),
    '-c',
    'import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], "rb"))))',
  ),
  program(
    'Ruby Psych',
    ruby,
    '-rjson',
    '-ryaml',
    '-e',
    'puts JSON.generate(YAML.load(File.read(ARGV[0], encoding: "UTF-8")))',
  ),
];

const RANDOM = awkwardTexts(20_264, COUNT);
/** JSON and YAML can hold what no environment can. */
const WITH_NUL = [...NASTY, '\0', 'a\0b', '\0\n'];

const TABLES: readonly (readonly [string, Renderer, readonly Reader[]])[] = [
  ['json', json, JSON_READERS],
  ['yaml', yaml, YAML_READERS],
];

for (const [name, format, readers] of TABLES) {
  describe(`${name} is read back exactly`, () => {
    test('no text is refused', () => {
      expect(carried(format, WITH_NUL)).toHaveLength(WITH_NUL.length);
      expect(carried(format, RANDOM)).toHaveLength(COUNT);
      expect(carried(format, passwords(7, 2000))).toHaveLength(2000);
    });

    for (const reader of readers) {
      test.skipIf(isSkipped(reader))(`${reader.name}: nasty values`, () =>
        expect(differences(format, reader, WITH_NUL)).toEqual([]),
      );
      test.skipIf(isSkipped(reader))(`${reader.name}: ${COUNT} random values`, () =>
        expect(differences(format, reader, RANDOM)).toEqual([]),
      );
    }
  });
}

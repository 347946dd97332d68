import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseEnv } from 'node:util';
import dotenvx from '@dotenvx/dotenvx';
import dotenv18 from 'dotenv';
import dotenv16 from 'dotenv16';
import { describe, expect, test } from 'vitest';
import { dotenv } from '../../../src/formats/dotenv.ts';
import { awkwardTexts, NASTY, passwords } from '../../support/nasty-values.ts';
import {
  carried,
  differences,
  environmentIn,
  members,
  onPath,
  output,
  type Reader,
  isSkipped,
} from '../../support/round-trip.ts';

const dotenvxProgram = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@dotenvx/dotenvx/package.json')),
  'src/cli/dotenvx.js',
);
const otherNode = onPath('node');

function nodeReader(name: string, node: string | undefined): Reader {
  return {
    name,
    isHere: node !== undefined,
    read: (file) =>
      members(
        JSON.parse(
          output(node ?? '', [`--env-file=${file}`, '-e', 'console.log(JSON.stringify(process.env))'], {}).toString(),
        ),
      ),
  };
}

const READERS: readonly Reader[] = [
  { name: 'npm dotenv 18', isHere: true, read: (file) => members(dotenv18.parse(readFileSync(file))) },
  { name: 'npm dotenv 16', isHere: true, read: (file) => members(dotenv16.parse(readFileSync(file))) },
  {
    name: 'dotenvx, library',
    isHere: true,
    read: (file) => members(dotenvx.parse(readFileSync(file, 'utf8'), { processEnv: {} })),
  },
  {
    name: 'dotenvx, program',
    isHere: true,
    read: (file) => {
      const args = [dotenvxProgram, 'run', '--quiet', '-f', file, '--', '/usr/bin/env', '-0'];
      return environmentIn(
        output(process.execPath, args, {
          PATH: process.env['PATH'],
          HOME: path.dirname(file),
          DOTENVX_NO_ARMOR: 'true',
        }),
      );
    },
  },
  { name: 'util.parseEnv', isHere: true, read: (file) => members(parseEnv(readFileSync(file, 'utf8'))) },
  nodeReader('node --env-file, this Node', process.execPath),
  nodeReader('node --env-file, the machine’s Node', otherNode),
];

const NASTY_CARRIED = carried(dotenv, NASTY);
const RANDOM = carried(dotenv, awkwardTexts(20_261, 6000)).slice(0, 1200);

describe('dotenv files are read back exactly', () => {
  test('the values tried are many and hostile', () => {
    expect(RANDOM).toHaveLength(1200);
    expect(NASTY_CARRIED.length).toBeGreaterThan(80);
  });

  for (const reader of READERS) {
    test.skipIf(isSkipped(reader))(`${reader.name}: nasty values`, () => {
      expect(differences(dotenv, reader, NASTY_CARRIED)).toEqual([]);
      expect(differences(dotenv, reader, NASTY_CARRIED.toReversed())).toEqual([]);
    });

    test.skipIf(isSkipped(reader))(`${reader.name}: 1,200 random values`, () => {
      expect(differences(dotenv, reader, RANDOM)).toEqual([]);
      expect(differences(dotenv, reader, RANDOM.toReversed())).toEqual([]);
    });
  }
});

test('dotenv refuses about 11 % of random passwords, no more', () => {
  const tried = passwords(7, 10_000);
  const share = 1 - carried(dotenv, tried).length / tried.length;
  expect(share).toBeLessThan(0.125);
  expect(share).toBeGreaterThan(0.08);
});

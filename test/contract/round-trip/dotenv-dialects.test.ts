import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import dotenv18 from 'dotenv';
import { expect, test } from 'vitest';
import { dotenvBun } from '../../../src/formats/dotenv-bun.ts';
import { dotenvCompose } from '../../../src/formats/dotenv-compose.ts';
import { dotenvGo } from '../../../src/formats/dotenv-go.ts';
import { dotenvPortable } from '../../../src/formats/dotenv-portable.ts';
import { dotenvPython } from '../../../src/formats/dotenv-python.ts';
import { dotenvRuby } from '../../../src/formats/dotenv-ruby.ts';
import { awkwardTexts, NASTY } from '../../support/nasty-values.ts';
import {
  carried,
  differences,
  environmentIn,
  installed,
  isSkipped,
  members,
  onPath,
  output,
  pythonWith,
  type Reader,
} from '../../support/round-trip.ts';
import { describeRoundTrip } from '../../support/round-trip-suite.ts';

const go = installed('go-readers');
const bun = installed('npm/node_modules/@oven/bun-linux-x64-baseline/bin/bun');
const python = pythonWith('dotenv');
const ruby = onPath('ruby');
/** The one that Debian has: it reads one line in single quotes as the newer ones do. */
const hasRubyDotenv2 = spawnSync(ruby ?? 'ruby', ['-e', 'gem "dotenv", "~> 2.0"; require "dotenv"']).status === 0;
const [rubyDotenv3] = globSync(
  `${installed('ruby-dotenv') ?? ''}/usr/share/rubygems-integration/all/gems/dotenv-3*/lib`,
);

function goReader(name: string): Reader {
  return { name, isHere: go !== undefined, read: (file) => environmentIn(output(go ?? '', [name, file])) };
}

const GODOTENV = goReader('godotenv');
const COMPOSE = goReader('compose-go');

const PYTHON: Reader = {
  name: 'python-dotenv',
  isHere: python !== undefined,
  read: (file) => {
    const script = 'import dotenv, json, sys; print(json.dumps(dotenv.dotenv_values(sys.argv[1])))';
    return members(JSON.parse(output(python ?? '', ['-c', script, file]).toString()));
  },
};

const RUBY: Reader = {
  name: 'Ruby dotenv 3',
  isHere: ruby !== undefined && rubyDotenv3 !== undefined,
  read: (file) => {
    const script = 'require "dotenv"; require "json"; puts JSON.generate(Dotenv.parse(ARGV[0]))';
    return members(JSON.parse(output(ruby ?? '', ['-Eutf-8', '-I', rubyDotenv3 ?? '', '-e', script, file]).toString()));
  },
};

const RUBY_2: Reader = {
  name: 'Ruby dotenv 2',
  isHere: hasRubyDotenv2,
  read: (file) => {
    const script = 'require "dotenv"; require "json"; puts JSON.generate(Dotenv::Parser.call(File.read(ARGV[0])))';
    return members(JSON.parse(output(ruby ?? '', ['-Eutf-8', '-e', script, file]).toString()));
  },
};

const BUN: Reader = {
  name: 'Bun',
  isHere: bun !== undefined,
  read: (file) => {
    const args = [`--env-file=${file}`, '-e', 'console.log(JSON.stringify(process.env))'];
    return members(JSON.parse(output(bun ?? '', args, {}).toString()));
  },
};

const NODE: Reader = { name: 'Node', isHere: true, read: (file) => members(parseEnv(readFileSync(file, 'utf8'))) };
const NPM: Reader = { name: 'npm dotenv', isHere: true, read: (file) => members(dotenv18.parse(readFileSync(file))) };

const DASH: Reader = {
  name: 'dash',
  isHere: onPath('dash') !== undefined,
  read: (file) =>
    environmentIn(
      output('dash', ['-euac', '. "$FILE"; exec /usr/bin/env -0'], { FILE: file, PATH: process.env['PATH'] }),
    ),
};

describeRoundTrip('dotenv:python', dotenvPython, { readers: [PYTHON], refused: 0.014 });
// The table's 0 is of a spelling in which its reader would run a command, or read past the end of a value.
describeRoundTrip('dotenv:ruby', dotenvRuby, { readers: [RUBY], refused: 0.004 });
describeRoundTrip('dotenv:go', dotenvGo, { readers: [GODOTENV], refused: 0.001, carriesBytes: true });
describeRoundTrip('dotenv:compose', dotenvCompose, { readers: [COMPOSE], refused: 0, carriesBytes: true });
// The table's 0.033 and the passwords with "$(", which other readers of the same file would run.
describeRoundTrip('dotenv:bun', dotenvBun, { readers: [BUN], refused: 0.037 });
describeRoundTrip('dotenv:portable', dotenvPortable, {
  readers: [PYTHON, RUBY, GODOTENV, COMPOSE, BUN, NODE, NPM, DASH],
  refused: 0.65,
  drawn: 20,
});

test.skipIf(isSkipped(RUBY_2))(
  'Ruby dotenv 2 reads back what dotenv:ruby puts in single quotes on one line, and runs none of it',
  () => {
    const values = carried(dotenvRuby, [...NASTY, ...awkwardTexts(20_267, 4000), '$(exit 1)', 'a `$(id)` b']);
    const literal = values.filter((value) => !/['\n]|\\$/.test(value));
    expect(literal.length).toBeGreaterThan(2000);
    expect(differences(dotenvRuby, RUBY_2, literal)).toEqual([]);
  },
);

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKENDS } from '../../src/backends/index.ts';
import { EXAMPLES } from '../../src/cli/examples.ts';
import { configurationSchema } from '../../src/config/schema.ts';
import { FAILURES } from '../../src/lib/errors.ts';
import { PIPELINES } from '../../src/sources/pipelines.ts';
import { settingsDocument } from '../../scripts/settings-tables.ts';
import { runCommand } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** What users read, the README first. */
const DOCUMENTS: ReadonlyMap<string, string> = new Map(
  ['README.md', ...readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`)].map((name) => [
    name,
    readFileSync(path.join(ROOT, name), 'utf8'),
  ]),
);
const README = DOCUMENTS.get('README.md') ?? '';

/** One fenced block: the document, what its first line says, and its lines. */
interface Block {
  readonly document: string;
  readonly info: string;
  readonly text: string;
}

const BLOCKS: readonly Block[] = [...DOCUMENTS].flatMap(([document, content]) =>
  [...content.matchAll(/^```(?<info>.*)\n(?<text>(?:.*\n)*?)```$/gm)].map((found) => ({
    document,
    info: found.groups?.['info'] ?? '',
    text: found.groups?.['text'] ?? '',
  })),
);

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  // Each document has a place of its own, with the files that the README told its reader to make.
  for (const document of DOCUMENTS.keys()) mkdirSync(placeOf(document));
  for (const document of DOCUMENTS.keys()) {
    if (document === 'README.md') continue;
    for (const { info, text } of blocksOf('README.md')) {
      const file = fileIn(info);
      if (file !== undefined) writeFileSync(path.join(placeOf(document), file), text);
    }
  }
});

afterAll(async () => {
  await stage.close();
});

/** A laptop with a product's variables and a test token: no CI says that its terminal is a log. */
function laptop(): Record<string, string> {
  const { GITLAB_CI: _gitlab, CI: _ci, ...rest } = stage.env;
  return rest;
}

function placeOf(document: string): string {
  return path.join(stage.cwd, document.replace('/', '-'));
}

function blocksOf(document: string): readonly Block[] {
  return BLOCKS.filter((block) => block.document === document);
}

function fileIn(info: string): string | undefined {
  return /^yaml file=(?<name>\S+)$/.exec(info)?.groups?.['name'];
}

test('two set-up commands, and what they run exists', () => {
  const setUp = BLOCKS.filter(({ info }) => info === 'sh setup').map(({ text }) => text.trim());
  expect(setUp).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'build']));
});

/** Rehearsals that ran already: they depend on nothing around them, and documents show some of them twice. */
const rehearsed = new Set<string>();

// All but the tables of settings. In order and in one directory, as a reader would: a later block may use what an earlier one made.
const WITH_COMMANDS = [...DOCUMENTS.keys()].filter((document) => blocksOf(document).length > 0);

describe.each(WITH_COMMANDS)('%s', (document) => {
  for (const [index, { info, text }] of blocksOf(document).entries()) {
    const file = fileIn(info);
    const fails = /^sh(?: fails (?<exit>\d+))?$/.exec(info);
    if (file !== undefined) {
      test(`block ${index}: ${file}`, () => {
        writeFileSync(path.join(placeOf(document), file), text);
        expect(text).toContain('secrets:');
      });
    } else if (fails !== null) {
      const expected = Number(fails.groups?.['exit'] ?? 0);
      for (const line of text.trim().split('\n')) {
        const isRehearsal = line.startsWith('secretctl dev exec --backend ');
        if (isRehearsal && rehearsed.has(line)) continue;
        rehearsed.add(line);
        test(`block ${index}: ${line}`, async () => {
          const finished = await runCommand('sh', ['-c', line], { cwd: placeOf(document), env: laptop() });
          expect(finished.exit, finished.stderr).toBe(expected);
          expect(finished.stderr.includes('secretctl: error[')).toBe(expected !== 0);
        });
      }
    }
  }
});

// Where the README was followed, with a script to deploy; what serves until it is stopped has a test of its own.
describe('the examples of help', () => {
  const lines = new Set(Object.values(EXAMPLES).flat());
  test.each([...lines].filter((line) => !/dev (?:serve|token)/.test(line)))('%s', async (line) => {
    const place = mkdtempSync(path.join(stage.attic, 'help-'));
    const files = blocksOf('README.md').flatMap(({ info, text }) => [[fileIn(info), text] as const]);
    // Without a file init has to write one, and a rehearsal makes its own.
    const isAlone = /secretctl (?:init|dev)/.test(line);
    for (const [file, text] of isAlone ? [] : files) {
      if (file !== undefined) writeFileSync(path.join(place, file), text);
    }
    writeFileSync(path.join(place, 'deploy.sh'), '#!/bin/sh\necho deployed\n', { mode: 0o755 });
    const env = { ...laptop(), ...(line.startsWith('secretctl init') && { GITLAB_CI: 'true' }) };
    const finished = await runCommand('sh', ['-c', line], { cwd: place, env });
    expect(finished.exit, finished.stderr).toBe(0);
    expect(finished.stderr).not.toContain('secretctl: error[');
  });
});

test('every CI that a job can be printed for is named', () => {
  for (const { key } of PIPELINES) expect(README).toContain(`\`${key}\``);
});

test('every block is run, written, or of a kind that another test reads', () => {
  const unknown = BLOCKS.filter(({ info }) => !/^(?:sh(?: setup| fails \d+)?|yaml(?: file=\S+| ci=\S+)?)$/.test(info));
  expect(unknown).toEqual([]);
  expect(WITH_COMMANDS).toHaveLength(DOCUMENTS.size - 1);
  for (const document of WITH_COMMANDS)
    expect(
      blocksOf(document).filter(({ info }) => info.startsWith('sh')),
      document,
    ).not.toEqual([]);
});

test('every configuration that is shown is one by the schema', () => {
  const validate = new Ajv2020({ strict: false }).compile(configurationSchema());
  const shown = BLOCKS.filter(({ info }) => info === 'yaml' || fileIn(info) === 'secretctl.yaml');
  expect(shown.length).toBeGreaterThan(8);
  for (const { text } of shown) expect(validate(load(text)), `${text}${JSON.stringify(validate.errors)}`).toBe(true);
});

test("the document of all settings is the program's", () => {
  const document = DOCUMENTS.get('docs/settings.md') ?? '';
  expect(document, 'make it anew: node scripts/settings-tables.ts >docs/settings.md').toBe(settingsDocument());
  const linked = [...(DOCUMENTS.get('docs/backends.md') ?? '').matchAll(/\]\(settings\.md#(?<anchor>[\w-]+)\)/g)];
  expect(new Set(linked.map((found) => found.groups?.['anchor'])).size).toBe(BACKENDS.length);
});

test('every exit and reason code stands where people look it up', () => {
  const document = DOCUMENTS.get('docs/errors.md') ?? '';
  const rows = [...document.matchAll(/^\| (?<exit>\d+) \| (?<reasons>`[A-Z_0-9]+`(?:, `[A-Z_0-9]+`)*) \|$/gm)];
  const listed = rows.flatMap(({ groups }) =>
    (groups?.['reasons'] ?? '').split(', ').map((reason) => [reason.slice(1, -1), Number(groups?.['exit'])]),
  );
  expect(Object.fromEntries(listed)).toEqual(
    Object.fromEntries(Object.entries(FAILURES).map(([reason, { exit }]) => [reason, exit])),
  );
});

/** As the sites that show Markdown make one of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

function anchorsOf(document: string): readonly string[] {
  const prose = (DOCUMENTS.get(document) ?? '').replaceAll(/^```[^]*?^```$/gm, '');
  return [...prose.matchAll(/^##+ (?<title>.+)$/gm)].map((found) => anchorOf(found.groups?.['title'] ?? ''));
}

test('the README leads to every document', () => {
  expect([...DOCUMENTS.keys()].filter((name) => name !== 'README.md' && !README.includes(`](${name})`))).toEqual([]);
});

test.each([...DOCUMENTS])('every link in %s leads somewhere', (document, content) => {
  const links = [...content.matchAll(/\]\((?!https?:)(?<file>[^)#\s]*)(?:#(?<anchor>[^)\s]+))?\)/g)];
  if (document === 'README.md') expect(links.length).toBeGreaterThan(20);
  for (const { groups } of links) {
    const { file = '', anchor } = groups ?? {};
    const target = file === '' ? document : path.join(path.dirname(document), file);
    expect(() => readFileSync(path.join(ROOT, target)), target).not.toThrow();
    if (anchor !== undefined) expect(anchorsOf(target), target).toContain(anchor);
  }
});

describe.each(BACKENDS.map((backend) => [backend.type, backend.title] as const))('%s', (type, title) => {
  const word = title.split(' ').at(-1) ?? title;

  test('has a heading in the README and in the document of backends', () => {
    expect(README).toMatch(new RegExp(`^### .*${word}`, 'm'));
    expect(DOCUMENTS.get('docs/backends.md')).toMatch(new RegExp(`^## .*${word}`, 'm'));
  });

  test('is rehearsed in the README', () => {
    const lines = blocksOf('README.md').flatMap(({ info, text }) => (info === 'sh' ? text.split('\n') : []));
    const start = `secretctl dev exec --backend ${type} `;
    expect(lines.filter((line) => line.startsWith(start) && line.includes('-- secretctl fetch '))).not.toEqual([]);
  });
});

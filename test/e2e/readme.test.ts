import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BACKENDS } from '../../src/backends/index.ts';
import { settingsDocument } from '../../scripts/settings-tables.ts';
import { runCommand } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

const README = readFileSync(path.join(import.meta.dirname, '../../README.md'), 'utf8');

/** One fenced block: what its first line says, and its lines. */
interface Block {
  readonly info: string;
  readonly text: string;
}

const BLOCKS: readonly Block[] = [...README.matchAll(/^```(?<info>\S.*)\n(?<text>(?:.*\n)*?)```$/gm)].map((found) => ({
  info: found.groups?.['info'] ?? '',
  text: found.groups?.['text'] ?? '',
}));

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(async () => {
  await stage.close();
});

/** A laptop with a product's variables and a test token: no CI says that its terminal is a log. */
function laptop(): Record<string, string> {
  const { GITLAB_CI: _gitlab, CI: _ci, ...rest } = stage.env;
  return rest;
}

test('two set-up commands, and what they run exists', () => {
  const setUp = BLOCKS.filter(({ info }) => info === 'sh setup').map(({ text }) => text.trim());
  expect(setUp).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
  const { scripts } = JSON.parse(readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'build']));
});

// In order and in one directory, as a reader would: a later block may use what an earlier one made.
for (const [index, { info, text }] of BLOCKS.entries()) {
  const file = /^yaml file=(?<name>\S+)$/.exec(info)?.groups?.['name'];
  const fails = /^sh(?: fails (?<exit>\d+))?$/.exec(info);
  if (file !== undefined) {
    test(`block ${index}: ${file}`, () => {
      writeFileSync(path.join(stage.cwd, file), text);
      expect(text).toContain('secrets:');
    });
  } else if (fails !== null) {
    const expected = Number(fails.groups?.['exit'] ?? 0);
    for (const line of text.trim().split('\n')) {
      test(`block ${index}: ${line}`, async () => {
        const finished = await runCommand('sh', ['-c', line], { cwd: stage.cwd, env: laptop() });
        expect(finished.exit, finished.stderr).toBe(expected);
        expect(finished.stderr.includes('secretctl: error[')).toBe(expected !== 0);
      });
    }
  }
}

test('every sh block was run', () => {
  const unknown = BLOCKS.filter(({ info }) => info.startsWith('sh') && !/^sh(?: setup| fails \d+)?$/.test(info));
  expect(unknown).toEqual([]);
  expect(BLOCKS.filter(({ info }) => info === 'sh').length).toBeGreaterThan(5);
});

test("the document of all settings is the program's", () => {
  const document = readFileSync(path.join(import.meta.dirname, '../../docs/settings.md'), 'utf8');
  expect(document, 'make it anew: node scripts/settings-tables.ts >docs/settings.md').toBe(settingsDocument());
  const anchors = [...document.matchAll(/^## (?<title>.+)$/gm)].map((found) => anchorOf(found.groups?.['title'] ?? ''));
  const linked = [...README.matchAll(/docs\/settings\.md#(?<anchor>[\w-]+)/g)].map((found) => found.groups?.['anchor']);
  expect(new Set(linked).size).toBe(BACKENDS.length);
  expect(anchors).toEqual(expect.arrayContaining(linked));
});

/** As the sites that show Markdown make one of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

test('every backend has a heading', () => {
  for (const { title } of BACKENDS) {
    const word = title.split(' ').at(-1) ?? title;
    expect(README).toMatch(new RegExp(`^### .*${word}`, 'm'));
  }
});

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommand } from '../support/program.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const temporary = mkdtempSync(path.join(tmpdir(), 'pack-'));

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** Packs the repository as it is built, and says what npm says about it. */
function pack(destination: string): { filename: string; files: { path: string; mode: number }[] } {
  const run = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--silent', '--pack-destination', destination], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const said = JSON.parse(run.stdout);
  const [packed] = Object.values<ReturnType<typeof pack>>(said);
  if (packed === undefined) throw new Error(run.stderr);
  return packed;
}

const packed = pack(temporary);

test('the package holds these files and no other', () => {
  expect(packed.files.map((file) => file.path).toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'SECURITY.md',
    'bin/secretctl.cjs',
    'dist/THIRD-PARTY-NOTICES.txt',
    'dist/secretctl-recipe.schema.json',
    'dist/secretctl.cjs',
    'dist/secretctl.schema.json',
    'docs/backends.md',
    'docs/ci.md',
    'docs/errors.md',
    'docs/formats.md',
    'docs/policy.md',
    'docs/recipes.md',
    'docs/rehearsal.md',
    'docs/run.md',
    'docs/settings.md',
    'package.json',
  ]);
});

test('only the program is executable', () => {
  const executable = packed.files.filter(({ mode }) => (mode & 0o111) !== 0).map((file) => file.path);
  expect(executable).toEqual(['bin/secretctl.cjs']);
});

test('packed a second time it is the same, byte for byte', () => {
  const again = mkdtempSync(path.join(temporary, 'again-'));
  const hash = (directory: string, name: string) =>
    createHash('sha256')
      .update(readFileSync(path.join(directory, name)))
      .digest('hex');
  expect(hash(again, pack(again).filename)).toBe(hash(temporary, packed.filename));
});

test('installed without its repository, and without any other package, it runs', async () => {
  const home = mkdtempSync(path.join(temporary, 'home-'));
  expect(spawnSync('tar', ['-xzf', path.join(temporary, packed.filename), '-C', home]).status).toBe(0);
  const program = path.join(home, 'package/bin/secretctl.cjs');
  expect(statSync(program).mode & 0o100).toBe(0o100);
  const finished = await runCommand(
    process.execPath,
    [program, 'dev', 'exec', '--', process.execPath, program, 'fetch', '--format', 'json'],
    {
      cwd: home,
      env: { PATH: '/usr/bin:/bin', HOME: home },
    },
  );
  expect(finished).toMatchObject({ exit: 0, stderr: '' });
  expect(Object.keys(JSON.parse(finished.stdout.toString()))).toContain('DB_PASSWORD');
});

test('bin/secretctl.cjs stays short, and is read to its end by any Node', () => {
  const text = readFileSync(path.join(ROOT, 'bin/secretctl.cjs'), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThan(16);
  expect(text).not.toMatch(/\?\?|\?\.|\bawait\b|#\w+\s*[=(]|\bstatic\b/);
});

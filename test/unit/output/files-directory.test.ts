import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commitBoth } from '../../../src/output/commit-both.ts';
import { openDirectorySink } from '../../../src/output/files-directory.ts';
import { content, lay, settings, WHOLE, written } from '../../support/files-directory.ts';
import { invocationIn, isRoot, leftovers, NOBODY, reasonOf } from '../../support/sink-invocation.ts';
import { workplace } from '../../support/sink-runs.ts';

describe('a directory that may be written', () => {
  test.each(['out', 'out/', './sub/../out'])('%j is made, with exact bytes and modes', async (directory) => {
    const cwd = workplace();
    mkdirSync(path.join(cwd, 'sub'));
    expect(await written(cwd, { settings: { directory } })).toEqual([]);
    expect(content(path.join(cwd, 'out'))).toEqual(WHOLE);
    expect(statSync(path.join(cwd, 'out')).mode & 0o7777).toBe(0o700);
    for (const name of Object.keys(WHOLE)) expect(statSync(path.join(cwd, 'out', name)).mode & 0o7777).toBe(0o600);
    expect(readdirSync(cwd).toSorted()).toEqual(['out', 'sub']);
  });

  test.each([0o000, 0o777])('under umask %i the modes are the same', async (mask) => {
    const cwd = workplace();
    const before = process.umask(mask);
    try {
      await written(cwd);
    } finally {
      process.umask(before);
    }
    const modes = ['', 'A'].map((name) => statSync(path.join(cwd, 'out', name)).mode & 0o7777);
    expect(modes).toEqual([0o700, 0o600]);
  });

  test('one of an earlier run is replaced as a whole', async () => {
    const cwd = workplace();
    const before = statSync(lay(cwd)).ino;
    expect(await written(cwd)).toEqual([]);
    expect(content(path.join(cwd, 'out'))).toEqual(WHOLE);
    expect(statSync(path.join(cwd, 'out')).ino).not.toBe(before);
    expect(readdirSync(cwd)).toEqual(['out']);
  });

  test('one that others could look into is theirs no longer, and that is said', async () => {
    const cwd = workplace();
    lay(cwd, 0o755);
    expect(await written(cwd)).toEqual([expect.stringContaining('755')]);
    expect(statSync(path.join(cwd, 'out')).mode & 0o7777).toBe(0o700);
  });

  test('an empty one, and no files at all', async () => {
    const cwd = workplace();
    mkdirSync(path.join(cwd, 'out'));
    const sink = await openDirectorySink(settings({ names: [] }), invocationIn(cwd));
    expect(sink.path).toBe(path.join(cwd, 'out'));
    await commitBoth(sink.stage([]), undefined);
    expect(statSync(path.join(cwd, 'out')).mode & 0o7777).toBe(0o700);
    expect(readdirSync(cwd)).toEqual(['out']);
  });
});

test('nothing stays of an optional secret that is gone', async () => {
  const cwd = workplace();
  lay(cwd);
  const sink = await openDirectorySink(settings(), invocationIn(cwd));
  await commitBoth(sink.stage([]), undefined);
  expect(readdirSync(cwd, { recursive: true })).toEqual(['out']);
});

describe('what is refused, before anything is written', () => {
  const TABLE: readonly [name: string, plant: (cwd: string) => unknown, reason: string][] = [
    ['another file in it', (cwd) => writeFileSync(path.join(lay(cwd), 'id_rsa'), 'x'), 'TARGET_UNSAFE'],
    ['a directory in it', (cwd) => mkdirSync(path.join(lay(cwd), 'b.pem')), 'TARGET_UNSAFE'],
    ['a link in it', (cwd) => symlinkSync('/etc/passwd', path.join(lay(cwd), 'b.pem')), 'TARGET_UNSAFE'],
    [
      'a hard link in it',
      (cwd) => {
        const file = path.join(lay(cwd), 'A');
        linkSync(file, path.join(cwd, 'other'));
      },
      'TARGET_UNSAFE',
    ],
    [
      'a link',
      (cwd) => (mkdirSync(path.join(cwd, 'real')), symlinkSync('real', path.join(cwd, 'out'))),
      'TARGET_UNSAFE',
    ],
    ['a link to nothing', (cwd) => symlinkSync('nothing', path.join(cwd, 'out')), 'TARGET_UNSAFE'],
    ['a file', (cwd) => writeFileSync(path.join(cwd, 'out'), 'x'), 'TARGET_UNSAFE'],
    ['a FIFO', (cwd) => execFileSync('mkfifo', [path.join(cwd, 'out')]), 'TARGET_UNSAFE'],
  ];

  test.each(TABLE)('%s', async (_name, plant, reason) => {
    const cwd = workplace();
    plant(cwd);
    const before = readdirSync(cwd, { recursive: true });
    expect(await reasonOf(openDirectorySink(settings(), invocationIn(cwd)))).toBe(reason);
    // The same where it came to be after the checks.
    const later = workplace();
    expect(await reasonOf(written(later, { meanwhile: () => void plant(later) }))).toBe(reason);
    expect(readdirSync(cwd, { recursive: true })).toEqual(before);
    expect(leftovers(later)).toEqual([]);
  });

  test.each([
    ['missing/out', 'NO_DIRECTORY'],
    ['/', 'TARGET_UNSAFE'],
    ['.', 'TARGET_UNSAFE'],
    ['link/out', 'TARGET_UNSAFE'],
  ])('%s', async (directory, reason) => {
    const cwd = workplace();
    const place = path.join(cwd, 'place');
    mkdirSync(place);
    if (directory === 'link/out') symlinkSync(cwd, path.join(place, 'link'));
    expect(await reasonOf(openDirectorySink(settings({ directory }), invocationIn(place)))).toBe(reason);
  });

  test.skipIf(!isRoot)('what belongs to another user', async () => {
    const cwd = workplace();
    chownSync(lay(cwd), NOBODY, NOBODY);
    expect(await reasonOf(written(cwd))).toBe('TARGET_UNSAFE');
    chownSync(path.join(cwd, 'out'), 0, 0);
    chownSync(path.join(cwd, 'out/A'), NOBODY, NOBODY);
    expect(await reasonOf(written(cwd))).toBe('TARGET_UNSAFE');
  });

  test.skipIf(!isRoot)(
    'a place where everybody may write: another user’s is refused, our own is a warning',
    async () => {
      const cwd = workplace();
      chmodSync(cwd, 0o777);
      expect(await written(cwd)).toEqual([expect.stringContaining('every user')]);
      chmodSync(cwd, 0o1777);
      expect(await written(cwd)).toEqual([]);
      chmodSync(cwd, 0o777);
      chownSync(cwd, NOBODY, NOBODY);
      expect(await reasonOf(written(cwd))).toBe('TARGET_UNSAFE');
    },
  );

  test('a place that was replaced meanwhile', async () => {
    const cwd = workplace();
    mkdirSync(path.join(cwd, 'place'));
    const meanwhile = (): void => {
      renameSync(path.join(cwd, 'place'), path.join(cwd, 'moved'));
      mkdirSync(path.join(cwd, 'place'));
    };
    expect(await reasonOf(written(cwd, { settings: { directory: 'place/out' }, meanwhile }))).toBe('TARGET_UNSAFE');
    expect(readdirSync(cwd, { recursive: true }).toSorted()).toEqual(['moved', 'place']);
  });

  test.each(['with git', 'without a git program'])('what git tracks or does not ignore, %s', async (how) => {
    const cwd = workplace();
    const git = (...args: string[]): void => void execFileSync('git', args, { cwd });
    const runtime = { env: how === 'with git' ? { PATH: process.env['PATH'] } : { PATH: '/nonexistent' } };
    git('init', '-q');
    expect(await written(cwd, { runtime })).toEqual([expect.stringContaining('"/out/"')]);
    expect(await reasonOf(written(cwd, { runtime, settings: { strict: true } }))).toBe('NOT_IGNORED');
    writeFileSync(path.join(cwd, '.gitignore'), how === 'with git' ? '/out/\n' : '');
    if (how === 'with git') expect(await written(cwd, { runtime, settings: { strict: true } })).toEqual([]);
    git('add', '-f', 'out/b.pem');
    expect(await reasonOf(written(cwd, { runtime }))).toBe('TRACKED_FILE');
  });

  test.skipIf(!isRoot)('a mount point, before anything is sent', async (context) => {
    const cwd = workplace();
    const directory = path.join(cwd, 'out');
    mkdirSync(directory);
    if (spawnSync('mount', ['-t', 'tmpfs', 'none', directory]).status !== 0) context.skip('cannot mount');
    try {
      const opening = openDirectorySink(settings(), invocationIn(cwd));
      await expect(opening).rejects.toMatchObject({
        reason: 'TARGET_UNSAFE',
        hints: ['name a directory in it: "out/secrets"'],
      });
      expect(await written(cwd, { settings: { directory: 'out/secrets' } })).toEqual([]);
    } finally {
      execFileSync('umount', [directory]);
    }
  });

  test.skipIf(!isRoot)('somebody puts a directory of his own into the place of ours', async () => {
    const cwd = workplace();
    const { fs } = invocationIn(cwd).runtime;
    const swapping = (name: string, options: { mode: number }): undefined => {
      fs.mkdirSync(name, options);
      if (name.endsWith('.tmp')) chownSync(name, NOBODY, NOBODY);
    };
    const runtime = { fs: { ...fs, mkdirSync: swapping as typeof fs.mkdirSync } };
    expect(await reasonOf(written(cwd, { runtime }))).toBe('TARGET_UNSAFE');
    expect(readdirSync(cwd)).toEqual([]);
  });
});

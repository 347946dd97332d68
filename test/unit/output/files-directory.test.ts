import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Runtime } from '../../../src/lib/runtime.ts';
import { commitBoth } from '../../../src/output/commit-both.ts';
import { openDirectorySink } from '../../../src/output/files-directory.ts';
import { openSink } from '../../../src/output/sink.ts';
import type { DirectorySettings, Staged } from '../../../src/output/types.ts';
import {
  failing,
  invocationIn,
  isRoot,
  leftovers,
  NEW,
  NOBODY,
  reasonOf,
  toFile,
} from '../../support/sink-invocation.ts';
import { workplace } from '../../support/sink-runs.ts';

const FILES = { A: Buffer.from([0, 255, 10]), 'b.pem': NEW };

function settings(more: Partial<DirectorySettings> = {}): DirectorySettings {
  return { directory: 'out', strict: false, names: Object.keys(FILES), isOpenEnded: false, ...more };
}

interface Written {
  readonly settings?: Partial<DirectorySettings>;
  readonly runtime?: Partial<Runtime>;
  /** Happens after the checks, before anything is written. */
  readonly meanwhile?: () => void;
  /** What is written besides. */
  readonly second?: Staged;
}

/** Writes the files as `fetch` does; the warnings. */
async function written(cwd: string, { settings: more, runtime, meanwhile, second }: Written = {}): Promise<string[]> {
  const invocation = invocationIn(cwd, runtime);
  const sink = await openDirectorySink(settings(more), invocation);
  meanwhile?.();
  await commitBoth(sink.stage(Object.entries(FILES).map(([name, bytes]) => ({ name, bytes }))), second);
  return invocation.warnings;
}

function content(directory: string): Record<string, string> {
  const names = readdirSync(directory).toSorted();
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(directory, name)).toString('hex')]));
}

const WHOLE = { A: '00ff0a', 'b.pem': NEW.toString('hex') };
const OLD = { A: Buffer.from('old').toString('hex') };

/** A directory of an earlier run. */
function lay(cwd: string, mode = 0o700): string {
  const directory = path.join(cwd, 'out');
  mkdirSync(directory, { mode });
  chmodSync(directory, mode);
  writeFileSync(path.join(directory, 'A'), 'old', { mode: 0o600 });
  return directory;
}

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
});

describe('a failure leaves what was there and nothing else', () => {
  const CALLS = [
    ['mkdirSync', 'ENOSPC', 'DISK_FULL', [0, 1, 2, 3]],
    ['chmodSync', 'EPERM', 'WRITE_FAILED', [0, 1, 2, 3]],
    ['writeFileSync', 'EDQUOT', 'DISK_FULL', [0, 1]],
    ['fsyncSync', 'EIO', 'WRITE_FAILED', [0, 1]],
    ['renameSync', 'EACCES', 'WRITE_FAILED', [0]],
    ['renameSync', 'EBUSY', 'WRITE_FAILED', [0]],
  ] as const;

  test.each(CALLS.flatMap(([call, code, reason, after]) => after.map((one) => ({ call, code, reason, after: one }))))(
    '$call $after: $code',
    async ({ call, code, reason, after }) => {
      const cwd = workplace();
      lay(cwd);
      const fs = failing({ [call]: code }, after);
      expect(await reasonOf(written(cwd, { runtime: { fs } }))).toBe(reason);
      expect(content(path.join(cwd, 'out'))).toEqual(OLD);
      expect(readdirSync(cwd)).toEqual(['out']);
    },
  );

  test('the second rename fails once: the old one gets its name back', async () => {
    const cwd = workplace();
    lay(cwd);
    const { fs } = invocationIn(cwd).runtime;
    let calls = 0;
    const rename = (from: string, to: string): void => {
      if (++calls === 2) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      fs.renameSync(from, to);
    };
    expect(await reasonOf(written(cwd, { runtime: { fs: { ...fs, renameSync: rename } } }))).toBe('WRITE_FAILED');
    expect(content(path.join(cwd, 'out'))).toEqual(OLD);
    expect(readdirSync(cwd)).toEqual(['out']);
  });

  test('no rename works any more: the old one is kept, its place is said, and a later run puts it back', async () => {
    const cwd = workplace();
    lay(cwd);
    const invocation = invocationIn(cwd, { fs: failing({ renameSync: 'EIO' }, 1) });
    const sink = await openDirectorySink(settings(), invocation);
    const staged = sink.stage(Object.entries(FILES).map(([name, bytes]) => ({ name, bytes })));
    expect(await reasonOf(commitBoth(staged, undefined))).toBe('WRITE_FAILED');
    const [kept = ''] = leftovers(cwd);
    expect(invocation.warnings).toEqual([expect.stringContaining(kept)]);
    expect(statSync(path.join(cwd, kept)).mode & 0o7777).toBe(0o700);
    // Its process lives on: this one.
    await openSink(toFile('x'), invocationIn(cwd));
    expect(existsSync(path.join(cwd, 'out'))).toBe(false);
    const ended = kept.replace(String(process.pid), '4194999');
    renameSync(path.join(cwd, kept), path.join(cwd, ended));
    await openSink(toFile('x'), invocationIn(cwd));
    expect(content(path.join(cwd, 'out'))).toEqual(OLD);
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(path.join(cwd, ended), longAgo, longAgo);
    await openSink(toFile('x'), invocationIn(cwd));
    expect(leftovers(cwd)).toEqual([]);
  });

  test('a directory of another shape is not taken for one of ours, whatever its name', async () => {
    const cwd = workplace();
    const precious = path.join(cwd, '.secretctl-4194999-0123456789abcdef.tmp');
    mkdirSync(path.join(precious, 'new'), { recursive: true });
    writeFileSync(path.join(precious, 'mine'), 'x');
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(precious, longAgo, longAgo);
    await written(cwd);
    expect(readdirSync(precious).toSorted()).toEqual(['mine', 'new']);
  });
});

describe('two outputs', () => {
  const broken: Staged = {
    commit: () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })),
    discard: () => undefined,
  };

  test('where the second fails the first is as it was', async () => {
    const cwd = workplace();
    await expect(written(cwd, { second: broken })).rejects.toThrow('EIO');
    expect(readdirSync(cwd)).toEqual([]);
    lay(cwd);
    await expect(written(cwd, { second: broken })).rejects.toThrow('EIO');
    expect(content(path.join(cwd, 'out'))).toEqual(OLD);
    expect(readdirSync(cwd)).toEqual(['out']);
  });

  test('what another run wrote since is not taken back', async () => {
    const cwd = workplace();
    const second: Staged = {
      commit() {
        renameSync(path.join(cwd, 'out'), path.join(cwd, 'gone'));
        mkdirSync(path.join(cwd, 'out'));
        return broken.commit();
      },
      discard: () => undefined,
    };
    await expect(written(cwd, { second })).rejects.toThrow('EIO');
    expect(readdirSync(cwd).toSorted()).toEqual(['gone', 'out']);
  });

  test('where the first fails the second is discarded', async () => {
    const cwd = workplace();
    lay(cwd);
    const other = await openSink(toFile('env'), invocationIn(cwd));
    const second = other.stage(NEW);
    const fs = failing({ renameSync: 'EROFS' });
    expect(await reasonOf(written(cwd, { runtime: { fs }, second }))).toBe('WRITE_FAILED');
    expect(readdirSync(cwd)).toEqual(['out']);
  });

  test('another run that is quicker is replaced in turn', async () => {
    const cwd = workplace();
    const sinks = await Promise.all([1, 2].map(() => openDirectorySink(settings(), invocationIn(cwd))));
    const staged = sinks.map((sink, index) => sink.stage([{ name: 'A', bytes: Buffer.from(`run ${index}`) }]));
    for (const one of staged.toReversed()) await commitBoth(one, undefined);
    expect(readFileSync(path.join(cwd, 'out/A'), 'utf8')).toBe('run 0');
    expect(readdirSync(cwd)).toEqual(['out']);
  });

  test('one that comes between the two renames is replaced too', async () => {
    const cwd = workplace();
    lay(cwd);
    const { fs } = invocationIn(cwd).runtime;
    let calls = 0;
    const rename = (from: string, to: string): void => {
      if (++calls === 2) lay(cwd);
      fs.renameSync(from, to);
    };
    expect(await written(cwd, { runtime: { fs: { ...fs, renameSync: rename } } })).toEqual([]);
    expect(calls).toBe(4);
    expect(content(path.join(cwd, 'out'))).toEqual(WHOLE);
    expect(readdirSync(cwd)).toEqual(['out']);
  });
});

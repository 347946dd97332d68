import { chmodSync, chownSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { FileSystem } from '../../../src/lib/runtime.ts';
import { systemRuntime } from '../../../src/lib/runtime.ts';
import { openSink } from '../../../src/output/sink.ts';
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

const appended = (file: string): ReturnType<typeof toFile> => toFile(file, { append: true });

/** The file system, counting what is written. */
function counting(): { fs: FileSystem; written: number[] } {
  const { fs } = systemRuntime();
  const written: number[] = [];
  const writeSync = (fd: number, bytes: Buffer): number => {
    written.push(bytes.length);
    return fs.writeSync(fd, bytes);
  };
  return { fs: { ...fs, writeSync } as FileSystem, written };
}

describe('a file that is appended to', () => {
  test.each([
    ['nothing', '', 'new\n'],
    ['whole lines', 'A=1\n', 'A=1\nnew\n'],
    ['a line without its end', 'A=1', 'A=1\nnew\n'],
  ])('keeps what is there: %s', async (_what, before, after) => {
    const cwd = workplace();
    const file = path.join(cwd, 'env');
    writeFileSync(file, before);
    chmodSync(file, 0o644);
    const inode = statSync(file).ino;
    const { fs, written } = counting();
    const invocation = invocationIn(cwd, { fs });
    const sink = await openSink(appended('env'), invocation);
    expect(readFileSync(file, 'utf8')).toBe(before);
    await sink.write(NEW);
    expect(readFileSync(file, 'utf8')).toBe(after);
    expect(statSync(file)).toMatchObject({ ino: inode, mode: 0o100644 });
    expect(written).toEqual([after.length - before.length]);
    expect([sink.destination, invocation.warnings, leftovers(cwd)]).toEqual(['file', [], []]);
  });

  test('is made when it is missing, for its owner alone', async () => {
    const cwd = workplace();
    const sink = await openSink(appended('env'), invocationIn(cwd));
    await sink.write(NEW);
    expect(statSync(path.join(cwd, 'env')).mode & 0o7777).toBe(0o600);
    expect(readFileSync(path.join(cwd, 'env'))).toEqual(NEW);
  });

  test('what others appended in the meantime stays', async () => {
    const cwd = workplace();
    const file = path.join(cwd, 'env');
    writeFileSync(file, 'A=1\n');
    const staged = (await openSink(appended('env'), invocationIn(cwd))).stage(NEW);
    writeFileSync(file, 'B=2\n', { flag: 'a' });
    await staged.commit();
    expect(readFileSync(file, 'utf8')).toBe('A=1\nB=2\nnew\n');
  });

  test('what is discarded leaves it as it was', async () => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'old'), 'A=1\n');
    for (const file of ['old', 'new']) (await openSink(appended(file), invocationIn(cwd))).stage(NEW).discard();
    expect(readFileSync(path.join(cwd, 'old'), 'utf8')).toBe('A=1\n');
    expect(() => statSync(path.join(cwd, 'new'))).toThrow('ENOENT');
  });
});

describe('a target that is not appended to', () => {
  test.each<[string, (file: string) => void]>([
    ['a link', (file) => symlinkSync('/etc/hostname', file)],
    ['a link to nothing', (file) => symlinkSync('nothing', file)],
    ['a directory', (file) => mkdirSync(file)],
    ['a named pipe', (file) => execFileSync('mkfifo', [file])],
    ['a file with two names', (file) => (writeFileSync(file, ''), linkSync(file, `${file}.2`))],
  ])('%s', async (_what, make) => {
    const cwd = workplace();
    make(path.join(cwd, 'env'));
    expect(await reasonOf(openSink(appended('env'), invocationIn(cwd)))).toBe('TARGET_UNSAFE');
  });

  test('one that became a link after the check', async () => {
    const cwd = workplace();
    const sink = await openSink(appended('env'), invocationIn(cwd));
    writeFileSync(path.join(cwd, 'victim'), 'old');
    symlinkSync('victim', path.join(cwd, 'env'));
    expect(await reasonOf(sink.write(NEW))).not.toBe('none');
    expect(readFileSync(path.join(cwd, 'victim'), 'utf8')).toBe('old');
  });

  test.skipIf(!isRoot)('another user’s, unless we are root, as in a container', async () => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'env'), '');
    chownSync(path.join(cwd, 'env'), NOBODY, NOBODY);
    const real = systemRuntime();
    const asUser = invocationIn(cwd, { host: { ...real.host, uid: 1000 } });
    expect(await reasonOf(openSink(appended(path.join(cwd, 'env')), asUser))).toBe('TARGET_UNSAFE');
    expect(await reasonOf((await openSink(appended('env'), invocationIn(cwd))).write(NEW))).toBe('none');
  });

  test('one that git tracks', async () => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'env'), '');
    execFileSync('git', ['init', '-q'], { cwd });
    execFileSync('git', ['add', 'env'], { cwd });
    const env = { PATH: process.env['PATH'] };
    expect(await reasonOf(openSink(appended('env'), invocationIn(cwd, { env })))).toBe('TRACKED_FILE');
  });
});

describe('when the system refuses', () => {
  test.each(['ENOSPC', 'EDQUOT', 'EIO'])('%s while writing leaves the file as it was', async (code) => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'env'), 'A=1\n');
    const sink = await openSink(appended('env'), invocationIn(cwd, { fs: failing({ writeSync: code }) }));
    expect(await reasonOf(sink.write(NEW))).toBe(code === 'EIO' ? 'WRITE_FAILED' : 'DISK_FULL');
    expect(readFileSync(path.join(cwd, 'env'), 'utf8')).toBe('A=1\n');
  });

  test('a part that was written is taken back, and a new file is gone again', async () => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'env'), 'A=1\n');
    const { fs } = systemRuntime();
    const short = {
      ...fs,
      writeSync: (fd: number, bytes: Buffer) => fs.writeSync(fd, bytes.subarray(0, 2)),
    } as FileSystem;
    for (const file of ['env', 'new']) {
      const sink = await openSink(appended(file), invocationIn(cwd, { fs: short }));
      expect(await reasonOf(sink.write(NEW))).toBe('DISK_FULL');
    }
    expect(readFileSync(path.join(cwd, 'env'), 'utf8')).toBe('A=1\n');
    expect(() => statSync(path.join(cwd, 'new'))).toThrow('ENOENT');
  });

  test.each(['openSync', 'fsyncSync'] as const)('%s', async (call) => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'env'), 'A=1\n');
    const sink = await openSink(appended('env'), invocationIn(cwd, { fs: failing({ [call]: 'EIO' }) }));
    expect(await reasonOf(sink.write(NEW))).toBe('WRITE_FAILED');
    expect(readFileSync(path.join(cwd, 'env'), 'utf8')).toBe('A=1\n');
  });
});

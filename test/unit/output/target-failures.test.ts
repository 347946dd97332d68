import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SecretctlError } from '../../../src/lib/errors.ts';
import { type FileSystem, systemRuntime } from '../../../src/lib/runtime.ts';
import { openSink } from '../../../src/output/sink.ts';
import {
  failing,
  invocationIn,
  isRoot,
  leftovers,
  NEW,
  reasonOf,
  toFile,
  write,
} from '../../support/sink-invocation.ts';
import { runShell, sinkCommand, workplace } from '../../support/sink-runs.ts';

describe('a failure leaves the old file and nothing else', () => {
  const CALLS: readonly [call: keyof FileSystem, code: string, reason: string][] = [
    ['writeFileSync', 'ENOSPC', 'DISK_FULL'],
    ['writeFileSync', 'EDQUOT', 'DISK_FULL'],
    ['writeFileSync', 'EFBIG', 'DISK_FULL'],
    ['writeFileSync', 'EIO', 'WRITE_FAILED'],
    ['fsyncSync', 'EIO', 'WRITE_FAILED'],
    ['fchmodSync', 'EPERM', 'WRITE_FAILED'],
    ['renameSync', 'EROFS', 'WRITE_FAILED'],
    ['renameSync', 'EACCES', 'WRITE_FAILED'],
  ];

  test.each(CALLS)('%s: %s', async (call, code, reason) => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'out'), 'old', { mode: 0o600 });
    expect(await reasonOf(write('out', invocationIn(cwd, { fs: failing({ [call]: code }) })))).toBe(reason);
    expect(readFileSync(path.join(cwd, 'out'), 'utf8')).toBe('old');
    expect(leftovers(cwd)).toEqual([]);
  });

  test.each(['EMFILE', 'EROFS', 'ENOSPC'])('no temporary file can be made: %s', async (code) => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'out'), 'old', { mode: 0o600 });
    const sink = await openSink(toFile('out'), invocationIn(cwd, { fs: failing({ openSync: code }, 2) }));
    expect(await reasonOf(sink.write(NEW))).toBe(code === 'ENOSPC' ? 'DISK_FULL' : 'WRITE_FAILED');
    expect(readFileSync(path.join(cwd, 'out'), 'utf8')).toBe('old');
  });

  test('a bug is not taken for a full disk', async () => {
    const { fs } = systemRuntime();
    const buggy = {
      ...fs,
      fsyncSync: () => {
        throw new TypeError('bug');
      },
    };
    const cwd = workplace();
    await expect(write('out', invocationIn(cwd, { fs: buggy }))).rejects.toThrow(TypeError);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test.each([1, 8])('a file size limit of %i blocks', async (blocks) => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'out'), 'old', { mode: 0o600 });
    const run = await runShell(
      `ulimit -f ${blocks}; ${sinkCommand({ text: '0123456789', times: 20_000, file: 'out' })}`,
      { cwd },
    );
    expect(run.exit).toBe(74);
    expect(run.stderr).toMatch(/^DISK_FULL/m);
    expect(readFileSync(path.join(cwd, 'out'), 'utf8')).toBe('old');
    expect(leftovers(cwd)).toEqual([]);
  });

  test.skipIf(!isRoot)('a disk that is really full', async (context) => {
    const cwd = workplace();
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', cwd]).status !== 0) context.skip('cannot mount');
    try {
      writeFileSync(path.join(cwd, 'out'), 'old', { mode: 0o600 });
      const sink = await openSink(toFile('out'), invocationIn(cwd));
      expect(await reasonOf(sink.write(Buffer.alloc(200_000)))).toBe('DISK_FULL');
      expect(readFileSync(path.join(cwd, 'out'), 'utf8')).toBe('old');
      expect(leftovers(cwd)).toEqual([]);
    } finally {
      execFileSync('umount', [cwd]);
    }
  });

  test('of two outputs the second cannot be staged: the first is unchanged', async () => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'one'), 'old', { mode: 0o600 });
    const first = await openSink(toFile('one'), invocationIn(cwd));
    const second = await openSink(toFile('two'), invocationIn(cwd, { fs: failing({ fsyncSync: 'EIO' }) }));
    const staged = first.stage(NEW);
    expect(readFileSync(path.join(cwd, 'one'), 'utf8')).toBe('old');
    expect(() => second.stage(NEW)).toThrow(SecretctlError);
    staged.discard();
    expect(readdirSync(cwd)).toEqual(['one']);
    const again = first.stage(NEW);
    await again.commit();
    expect(readFileSync(path.join(cwd, 'one'))).toEqual(NEW);
  });

  test('a run that was stopped writes nothing', async () => {
    const cwd = workplace();
    const invocation = invocationIn(cwd);
    const sink = await openSink(toFile('out'), invocation);
    invocation.deadline.abort(new SecretctlError('TERMINATED', 'stopped'));
    expect(await reasonOf(sink.write(NEW))).toBe('TERMINATED');
    expect(readdirSync(cwd)).toEqual([]);
  });
});

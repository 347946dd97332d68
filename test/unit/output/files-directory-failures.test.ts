import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commitBoth } from '../../../src/output/commit-both.ts';
import { openDirectorySink } from '../../../src/output/files-directory.ts';
import { openSink } from '../../../src/output/sink.ts';
import type { Staged } from '../../../src/output/types.ts';
import { content, FILES, lay, OLD, settings, WHOLE, written } from '../../support/files-directory.ts';
import { failing, invocationIn, leftovers, NEW, reasonOf, toFile } from '../../support/sink-invocation.ts';
import { workplace } from '../../support/sink-runs.ts';

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
    const rename: typeof fs.renameSync = (from, to) => {
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
    const rename: typeof fs.renameSync = (from, to) => {
      if (++calls === 2) lay(cwd);
      fs.renameSync(from, to);
    };
    expect(await written(cwd, { runtime: { fs: { ...fs, renameSync: rename } } })).toEqual([]);
    expect(calls).toBe(4);
    expect(content(path.join(cwd, 'out'))).toEqual(WHOLE);
    expect(readdirSync(cwd)).toEqual(['out']);
  });
});

import { execFileSync, spawn } from 'node:child_process';
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
import { openSink } from '../../../src/output/sink.ts';
import {
  invocationIn,
  isRoot,
  leftovers,
  NEW,
  NOBODY,
  reasonOf,
  toFile,
  write,
} from '../../support/sink-invocation.ts';
import { plainEnvironment, runShell, sinkCommand, sinkWords, workplace } from '../../support/sink-runs.ts';

describe('a target that may be written', () => {
  test.each(['out.json', './out.json', 'sub/out.json', 'sub/../out.json', '.env', 'ö $x\n'])('%j', async (file) => {
    const cwd = workplace();
    mkdirSync(path.join(cwd, 'sub'));
    const invocation = invocationIn(cwd);
    const sink = await openSink(toFile(file), invocation);
    expect(sink.destination).toBe('file');
    expect(existsSync(path.join(cwd, file))).toBe(false);
    await sink.write(NEW);
    expect(readFileSync(path.join(cwd, file))).toEqual(NEW);
    expect(statSync(path.join(cwd, file)).mode & 0o7777).toBe(0o600);
    expect([invocation.warnings, leftovers(cwd)]).toEqual([[], []]);
  });

  test('an absolute path, and replacing gives a new inode', async () => {
    const cwd = workplace();
    const file = path.join(cwd, 'out');
    writeFileSync(file, 'old', { mode: 0o600 });
    const before = statSync(file).ino;
    await write(file, invocationIn('/'));
    expect(statSync(file).ino).not.toBe(before);
    expect(readFileSync(file)).toEqual(NEW);
  });

  test('an old file that others could read is replaced by one they cannot, with a warning', async () => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'out'), 'old');
    chmodSync(path.join(cwd, 'out'), 0o644);
    const invocation = invocationIn(cwd);
    await write('out', invocation);
    expect(statSync(path.join(cwd, 'out')).mode & 0o7777).toBe(0o600);
    expect(invocation.warnings.join()).toMatch(/"out".*644/);
  });

  test.each(['000', '022', '077', '777'])('umask %s gives 0600', async (umask) => {
    const cwd = workplace();
    const run = await runShell(`umask ${umask}; ${sinkCommand({ text: 'x', file: 'out' })}`, { cwd });
    expect({ exit: run.exit, mode: statSync(path.join(cwd, 'out')).mode & 0o7777 }).toEqual({ exit: 0, mode: 0o600 });
  });

  test('it is never anything but 0600, looked at while it is written over and over', async () => {
    const cwd = workplace();
    const [program = '', ...args] = sinkWords({ text: 'x'.repeat(1000), file: 'out', forever: true });
    const child = spawn('sh', ['-c', 'umask 000; exec "$0" "$@"', program, ...args], {
      cwd,
      env: plainEnvironment(),
      stdio: 'ignore',
    });
    const exit = new Promise((resolve) => child.on('exit', resolve));
    const modes = new Set<number>();
    for (let looks = 0; looks < 300;) {
      for (const name of readdirSync(cwd)) {
        const stats = statSync(path.join(cwd, name), { throwIfNoEntry: false });
        if (stats !== undefined) modes.add(stats.mode & 0o7777);
        looks++;
      }
      await new Promise(setImmediate);
    }
    child.kill('SIGKILL');
    await exit;
    expect([...modes]).toEqual([0o600]);
  });
});

describe('a target that is refused before anything is fetched', () => {
  const PLANTS: readonly [what: string, plant: (file: string, cwd: string) => void][] = [
    ['symlink to nothing', (file, cwd) => symlinkSync(path.join(cwd, 'x'), file)],
    [
      'symlink to a file',
      (file, cwd) => {
        writeFileSync(path.join(cwd, 'x'), 'old');
        symlinkSync(path.join(cwd, 'x'), file);
      },
    ],
    [
      'hard link',
      (file, cwd) => {
        writeFileSync(file, 'old', { mode: 0o600 });
        linkSync(file, path.join(cwd, 'x'));
      },
    ],
    ['directory', (file) => mkdirSync(file)],
    ['FIFO', (file) => execFileSync('mkfifo', [file])],
  ];

  test.each(PLANTS)('%s', async (_what, plant) => {
    const cwd = workplace();
    plant(path.join(cwd, 'out'), cwd);
    expect(await reasonOf(openSink(toFile('out'), invocationIn(cwd)))).toBe('TARGET_UNSAFE');
    if (existsSync(path.join(cwd, 'x'))) expect(readFileSync(path.join(cwd, 'x'), 'utf8')).toBe('old');
  });

  test.each(['/dev/full', '/dev/null', '/dev/stdout', 'sub/', '.', '..', '/'])('%s', async (file) => {
    const cwd = workplace();
    mkdirSync(path.join(cwd, 'sub'));
    expect(await reasonOf(openSink(toFile(file), invocationIn(cwd)))).toBe('TARGET_UNSAFE');
  });

  test.skipIf(!isRoot)('a file of another user', async () => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'out'), 'old', { mode: 0o600 });
    chownSync(path.join(cwd, 'out'), NOBODY, NOBODY);
    expect(await reasonOf(openSink(toFile('out'), invocationIn(cwd)))).toBe('TARGET_UNSAFE');
  });

  test.each(['not/there/out', 'file/out'])('no directory: %s', async (file) => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'file'), '');
    expect(await reasonOf(openSink(toFile(file), invocationIn(cwd)))).toBe('NO_DIRECTORY');
    expect(existsSync(path.join(cwd, 'not'))).toBe(false);
  });

  test('a directory that is a symbolic link, with its real name as the way out', async () => {
    const cwd = workplace();
    mkdirSync(path.join(cwd, 'real'));
    symlinkSync('real', path.join(cwd, 'link'));
    await expect(openSink(toFile('link/out'), invocationIn(cwd))).rejects.toMatchObject({
      reason: 'TARGET_UNSAFE',
      hints: [expect.stringContaining(path.join(cwd, 'real'))],
    });
  });

  test.skipIf(!isRoot)(
    'a directory of another user that everybody may write to; of ours: a warning; sticky: nothing',
    async () => {
      const cwd = workplace();
      chmodSync(cwd, 0o777);
      const ours = invocationIn(cwd);
      await write('out', ours);
      expect(ours.warnings.join()).toMatch(/every user/);
      chownSync(cwd, NOBODY, NOBODY);
      expect(await reasonOf(openSink(toFile('out'), invocationIn(cwd)))).toBe('TARGET_UNSAFE');
      chmodSync(cwd, 0o1777);
      const sticky = invocationIn(cwd);
      await write('out', sticky);
      expect(sticky.warnings).toEqual([]);
    },
  );
});

describe('attacks between check and write', () => {
  test('the directory is replaced after the check: refused', async () => {
    const cwd = workplace();
    mkdirSync(path.join(cwd, 'sub'));
    mkdirSync(path.join(cwd, 'trap'));
    const sink = await openSink(toFile('sub/out'), invocationIn(cwd));
    renameSync(path.join(cwd, 'sub'), path.join(cwd, 'old'));
    renameSync(path.join(cwd, 'trap'), path.join(cwd, 'sub'));
    expect(await reasonOf(sink.write(NEW))).toBe('TARGET_UNSAFE');
    expect(readdirSync(path.join(cwd, 'sub'))).toEqual([]);
  });

  test('the directory is replaced by a link after staging: written to where it was checked', async () => {
    const cwd = workplace();
    mkdirSync(path.join(cwd, 'sub'));
    mkdirSync(path.join(cwd, 'trap'));
    const sink = await openSink(toFile('sub/out'), invocationIn(cwd));
    const staged = sink.stage(NEW);
    renameSync(path.join(cwd, 'sub'), path.join(cwd, 'old'));
    symlinkSync('trap', path.join(cwd, 'sub'));
    await staged.commit();
    expect(readdirSync(path.join(cwd, 'trap'))).toEqual([]);
    expect(readFileSync(path.join(cwd, 'old/out'))).toEqual(NEW);
  });

  test('a link is planted at the target after the check: replaced, not followed', async () => {
    const cwd = workplace();
    writeFileSync(path.join(cwd, 'victim'), 'old');
    const sink = await openSink(toFile('out'), invocationIn(cwd));
    symlinkSync('victim', path.join(cwd, 'out'));
    await sink.write(NEW);
    expect(readFileSync(path.join(cwd, 'victim'), 'utf8')).toBe('old');
    expect(readFileSync(path.join(cwd, 'out'))).toEqual(NEW);
  });
});

describe('what killed runs leave behind', () => {
  const DEAD = 4_194_303;

  test('only our own old files of gone processes are removed', async () => {
    const cwd = workplace();
    const name = (pid: number, hex = '0'): string => `.secretctl-${pid}-${hex.repeat(16)}.tmp`;
    const plant = (file: string, minutes: number): void => {
      writeFileSync(path.join(cwd, file), '', { mode: 0o600 });
      utimesSync(path.join(cwd, file), Date.now() / 1000 - minutes * 60, Date.now() / 1000 - minutes * 60);
    };
    plant(name(DEAD, 'a'), 11);
    plant(name(DEAD, 'b'), 9);
    plant(name(process.pid, 'c'), 11);
    plant('.secretctl-x.tmp', 11);
    plant(name(DEAD, 'd'), 11);
    linkSync(path.join(cwd, name(DEAD, 'd')), path.join(cwd, 'link'));
    symlinkSync('link', path.join(cwd, name(DEAD, 'e')));
    await write('out', invocationIn(cwd));
    const kept = [
      'link',
      'out',
      '.secretctl-x.tmp',
      name(DEAD, 'b'),
      name(process.pid, 'c'),
      name(DEAD, 'd'),
      name(DEAD, 'e'),
    ];
    expect(new Set(readdirSync(cwd))).toEqual(new Set(kept));
  });

  test('killed at any instant: old or new, whole, at most one temporary file of 0600', async () => {
    const cwd = workplace();
    const contents = ['a', 'b'].map((letter) => letter.repeat(300_000));
    for (let round = 0; round < 12; round++) {
      const text = contents[round % 2] ?? '';
      const [program = '', ...args] = sinkWords({ text: text[0] ?? '', times: 300_000, file: 'out', forever: true });
      const child = spawn(program, args, { cwd, env: plainEnvironment(), stdio: 'ignore' });
      const exit = new Promise((resolve) => child.on('exit', resolve));
      const before = statSync(path.join(cwd, 'out'), { throwIfNoEntry: false })?.ino;
      // Not before it has begun to write, and then at an instant that nobody chose.
      while (statSync(path.join(cwd, 'out'), { throwIfNoEntry: false })?.ino === before)
        await new Promise(setImmediate);
      for (let spin = 0; spin < round * 7; spin++) await new Promise(setImmediate);
      child.kill('SIGKILL');
      await exit;
      expect(contents).toContain(readFileSync(path.join(cwd, 'out'), 'utf8'));
      const left = leftovers(cwd);
      expect(left.length).toBeLessThanOrEqual(1);
      for (const name of left) {
        expect(statSync(path.join(cwd, name)).mode & 0o7777).toBe(0o600);
        utimesSync(path.join(cwd, name), 1, 1);
      }
      await openSink(toFile('out'), invocationIn(cwd));
      expect(leftovers(cwd)).toEqual([]);
    }
  });
});

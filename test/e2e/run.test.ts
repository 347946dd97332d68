import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childProgram, startRun } from '../support/running.ts';
import { canary } from '../support/canaries.ts';
import { type Finished, runCommand } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

const isOnPath = (shell: string): boolean => spawnSync(shell.split(' ')[0] ?? '', ['-c', ':']).error === undefined;

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(async () => {
  await stage.close();
});

const secret = (): string => stage.secrets.get('prod/db/password')?.toString() ?? '';
const RUN = ['run', 'SECRET=prod/db/password', '--'];
const sh = (script: string): string[] => [...RUN, 'sh', '-c', script];

describe('how the command ended', () => {
  test.each([0, 1, 2, 64, 69, 77, 125, 126, 127, 128, 130, 143, 200, 255])('exit %i is ours', async (code) => {
    const finished = await stage.run(sh(`exit ${code}`));
    expect(finished).toMatchObject({ exit: code, stderr: '' });
  });

  test.each(['HUP', 'INT', 'QUIT', 'KILL', 'TERM', 'USR1', 'USR2', 'PIPE', 'ALRM', 'ABRT', 'SEGV'])(
    'death by %s is ours too',
    async (name) => {
      const finished = await startRun(stage, sh(`ulimit -c 0; kill -${name} $$`)).finished;
      expect(finished).toMatchObject({ signal: `SIG${name}`, stderr: '' });
    },
  );

  test.skipIf(process.platform !== 'linux').each([34, 40, 64])(
    'signal %i, which Node tells like a good end, is no success',
    async (number) => {
      const line = `secretctl ${RUN.join(' ')} sh -c 'echo said; kill -${number} $$'; exit $?`;
      const finished = await runCommand('sh', ['-c', line], { cwd: stage.cwd, env: stage.env });
      expect(finished).toMatchObject({ exit: 128 + number });
      expect(finished.stdout.toString()).toBe('said\n');
      expect(finished.stderr).not.toContain('secretctl:');
    },
  );

  test('a command that is not there costs no request', async () => {
    const before = stage.rehearsal.requests.length;
    expect(await stage.run([...RUN, 'no-such-program'])).toMatchObject({ exit: 127 });
    expect(await stage.run([...RUN, '/etc/passwd'])).toMatchObject({ exit: 126 });
    expect(await stage.run([...RUN, stage.cwd])).toMatchObject({ exit: 126 });
    expect(stage.rehearsal.requests).toHaveLength(before);
  });
});

describe('arguments and environment', () => {
  test('arguments arrive byte for byte, without a shell', async () => {
    const odd = ['', ' ', "it's", '"$HOME"', '`id`', '*', '--', '-x', 'a\nb', 'ü😀', '\\'];
    const finished = await stage.run([...RUN, 'sh', '-c', 'for word; do printf "<%s>" "$word"; done', 'sh', ...odd]);
    expect(finished.stdout.toString()).toBe(odd.map((word) => `<${word}>`).join(''));
  });

  test('options after the command are its own; without "--" there is no command', async () => {
    const finished = await stage.run([...RUN, 'echo', '--debug', '--', '-x']);
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(finished.stdout.toString()).toBe('--debug -- -x\n');
    expect(await stage.run(['run', 'echo', 'x'])).toMatchObject({ exit: 64 });
    const mistaken = await stage.run(['run', 'npm', 'test', '--verbose']);
    expect(mistaken).toMatchObject({ exit: 64, stderr: expect.stringContaining('stands behind "--"') as string });
    expect(await stage.run([...RUN])).toMatchObject({ exit: 64 });
  });

  test('the secret is there, the key to the vault is not', async () => {
    const token = stage.env['SECRETCTL_ID_TOKEN'] ?? '';
    const env = {
      OWN: 'mine',
      COPY_OF_TOKEN: token,
      IN_TOKEN: `Bearer ${token}\n`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'right',
      SECRETCTL_DEBUG: '0',
    };
    const script = 'test "$SECRET" = "$(cat)" && env | cut -d= -f1';
    const finished = await stage.run(sh(script), { env, stdin: secret() });
    const names = finished.stdout.toString().split('\n');
    expect(finished.exit).toBe(0);
    expect(names).toEqual(expect.arrayContaining(['SECRET', 'OWN', 'PATH', 'HOME']));
    expect(names.filter((name) => /^SECRETCTL_|TOKEN/.test(name))).toEqual([]);
  });

  test('--keep-env, --preserve and --pristine say what is inherited', async () => {
    const env = { SECRET: 'inherited', OWN: 'mine', LC_ALL: 'C' };
    const options = ['--pristine', '--keep-env', 'SECRETCTL_ID_TOKEN', '--keep-env', 'OWN'];
    const pristine = await stage.run(['run', ...options, 'SECRET=prod/db/password', '--', 'env'], { env });
    expect(
      pristine.stdout
        .toString()
        .match(/^[A-Z_]+(?==)/gm)
        ?.toSorted(),
    ).toEqual(['HOME', 'LC_ALL', 'OWN', 'PATH', 'SECRET', 'SECRETCTL_ID_TOKEN'].toSorted());
    const keeping = ['--pristine', '--keep-env', 'SECRET', '--preserve', 'SECRET'];
    const preserved = await stage.run(['run', ...keeping, 'SECRET=prod/db/password', '--', 'env'], { env });
    expect(preserved.stdout.toString()).toMatch(/^SECRET=inherited$/m);
  });

  test('--resolve-env fetches what variables name', async () => {
    const env = { DB: 'secretctl:prod/db/password', USER_NAME: 'secretctl:prod/db#username', PLAIN: 'x' };
    const { username } = JSON.parse(stage.secrets.get('prod/db')?.toString() ?? '') as { username: string };
    const script = `read -r a b; test "$DB" = "$a" && test "$USER_NAME" = "$b" && echo same`;
    const run = ['run', '--resolve-env', '--', 'sh', '-c', script];
    const finished = await stage.run(run, { env, stdin: `${secret()} ${username}\n` });
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(finished.stdout.toString()).toBe('same\n');
    const unresolved = await stage.run(sh('echo "$DB"'), { env });
    expect(unresolved.stdout.toString()).toBe('secretctl:prod/db/password\n');
  });

  test('standard input is the command’s: a file, a pipe, nothing', async () => {
    expect((await stage.run([...RUN, 'cat'], { stdin: 'one\ntwo' })).stdout.toString()).toBe('one\ntwo');
    expect((await stage.run([...RUN, 'cat'], { stdin: '' })).stdout.toString()).toBe('');
    expect((await stage.run(sh('exec cat'), { stdin: 'x'.repeat(300_000) })).stdout).toHaveLength(300_000);
  });
});

describe('streams', () => {
  test('what is said is redacted on both, each by itself', async () => {
    const finished = await stage.run(sh('echo "out $SECRET"; echo "err $SECRET" >&2'));
    expect(finished.stdout.toString()).toBe('out [REDACTED]\n');
    expect(finished.stderr).toBe('err [REDACTED]\n');
    const named = await stage.run(['run', '--mask-names', ...RUN.slice(1), 'sh', '-c', 'echo "$SECRET"']);
    expect(named.stdout.toString()).toBe('[REDACTED:SECRET]\n');
  });

  test('they are real pipes: they can be opened again', async () => {
    const finished = await stage.run(
      sh('echo one >/dev/stderr; echo two | tee /dev/stderr; echo three >/proc/self/fd/1; test -p /dev/stdout'),
    );
    expect(finished).toMatchObject({ exit: 0, stderr: 'one\ntwo\n' });
    expect(finished.stdout.toString()).toBe('two\nthree\n');
  });

  test('without mkfifo it goes on with what Node has, and says so', async () => {
    const bin = path.join(stage.attic, 'bin');
    mkdirSync(bin);
    for (const name of ['sh', 'git']) {
      symlinkSync(execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(), path.join(bin, name));
    }
    const finished = await stage.run(sh('echo "$SECRET"; echo "$SECRET" >&2; exit 2'), { env: { PATH: bin } });
    expect(finished.exit).toBe(2);
    expect(finished.stdout.toString()).toBe('[REDACTED]\n');
    expect(finished.stderr).toMatch(/^secretctl: warning: mkfifo cannot be had.*\n\[REDACTED\]\n$/);
  });

  test('the mask may be switched off, and then our own streams are the command’s', async () => {
    const finished = await stage.run(
      ['run', '--mask=off', ...RUN.slice(1), 'sh', '-c', 'echo "$SECRET" >/dev/null; echo x'],
      { env: { CI: '', GITLAB_CI: '' } },
    );
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(finished.stdout.toString()).toBe('x\n');
  });

  test('a prompt without a line feed shows at once', async () => {
    const run = startRun(stage, [...RUN, childProgram('prompt.sh')]);
    await run.said(/Continue\? \[y\/N\] $/);
    run.type('y\n');
    expect((await run.finished).stdout.toString()).toBe('Continue? [y/N] answer: y\n');
  });

  test('a value in two writes, the second much later, is redacted', async () => {
    const run = startRun(stage, [...RUN, childProgram('halves.sh')]);
    await run.said(/before\n/);
    run.type('go\n');
    expect((await run.finished).stdout.toString()).toBe('before\n[REDACTED]\n');
  });

  test('200 MB pass, with a value in every megabyte', async () => {
    const block = `head -c 1000000 /dev/zero; printf '%s' "$SECRET"`;
    const finished = await stage.run(sh(`i=0; while [ $i -lt 200 ]; do ${block}; i=$((i+1)); done`));
    expect(finished.exit).toBe(0);
    const place = Buffer.from('[REDACTED]');
    expect(finished.stdout).toHaveLength(200 * (1_000_000 + place.length));
    for (let index = 0; index < 200; index++) {
      const at = index * (1_000_000 + place.length) + 1_000_000;
      expect(finished.stdout.subarray(at, at + place.length).equals(place)).toBe(true);
    }
  });

  test.skipIf(process.platform !== 'linux')(
    'with 100 secrets it takes at most 20 MB more than a parent that only copies',
    async () => {
      const secrets = new Map(Array.from({ length: 100 }, (_, index) => [`prod/s${index}`, Buffer.from(canary())]));
      const many = await openStage({ secrets });
      const script = 'yes "$(seq 100) ${S7-}" | head -c 100000000; grep VmHWM "/proc/$PPID/status" >&2';
      const peakOf = ({ stderr }: Finished): number => Number(/VmHWM:\s+(\d+) kB/.exec(stderr)?.[1]);
      const copy = fileURLToPath(new URL('../fixtures/programs/copy.mjs', import.meta.url));
      try {
        const references = [...secrets.keys()].map((name, index) => `S${index}=${name}`);
        const ours = peakOf(await many.run(['run', ...references, '--', 'sh', '-c', script]));
        const words = [copy, 'sh', '-c', script];
        const theirs = peakOf(await runCommand(process.execPath, words, { cwd: many.cwd, env: many.env }));
        expect(theirs).toBeGreaterThan(10_000);
        expect(ours - theirs).toBeLessThan(20_000);
      } finally {
        await many.close();
      }
    },
  );

  test('a reader that goes away ends the command by its own pipe, and is no failure of ours', async () => {
    const run = startRun(stage, sh('while echo line; do :; done; exit 9'));
    await run.said(/line/);
    run.stopReading();
    const { exit, signal, stderr } = await run.finished;
    // Some shells end by PIPE, some hear of it from echo and go on to their own end.
    expect(signal === 'SIGPIPE' || exit === 9).toBe(true);
    expect(stderr).not.toContain('secretctl:');
  });

  test.each(['>&-', '2>&-', '<&-', '>&- 2>&- <&-', '>/dev/full 2>/dev/null'])(
    'with streams like %s the command’s code is ours',
    async (redirection) => {
      const line = `secretctl ${RUN.join(' ')} sh -c 'echo out; echo err >&2; exit 3' ${redirection}`;
      expect(await runCommand('sh', ['-c', line], { cwd: stage.cwd, env: stage.env })).toMatchObject({ exit: 3 });
    },
  );

  test('a command that ends well is no success when what it said could not be written', async () => {
    const line = `secretctl ${RUN.join(' ')} echo out >/dev/full`;
    const finished = await runCommand('sh', ['-c', line], { cwd: stage.cwd, env: stage.env });
    expect(finished.exit).toBe(74);
    expect(finished.stderr).toMatch(/^secretctl: error\[DISK_FULL\]/);
  });

  test('what stays in the background is not waited for, and what the command said is all there', async () => {
    const gate = path.join(stage.attic, 'gate');
    execFileSync('mkfifo', [gate]);
    const script = `(read -r never <"${gate}"; echo late) & head -c 300000 /dev/zero; exit 3`;
    const finished = await stage.run(sh(script), {
      env: { SECRETCTL_LINGER: '50ms' },
    });
    writeFileSync(gate, '\n');
    expect(finished.exit).toBe(3);
    expect(finished.stdout).toHaveLength(300_000);
    expect(finished.stderr).toMatch(/^secretctl: warning: something in the background/);
  });

  const shells = ['sh', 'dash', 'bash', 'busybox sh', 'zsh'].map((shell) => [shell, isOnPath(shell)] as const);
  for (const [shell, isHere] of shells) {
    test.skipIf(!isHere && process.env['CI'] !== 'true')(`${shell} that traces shows nothing`, async () => {
      for (const ref of ['prod/db/password', 'prod/quoted', 'prod/tls/key', 'prod/db/url']) {
        const command = [...shell.split(' '), childProgram('tracing.sh')];
        const finished = await stage.run(['run', `SECRET=${ref}`, '--', ...command]);
        expect(finished.exit, shell).toBe(0);
        expect(stage.leaks(finished, []), ref).toEqual([]);
        expect(stage.leaksIn(finished.stdout), ref).toEqual([]);
      }
    });
  }
});

test('a CI that takes masks has them before the command says anything', async () => {
  const finished = await stage.run(sh('echo "it is $SECRET" >&2'), { env: { GITHUB_ACTIONS: 'true' } });
  expect(finished.stderr.startsWith(`\n::add-mask::${secret()}\n`)).toBe(true);
  expect(finished.stderr.endsWith('it is [REDACTED]\n')).toBe(true);
});

test('values that cannot be redacted are named, once; a default of the configuration is nobody’s secret', async () => {
  const config = path.join(stage.attic, 'defaults.yaml');
  writeFileSync(
    config,
    'secrets: { FLAG: { ref: prod/no-flag, optional: true, default: "off" }, PORT: "prod/db#port" }',
  );
  const finished = await stage.run(['run', '--config', config, '--', 'sh', '-c', 'echo "$FLAG $PORT"']);
  expect(finished.stdout.toString()).toBe('off 5432\n');
  expect(finished.stderr).toMatch(/^secretctl: warning: the value of PORT is not redacted: \S.*\n$/);
});

describe('secrets that are files', () => {
  const configuration = 'secrets: { KEY: { ref: prod/tls/key, file: true }, RAW: { ref: prod/binary, file: true } }';

  test('private, in memory, with exact bytes, and gone afterwards', async () => {
    const config = path.join(stage.attic, 'files.yaml');
    writeFileSync(config, configuration);
    const script = `stat -c '%a %n' "$KEY" "$RAW" "$(dirname "$KEY")"; cksum <"$RAW"`;
    const finished = await stage.run(['run', '--config', config, '--', 'sh', '-c', script]);
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    const [key = '', raw = '', directory = ''] = finished.stdout.toString().split('\n');
    expect(key).toMatch(/^600 \/\S+\/secretctl-run-\d+-\d+-[0-9a-f]{16}\/KEY$/);
    expect(raw).toMatch(/^600 \S+\/RAW$/);
    expect(directory).toMatch(/^700 /);
    const place = path.dirname(directory.slice(4));
    expect(place.startsWith(stage.cwd)).toBe(false);
    expect(readdirSync(place).filter((name) => directory.endsWith(name))).toEqual([]);
  });
});

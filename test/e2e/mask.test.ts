import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canary } from '../support/canaries.ts';
import { type Finished, PROGRAM, runCommand } from '../support/program.ts';
import { hasPython, runInTerminal, startRun } from '../support/running.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(async () => {
  await stage.close();
});

const secret = (): string => stage.secrets.get('prod/db/password')?.toString() ?? '';
const MASK = ['mask', 'SECRET=prod/db/password'];
const M = '[REDACTED]';

/** A script of a real shell, in which `$S` is the secret and `mask` the filter. */
function inShell(
  shell: readonly string[],
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const [program = 'sh', ...options] = shell;
  const functions = 'mask() { secretctl mask "$@"; }\n';
  return runCommand(program, [...options, '-c', functions + script], {
    cwd: stage.cwd,
    env: { ...stage.env, S: secret(), ...env },
  });
}

describe('in a pipeline', () => {
  const shells = [['dash'], ['bash', '--norc'], ['busybox', 'ash'], ['zsh', '-f']];
  for (const shell of shells.filter(([name = '']) => spawnSync(name, ['-c', ':']).error === undefined)) {
    test(`of ${shell[0]}: what both streams say comes out without it`, async () => {
      const script = `{ echo "out $S"; echo "err $S" >&2; printf %s "$S" | base64; } 2>&1 | mask SECRET=prod/db/password`;
      const finished = await inShell(shell, script);
      expect(finished).toMatchObject({ exit: 0, stderr: '' });
      expect(finished.stdout.toString()).toBe(`out ${M}\nerr ${M}\n${M}\n`);
    });

    test(`of ${shell[0]}: a tracing shell shows nothing either`, async () => {
      const finished = await inShell(shell, `(set -x; : "$S"; A=$S) 2>&1 | mask SECRET=prod/db/password`);
      expect(finished.exit).toBe(0);
      expect(finished.stdout.toString()).toContain(M);
      expect(stage.leaksIn(finished.stdout)).toEqual([]);
    });
  }

  test('its exit code is 0 whatever the writer did; pipefail tells', async () => {
    const script = '(echo "$S"; exit 7) | mask SECRET=prod/db/password';
    expect(await inShell(['sh'], script)).toMatchObject({ exit: 0 });
    expect(await inShell(['bash', '-o', 'pipefail'], script)).toMatchObject({ exit: 7 });
  });

  test('a reader that goes away ends both by PIPE, and nothing is said', async () => {
    const script = 'yes "$S" | mask SECRET=prod/db/password | head -n 2; echo "${PIPESTATUS[@]}"';
    const finished = await inShell(['bash'], script);
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(finished.stdout.toString()).toBe(`${M}\n${M}\n141 141 0\n`);
  });

  test('two filters and tee in a row', async () => {
    const finished = await inShell(['sh'], 'echo "a $S" | mask SECRET=prod/db/password | tee copy | mask --env S');
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(finished.stdout.toString()).toBe(`a ${M}\n`);
    expect(readFileSync(path.join(stage.cwd, 'copy'), 'utf8')).toBe(`a ${M}\n`);
  });
});

describe('what is masked', () => {
  test('variables by themselves: nothing is asked for, nothing has to be configured', async () => {
    const before = stage.rehearsal.requests.length;
    const env = { A: canary(), B: `b ${canary()}`, C: canary(), PATH: stage.env['PATH'] ?? '' };
    const text = `${env.A} ${env.B} ${env.C}\n`;
    const options = { cwd: '/', env, stdin: text };
    const finished = await runCommand(
      process.execPath,
      [PROGRAM, 'mask', '--env', 'A', '--env', 'B', '--mask-names'],
      options,
    );
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(finished.stdout.toString()).toBe(`[REDACTED:A] [REDACTED:B] ${env.C}\n`);
    expect(stage.rehearsal.requests).toHaveLength(before);
  });

  test('both together, and the tokens of the job', async () => {
    const token = stage.env['SECRETCTL_ID_TOKEN'] ?? '';
    const env = { A: canary(), CIRCLE_OIDC_TOKEN: canary() };
    const finished = await stage.run([...MASK, '--env', 'A'], {
      env,
      stdin: `${secret()} ${env.A} ${token} ${env.CIRCLE_OIDC_TOKEN} ${token.split('.')[2]}\n`,
    });
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(finished.stdout.toString()).toBe(`${Array(5).fill(M).join(' ')}\n`);
  });

  test('the secrets of the configuration, or some of them by name', async () => {
    const url = stage.secrets.get('prod/db/url')?.toString() ?? '';
    const file = path.join(stage.attic, 'some.yaml');
    writeFileSync(file, 'secrets:\n  PW: prod/db/password\n  URL: prod/db/url\n');
    const [stdin, env] = [`${secret()} ${url}\n`, { SECRETCTL_CONFIG: file }];
    const all = await stage.run(['mask'], { env, stdin });
    expect(all.stdout.toString()).toBe(`${M} ${M}\n`);
    const one = await stage.run(['mask', '--names', 'URL'], { env, stdin });
    expect(one.stdout.toString()).toBe(`${secret()} ${M}\n`);
    const more = await stage.run(['mask', '--names', 'URL', 'X=prod/db/password'], { env, stdin });
    expect(more.stdout.toString()).toBe(`${M} ${M}\n`);
  });

  test.each([
    ['a name that the configuration does not have', ['--names', 'NOTHING'], 64],
    ['a variable that is not set', ['--env', 'NOTHING_SET'], 64],
    ['a token from the very same input', ['--token-stdin', 'A=prod/db/password'], 64],
    ['a secret that does not exist', ['A=prod/nothing'], 67],
  ] as const)('%s lets nothing pass', async (_, args, exit) => {
    const finished = await stage.run(['mask', ...args], { stdin: 'some text\n' });
    expect(finished.exit).toBe(exit);
    expect(finished.stdout.toString()).toBe('');
    expect(finished.stderr).toMatch(/^secretctl: nothing of the input is passed on/m);
  });

  test('what is not UTF-8 in a variable is refused, for its bytes are not known', async () => {
    const script = `export A=$(printf 'abc\\377defgh'); echo "$A" | secretctl mask --env A`;
    const finished = await inShell(['sh'], script);
    expect(finished).toMatchObject({ exit: 65 });
    expect(finished.stdout.toString()).toBe('');
  });

  test('what is too short or too common is named, once', async () => {
    const env = { SHORT: 'abc', COMMON: 'true', EMPTY: '' };
    const args = ['mask', '--env', 'SHORT', '--env', 'COMMON,EMPTY'];
    const finished = await stage.run(args, { env, stdin: 'abc true\n'.repeat(100) });
    expect(finished).toMatchObject({ exit: 0 });
    expect(finished.stderr.split('\n').map((line) => /of (\w+) is not/.exec(line)?.[1])).toEqual([
      ...Object.keys(env),
      undefined,
    ]);
    expect(finished.stdout.toString()).toBe('abc true\n'.repeat(100));
  });

  test('--dry-run says what would be masked, and asks for nothing', async () => {
    const before = stage.rehearsal.requests.length;
    const finished = await stage.run([...MASK, '--env', 'HOME', '--dry-run'], { stdin: secret() });
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(finished.stdout.toString()).toMatch(
      /masked on standard output\n {2}SECRET +prod\/db\/password\n {2}HOME +the variable\n$/,
    );
    expect(stage.leaksIn(finished.stdout)).toEqual([]);
    expect(stage.rehearsal.requests).toHaveLength(before);
  });
});

describe('streams', () => {
  test('the same bytes come out whatever the chunks were', async () => {
    const pieces = Array.from({ length: 400 }, (_, index) => [
      randomBytes(index % 37),
      Buffer.from(index % 3 === 0 ? secret() : secret().slice(0, index % 31)),
      Buffer.from('\n'),
    ]);
    const text = Buffer.concat(pieces.flat());
    const outs: string[] = [];
    for (const longest of [1, 7, 4096]) {
      const run = startRun(stage, MASK);
      for (let at = 0; at < text.length;) {
        const end = Math.min(text.length, at + 1 + Math.floor(Math.random() * longest));
        run.type(text.subarray(at, end));
        at = end;
      }
      run.endInput();
      const { stdout, exit } = await run.finished;
      expect(exit).toBe(0);
      expect(stdout.includes(secret())).toBe(false);
      outs.push(createHash('sha256').update(stdout).digest('hex'));
    }
    expect(new Set(outs).size).toBe(1);
  });

  test('a prompt shows at once, a progress bar frame by frame, half a value not at all', async () => {
    const run = startRun(stage, MASK);
    run.type('Continue? [y/N] ');
    await run.said(/\[y\/N\] $/);
    run.type('\r 10%');
    await run.said(/\r 10%$/);
    run.type(`\r 20% ${secret().slice(0, 12)}`);
    await run.said(/\r 20% $/);
    run.type(secret().slice(12));
    await run.said(/\r 20% \[REDACTED\]$/);
    run.type(secret().slice(0, 2));
    // Fewer than four bytes may go by themselves after a while; what follows is masked all the same.
    await run.said(new RegExp(`\\]${secret().slice(0, 2)}$`));
    run.type(secret().slice(2));
    run.endInput();
    expect((await run.finished).stdout.toString()).toMatch(/20% \[REDACTED\]..\[REDACTED\]$/);
  });

  test('a value that is cut off by the end is masked', async () => {
    const finished = await stage.run(MASK, { stdin: `x ${secret().slice(0, -1)}` });
    expect(finished.stdout.toString()).toBe(`x ${M}`);
  });

  test.each([
    ['a file', 'mask --env S <in', `${M}\n`, 0],
    ['/dev/null', 'mask --env S </dev/null', '', 0],
    ['nothing', 'mask --env S <&-', '', 0],
    ['a directory', 'mask --env S </tmp', '', 71],
    ['a FIFO', 'mkfifo p; cat in >p & mask --env S <p', `${M}\n`, 0],
    ['a file, to a file', 'mask --env S <in >out; cat out', `${M}\n`, 0],
    ['a pipe, to nowhere', 'cat in | mask --env S >/dev/null', '', 0],
    ['a pipe, to a closed stdout', 'cat in | mask --env S >&-', '', 0],
    ['a pipe, to a full disk', 'cat in | mask --env S >/dev/full', '', 74],
    ['a pipe, without stderr', 'cat in | mask --env S 2>&-', `${M}\n`, 0],
  ])('from %s', async (_, script, stdout, exit) => {
    writeFileSync(path.join(stage.cwd, 'in'), `${secret()}\n`);
    const finished = await inShell(['sh'], script);
    expect(finished.stdout.toString()).toBe(stdout);
    expect(finished).toMatchObject({ exit });
    stage.tidy();
  });

  test.skipIf(!hasPython)('from and to a terminal', async () => {
    const { screen, code } = await runInTerminal(
      stage,
      ['secretctl', 'mask', '--env', 'S'],
      [
        ['type', 'it is hunter2-hunter2 now\n'],
        ['wait', M],
        ['type', '\u0004'],
      ],
      { S: 'hunter2-hunter2' },
    );
    expect(code).toBe(0);
    expect(screen).toContain(`it is ${M} now`);
  });

  test.skipIf(!hasPython)('Ctrl-C at a terminal that is its input ends it', async () => {
    const steps = [
      ['type', 'one\n'],
      ['wait', 'one\r\none'],
      ['type', '\u0003'],
    ] as const;
    const { signal } = await runInTerminal(stage, ['secretctl', 'mask', '--env', 'S'], steps, { S: 'hunter2-hunter2' });
    expect(signal).toBe(2);
  });

  test.skipIf(process.platform !== 'linux')(
    '100 MB pass in the same memory as a few bytes, with 100 secrets',
    async () => {
      const secrets = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`V${index}`, canary()]));
      const args = Object.keys(secrets).join(',');
      const peakAfter = async (bytes: number): Promise<number> => {
        const status = path.join(stage.attic, 'status');
        // Asked when the last of the input has come and the end has not.
        const writer = `yes "a line of some log with $V7 in it" | head -c ${bytes}; grep VmHWM /proc/$(cat pid)/status >${status}`;
        const script = `mkfifo gate; (read -r _ <gate; ${writer}) | (sh -c 'echo $PPID >pid; echo go >gate'; exec secretctl mask --env ${args}) | tail -c 30`;
        const finished = await inShell(['bash'], script, secrets);
        expect(finished).toMatchObject({ exit: 0, stderr: '' });
        stage.tidy();
        return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(status, 'utf8'))?.[1]);
      };
      const [little, much] = [await peakAfter(200_000), await peakAfter(100_000_000)];
      expect(little).toBeGreaterThan(10_000);
      expect(much - little).toBeLessThan(20 * 1024);
    },
  );

  test('a file can be both ends of a job: stdout that is a file takes all of it', async () => {
    const file = path.join(stage.attic, 'whole');
    const out = openSync(file, 'w', 0o600);
    const finished = await runCommand(process.execPath, [PROGRAM, 'mask', '--env', 'S'], {
      cwd: stage.cwd,
      env: { ...stage.env, S: secret() },
      stdin: `${secret()} and\n`.repeat(10_000),
      stdio: { stdout: out },
    });
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(readFileSync(file, 'utf8')).toBe(`${M} and\n`.repeat(10_000));
  });
});

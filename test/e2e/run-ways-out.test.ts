import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { childProgram, hasPython, runInTerminal, startCommand, startRun } from '../support/running.ts';
import { PROGRAM, runCommand } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

const RUN = ['run', 'SECRET=prod/db/password', '--'];

async function onStage(options: Parameters<typeof openStage>[0], work: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await openStage(options);
  try {
    await work(stage);
  } finally {
    await stage.close();
  }
}

describe('the access token', () => {
  const revocations = (stage: Stage): number =>
    stage.rehearsal.requests.filter(({ path: target }) => target.endsWith('/auth/token/revoke-self')).length;

  test('that is not kept is revoked, after the command has ended', async () => {
    await onStage({ backend: 'vault' }, async (stage) => {
      const run = startRun(stage, ['run', '--no-cache', 'SECRET=prod/db/password', '--', childProgram('prompt.sh')]);
      await run.said(/Continue/);
      expect(revocations(stage)).toBe(0);
      run.type('y\n');
      expect(await run.finished).toMatchObject({ exit: 0, stderr: '' });
      expect(revocations(stage)).toBe(1);
    });
  });

  test('that other commands of the job may use is not', async () => {
    await onStage({ backend: 'vault' }, async (stage) => {
      expect(await stage.run([...RUN, 'true'])).toMatchObject({ exit: 0 });
      expect(await stage.run(['run', 'SECRET=prod/db/password', '--', 'false'])).toMatchObject({ exit: 1 });
      expect(revocations(stage)).toBe(0);
    });
  });

  test('is revoked when a signal ends the fetch, and when that fails', async () => {
    await onStage({ backend: 'vault', faults: ['read:silent*9'] }, async (stage) => {
      const run = startRun(stage, ['run', '--no-cache', 'SECRET=prod/db/password', '--', 'true']);
      await stage.rehearsal.arrival(2);
      run.send('SIGTERM');
      expect(await run.finished).toMatchObject({ exit: 143 });
      expect(revocations(stage)).toBe(1);
    });
    await onStage({ backend: 'vault' }, async (stage) => {
      const missing = ['run', '--no-cache', 'SECRET=prod/nothing', '--', 'true'];
      expect(await stage.run(missing)).toMatchObject({ exit: 67 });
      expect(revocations(stage)).toBe(1);
    });
  });

  test('a signal that comes when the command has ended changes nothing', async () => {
    await onStage({ backend: 'vault', faults: ['any#4:silent'] }, async (stage) => {
      const run = startRun(stage, ['run', '--no-cache', 'SECRET=prod/db/password', '--', 'sh', '-c', 'exit 5']);
      await stage.rehearsal.arrival(4);
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const) run.send(signal);
      expect(await run.finished).toMatchObject({ exit: 5, signal: null });
    });
  });

  test('that cannot be revoked is a warning, and the command’s code stays', async () => {
    await onStage({ backend: 'vault', faults: ['any#4:403'] }, async (stage) => {
      const finished = await stage.run(['run', '--no-cache', 'SECRET=prod/db/password', '--', 'sh', '-c', 'exit 5']);
      expect(finished.exit).toBe(5);
      expect(finished.stderr).toMatch(/^secretctl: warning: the access token .*could not be revoked/);
    });
  });
});

describe('secrets that are files', () => {
  test('are gone when a signal ended the command, and when it could not be started', async () => {
    await onStage({}, async (stage) => {
      const config = path.join(stage.attic, 'files.yaml');
      writeFileSync(config, 'secrets: { KEY: { ref: prod/tls/key, file: true } }');
      const run = startRun(stage, ['run', '--config', config, '--', 'sh', '-c', 'echo "at $KEY"; read -r never']);
      await run.said(/at \S+KEY\n/);
      run.send('SIGTERM');
      const { stdout, signal } = await run.finished;
      const file = /at (?<file>\S+)/.exec(stdout.toString())?.groups?.['file'] ?? '';
      expect([signal, path.isAbsolute(file), existsSync(path.dirname(file))]).toEqual(['SIGTERM', true, false]);
      const script = path.join(stage.attic, 'unreadable');
      writeFileSync(script, '#!/no/such/program\n', { mode: 0o755 });
      const unstarted = startRun(stage, ['run', '--config', config, '--', script]);
      expect(await unstarted.finished).toMatchObject({ exit: 127 });
      const ours = readdirSync(path.dirname(path.dirname(file))).filter((name) => name.includes(`-${unstarted.pid}-`));
      expect(ours).toEqual([]);
    });
  });
});

test('a signal ends the waiting for what stays in the background, and the command’s code stays', async () => {
  await onStage({}, async (stage) => {
    const gate = path.join(stage.attic, 'gate');
    execFileSync('mkfifo', [gate]);
    // Inside of the parentheses, $$ is still the command's number.
    const last = 'while kill -0 $$ 2>/dev/null; do :; done; echo gone';
    const script = `(trap '' TERM INT HUP QUIT; ${last}; read -r never <"${gate}") & exit 3`;
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) {
      const run = startRun(stage, ['run', '--linger', '1h', ...RUN.slice(1), 'sh', '-c', script]);
      await run.said(/gone\n/);
      run.send(signal);
      const finished = await run.finished;
      writeFileSync(gate, '\n');
      expect(finished).toMatchObject({ exit: 3, signal: null });
      expect(finished.stderr).toMatch(/^secretctl: warning: something in the background/);
    }
  });
});

test('what a killed run left behind is gone after the next', async () => {
  await onStage({}, async (stage) => {
    const config = path.join(stage.attic, 'files.yaml');
    writeFileSync(config, 'secrets: { KEY: { ref: prod/tls/key, file: true } }');
    const run = startRun(stage, ['run', '--config', config, '--', 'sh', '-c', 'echo "at $KEY"; read -r never']);
    await run.said(/at \S+KEY\n/);
    run.send('SIGKILL');
    const file = /at (?<file>\S+)/.exec((await run.finished).stdout.toString())?.groups?.['file'] ?? '';
    expect(existsSync(file)).toBe(true);
    // It needs no files itself.
    expect(await stage.run([...RUN, 'true'])).toMatchObject({ exit: 0, stderr: '' });
    expect(existsSync(path.dirname(file))).toBe(false);
  });
});

describe('--exec', () => {
  test('the command has our place, and nothing of us is left', async () => {
    await onStage({}, async (stage) => {
      const run = startRun(
        stage,
        ['run', '--exec', '--mask=off', ...RUN.slice(1), 'sh', '-c', 'echo "$$ $PPID"; test -n "$SECRET" && exit 6'],
        { CI: '', GITLAB_CI: '' },
      );
      const { exit, stdout, stderr } = await run.finished;
      expect({ exit, stderr }).toEqual({ exit: 6, stderr: '' });
      expect(stdout.toString()).toBe(`${run.pid} ${process.pid}\n`);
    });
  });

  test.each([
    ['redaction', ['--exec']],
    ['--kill-after', ['--exec', '--mask=off', '--kill-after', '1s']],
  ])('is refused with %s', async (_, options) => {
    await onStage({}, async (stage) => {
      expect(await stage.run(['run', ...options, ...RUN.slice(1), 'true'])).toMatchObject({ exit: 64 });
      expect(stage.rehearsal.requests).toEqual([]);
    });
  });

  test('a script that names no interpreter still runs', async () => {
    await onStage({}, async (stage) => {
      const script = path.join(stage.attic, 'script');
      writeFileSync(script, 'test -n "$SECRET" && exit 7\n', { mode: 0o755 });
      expect(await stage.run(['run', '--exec', '--mask=off', ...RUN.slice(1), script])).toMatchObject({ exit: 7 });
    });
  });
});

const isolated = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
const canIsolate = spawnSync(isolated[0] ?? '', [...isolated.slice(1), 'true']).status === 0;

describe.skipIf(!canIsolate)('as the first process of a container', () => {
  const inside = (script: string, options: readonly string[] = []): readonly string[] => [
    ...isolated,
    ...[process.execPath, PROGRAM, 'run', ...options, 'SECRET=prod/db/password', '--', 'sh', '-c', script],
  ];
  const ended = (stage: Stage, script: string) => {
    const [program = '', ...words] = inside(script);
    return runCommand(program, words, { cwd: stage.cwd, env: stage.env });
  };

  test('codes, and 128+n instead of a death; what is said is redacted, what is asked is answered', async () => {
    await onStage({}, async (stage) => {
      expect(await ended(stage, 'exit 9')).toMatchObject({ exit: 9, stderr: '' });
      expect(await ended(stage, 'exit 127')).toMatchObject({ exit: 127, stderr: '' });
      expect(await ended(stage, 'kill -TERM $$')).toMatchObject({ exit: 143, stderr: '' });
      expect(await ended(stage, 'kill -KILL $$')).toMatchObject({ exit: 137, stderr: '' });
      const run = startCommand(
        stage,
        inside('read -r a; echo "$a $SECRET"; tr "\\0" "\\n" </proc/1/cmdline | head -n 1'),
      );
      run.type('in\n');
      expect((await run.finished).stdout.toString()).toBe('in [REDACTED]\nsh\n');
    });
  });

  test('what nobody waits for any more is collected', async () => {
    await onStage({}, async (stage) => {
      const orphan = `(sh -c 'echo $$ >orphan; exec true' &); while ! test -s orphan; do :; done`;
      const script = `${orphan}; while kill -0 "$(cat orphan)" 2>/dev/null; do :; done; echo collected`;
      expect((await ended(stage, script)).stdout.toString()).toBe('collected\n');
    });
  });

  test('every signal arrives, once', async () => {
    await onStage({}, async (stage) => {
      const script = `exec '${process.execPath}' '${childProgram('signals.mjs')}'`;
      const run = startCommand(stage, inside(script));
      await run.said(/ready\n/);
      // The first process of the container, by its number outside of it.
      const [first = ''] = readFileSync(`/proc/${run.pid}/task/${run.pid}/children`, 'utf8').trim().split(' ');
      let expected = 'ready\n';
      for (const name of ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTERM', 'SIGCONT'] as const) {
        process.kill(Number(first), name);
        await run.said(new RegExp(`${name}\\n$`));
        run.type(`after ${name}\n`);
        expected += `${name}\nafter ${name}\n`;
        await run.said(new RegExp(`after ${name}\\n$`));
      }
      run.type('exit 5\n');
      run.endInput();
      const { exit, stdout } = await run.finished;
      expect({ exit, said: stdout.toString() }).toEqual({ exit: 5, said: `${expected}exit 5\n` });
    });
  });

  test('with --exec the command itself is that process', async () => {
    await onStage({}, async (stage) => {
      const run = startCommand(stage, inside('echo "$$"', ['--exec', '--mask=off']));
      expect((await run.finished).stdout.toString()).toBe('1\n');
    });
  });
});

test.skipIf(!hasPython && process.env['CI'] !== 'true')(
  'a terminal keeps its settings whatever the command does',
  async () => {
    await onStage({}, async (stage) => {
      const script =
        'stty -a >before; secretctl run --mask=off SECRET=prod/db/password -- sh -c "exit 3"; stty -a >after; cmp before after';
      const { code } = await runInTerminal(stage, ['sh', '-c', script], []);
      expect(code).toBe(0);
    });
  },
);

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childProgram, hasPython, runInTerminal, type Screen, startRun, type Step } from '../support/running.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(async () => {
  await stage.close();
});

const RUN = ['run', 'SECRET=prod/db/password', '--'];
const COUNTING = [process.execPath, childProgram('signals.mjs')];
const ALL = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;

test('every signal that can be forwarded arrives, once', async () => {
  const run = startRun(stage, [...RUN, ...COUNTING]);
  await run.said(/^ready\n$/);
  let expected = 'ready\n';
  for (const signal of ALL) {
    run.send(signal);
    expected += `${signal}\n`;
    await run.said(new RegExp(`${signal}\\n`));
    // What it says to this comes after all that it has been told before.
    run.type(`after ${signal}\n`);
    expected += `after ${signal}\n`;
    await run.said(new RegExp(`after ${signal}\\n`));
  }
  run.type('exit 3\n');
  run.endInput();
  const finished = await run.finished;
  expect(finished).toMatchObject({ exit: 3, signal: null, stderr: '' });
  expect(finished.stdout.toString()).toBe(`${expected}exit 3\n`);
});

test('without a terminal the whole group gets it: what a shell waits for ends, too', async () => {
  const gate = path.join(stage.attic, 'gate');
  execFileSync('mkfifo', [gate]);
  const run = startRun(stage, [...RUN, 'sh', '-c', `echo ready; cat <"${gate}"; echo after`]);
  await run.said(/ready/);
  run.send('SIGTERM');
  const finished = await run.finished;
  expect(finished).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  expect(finished.stdout.toString()).toBe('ready\n');
});

test('a command that dies of a signal that it got takes us along by the same', async () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
    const run = startRun(stage, [...RUN, 'sh', '-c', 'ulimit -c 0; echo ready; read -r never']);
    await run.said(/ready/);
    run.send(signal);
    expect(await run.finished).toMatchObject({ signal, stderr: '' });
  }
});

describe('while the secrets are fetched', () => {
  test.each([
    ['SIGTERM', 143, 'TERMINATED'],
    ['SIGINT', 130, 'INTERRUPTED'],
    ['SIGHUP', 129, 'HUNG_UP'],
    ['SIGQUIT', 131, 'QUIT'],
  ] as const)('%s ends that at once, and nothing is started', async (signal, exit, reason) => {
    const silent = await openStage({ faults: ['read:silent*9'] });
    try {
      const run = startRun(silent, [...RUN, 'touch', 'started']);
      await silent.rehearsal.arrival(2);
      run.send(signal);
      const finished = await run.finished;
      expect(finished.exit).toBe(exit);
      expect(finished.stderr).toContain(`secretctl: error[${reason}]`);
      expect(readdirSync(silent.cwd)).toEqual([]);
    } finally {
      await silent.close();
    }
  });
});

describe.skipIf(!hasPython && process.env['CI'] !== 'true')('at a terminal', () => {
  const LAPTOP = { CI: '', GITLAB_CI: '' };
  const terminal = (args: readonly string[], steps: readonly Step[], env = {}): Promise<Screen> =>
    runInTerminal(stage, ['secretctl', ...args], steps, { ...LAPTOP, ...env });
  const shell = (command: readonly string[], steps: readonly Step[]): Promise<Screen> =>
    runInTerminal(stage, command, steps, LAPTOP);

  test('it stays one for the command, and that it is not redacted is said', async () => {
    const script = 'test -t 0 && test -t 1 && test -t 2 && echo a terminal';
    const { screen, code } = await terminal([...RUN, 'sh', '-c', script], []);
    expect(code).toBe(0);
    expect(screen).toMatch(/not redacted, because a terminal: stdout and stderr/);
    expect(screen).toMatch(/^a terminal\r$/m);
  });

  test('stream by stream: what is no terminal is redacted', async () => {
    const file = path.join(stage.attic, 'stderr');
    const script = `secretctl ${RUN.join(' ')} sh -c 'echo "$SECRET" >&2; test -t 1 && echo a terminal' 2>'${file}'`;
    const { screen, code } = await shell(['sh', '-c', script], []);
    expect(code).toBe(0);
    expect(screen).toBe('a terminal\r\n');
    expect(readFileSync(file, 'utf8')).toMatch(
      /^secretctl: warning: not redacted, because a terminal: stdout .*\n\[REDACTED\]\n$/,
    );
  });

  test('Ctrl-C reaches the command once, and nobody else', async () => {
    const steps: Step[] = [
      ['wait', 'ready'],
      ['type', '\u0003'],
      ['wait', 'SIGINT'],
      ['type', 'after\n'],
      ['wait', 'after'],
      ['wait', 'after'],
      ['type', 'exit 4\n'],
      ['type', '\u0004'],
    ];
    const { screen, code } = await terminal([...RUN, ...COUNTING], steps);
    expect(code).toBe(4);
    expect(screen.match(/SIGINT/g)).toHaveLength(1);
    expect(screen).not.toContain('error[');
  });

  test('a TERM that is sent to us alone is forwarded', async () => {
    const steps: Step[] = [
      ['wait', 'ready'],
      ['signal', 'SIGTERM'],
      ['wait', 'SIGTERM'],
      ['type', '\u0004'],
    ];
    const { screen, code } = await terminal([...RUN, ...COUNTING], steps);
    expect(code).toBe(0);
    expect(screen.match(/SIGTERM/g)).toHaveLength(1);
  });

  test('Ctrl-C ends the command and us by INT, as without us', async () => {
    const { signal } = await terminal(
      [...RUN, 'sh', '-c', 'echo ready; read -r never'],
      [
        ['wait', 'ready'],
        ['type', '\u0003'],
      ],
    );
    expect(signal).toBe(2);
  });

  test('--mask=always is refused with the reason', async () => {
    const { screen, code } = await terminal(['run', '--mask=always', ...RUN.slice(1), 'true'], []);
    expect(code).toBe(64);
    expect(screen).toMatch(/pseudo-terminal/);
  });

  test('in a CI a terminal is a log: it is redacted', async () => {
    const { screen, code } = await terminal([...RUN, 'sh', '-c', 'echo "$SECRET"'], [], { CI: 'true' });
    expect(code).toBe(0);
    expect(screen).toBe('[REDACTED]\r\n');
  });

  test('Ctrl-Z stops both, and fg wakes both, once', async () => {
    const { screen } = await shell(
      ['bash', '--norc', '-i'],
      [
        ['type', `secretctl ${RUN.join(' ')} ${COUNTING.join(' ')}\n`],
        ['wait', 'ready'],
        ['type', '\u001a'],
        ['wait', 'Stopped'],
        ['type', 'fg\n'],
        ['wait', 'SIGCONT'],
        ['type', 'awake\n'],
        ['wait', 'awake'],
        ['wait', 'awake'],
        ['type', '\u0004'],
        ['type', 'exit\n'],
      ],
    );
    expect(screen.match(/SIGCONT/g)).toHaveLength(1);
  });
});

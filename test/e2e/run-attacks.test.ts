import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../support/program.ts';
import { canary } from '../support/canaries.ts';
import { startCommand } from '../support/running.ts';
import { openStage, type Stage } from '../support/stage.ts';

// What `run` meets where others may write: in a checkout, in a commit's message.

const RUN = ['run', 'X=prod/db/password', '--'];

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(async () => {
  await stage.close();
});

test('--resolve-env fetches nothing for what a CI sets, which others may have written', async () => {
  const env = {
    CI_COMMIT_MESSAGE: 'secretctl:prod/db/password',
    CHANGE_TITLE: 'secretctl:prod/nothing',
    BUILD_SOURCEVERSIONMESSAGE: 'secretctl:../..',
    ghprbPullTitle: 'secretctl:prod/db/password',
    GITHUB_HEAD_REF: 'secretctl:',
  };
  const script = 'echo "$CI_COMMIT_MESSAGE $CHANGE_TITLE $BUILD_SOURCEVERSIONMESSAGE $ghprbPullTitle $GITHUB_HEAD_REF"';
  const before = stage.rehearsal.requests.length;
  const finished = await stage.run(
    ['run', '--resolve-env', '--no-cache', 'X=prod/db/password', '--', 'sh', '-c', script],
    {
      env,
    },
  );
  expect(finished.exit).toBe(0);
  // Whoever set one of them himself has to hear of it; whoever wrote a message does not choose what is said.
  expect(finished.stderr).toMatch(/^secretctl: warning: not resolved.*\n$/);
  for (const name of Object.keys(env)) expect(finished.stderr).toContain(name);
  expect(finished.stderr).not.toContain('secretctl:prod');
  const asked = stage.rehearsal.requests.slice(before).map((request) => request.path);
  expect(asked.filter((target) => target.includes('secrets'))).toHaveLength(1);
  expect(finished.stdout.toString()).toBe(`${Object.values(env).join(' ')}\n`);
});

test('a program of the working directory is not taken for the machine’s mkfifo', async () => {
  const bin = path.join(stage.cwd, 'bin');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'mkfifo'), '#!/bin/sh\ntouch was-here\nexit 1\n', { mode: 0o755 });
  const finished = await stage.run(['run', 'X=prod/db/password', '--', 'ls'], {
    env: { PATH: `bin:${process.env['PATH']}` },
  });
  expect(finished).toMatchObject({ exit: 0, stderr: '' });
  expect(finished.stdout.toString()).not.toContain('was-here');
});

test('a token among the words of the command is in no message', async () => {
  const token = stage.env['SECRETCTL_ID_TOKEN'] ?? '';
  const other = `glpat-${'x'.repeat(20)}`;
  const planned = await stage.run([
    'run',
    '--dry-run',
    ...RUN.slice(1),
    'echo',
    `Bearer ${token}`,
    `a${token.slice(3, 60)}`,
    other,
  ]);
  expect(planned).toMatchObject({ exit: 0, stderr: '' });
  expect(planned.stdout.toString()).toMatch(/^command "echo" "\[redacted\]" "a\[REDACTED\]" "\[redacted\]"$/m);
  expect(stage.leaksIn(planned.stdout)).toEqual([]);
  for (const word of [token, `./${token}`, `${stage.cwd}/${token}`]) {
    const finished = await stage.run([...RUN, word]);
    expect(finished.exit).toBe(127);
    expect(stage.leaks(finished, [])).toEqual([]);
  }
  // To the command itself it goes as it is.
  const script = 'test "$1" = "$(cat)" && echo same';
  expect((await stage.run([...RUN, 'sh', '-c', script, 'sh', token], { stdin: token })).stdout.toString()).toBe(
    'same\n',
  );
});

test('a token of the CI that the command was let have is redacted', async () => {
  const env = { CIRCLE_OIDC_TOKEN: canary() };
  const words = [
    'run',
    '--keep-env',
    'CIRCLE_OIDC_TOKEN',
    ...RUN.slice(1),
    'sh',
    '-c',
    'echo "it is $CIRCLE_OIDC_TOKEN"',
  ];
  const finished = await stage.run(words, { env });
  expect(finished).toMatchObject({ exit: 0, stderr: '' });
  expect(finished.stdout.toString()).toBe('it is [REDACTED]\n');
});

test('a value among the words of a command that cannot be started is not in the message', async () => {
  const value = stage.secrets.get('prod/db/password')?.toString() ?? '';
  const script = path.join(stage.attic, `of-${value}`);
  writeFileSync(script, '#!/no/such/program\n', { mode: 0o755 });
  const finished = await stage.run([...RUN, script]);
  rmSync(script);
  expect(finished).toMatchObject({ exit: 127, stderr: expect.stringContaining('[REDACTED]') as string });
  expect(stage.leaks(finished, [])).toEqual([]);
});

const corePattern = process.platform === 'linux' ? readFileSync('/proc/sys/kernel/core_pattern', 'utf8') : '/';

test.skipIf(/^[/|]/.test(corePattern))(
  'the image of its memory that a command leaves is its own, not ours',
  async () => {
    const script = 'ulimit -c unlimited; exec "$@"';
    const words = [
      'secretctl',
      ...RUN,
      'env',
      '-u',
      'X',
      'sh',
      '-c',
      'MARK=of-the-command; export MARK; exec sh -c "kill -ABRT \\$\\$"',
    ];
    const finished = await startCommand(stage, ['sh', '-c', script, 'sh', ...words]).finished;
    expect(finished).toMatchObject({ signal: 'SIGABRT' });
    const core = readdirSync(stage.cwd).find((name) => name.startsWith('core')) ?? '';
    const image = readFileSync(path.join(stage.cwd, core));
    expect(image.includes('MARK=of-the-command')).toBe(true);
    expect(stage.leaksIn(image)).toEqual([]);
    stage.tidy();
  },
);

test.skipIf(process.platform !== 'linux')('a word that Node cannot hand on as it is costs no request', async () => {
  const before = stage.rehearsal.requests.length;
  const line = `secretctl ${RUN.join(' ')} printf %s fine "$(printf '\\357\\277\\275 \\377')"`;
  const finished = await runCommand('sh', ['-c', line], { cwd: stage.cwd, env: stage.env });
  expect(finished).toMatchObject({ exit: 65, stderr: expect.stringContaining('word 4 of the command') as string });
  expect(stage.rehearsal.requests).toHaveLength(before);
  expect((await stage.run([...RUN, 'printf', '%s', '\ufffd'])).stdout.toString()).toBe('\ufffd');
});

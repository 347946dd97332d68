import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../support/program.ts';
import { hasPython, startRun } from '../support/running.ts';
import { openStage, type Stage } from '../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(async () => {
  await stage.close();
});

const RUN = ['run', 'SECRET=prod/db/password', '--'];
const sh = (script: string): string[] => [...RUN, 'sh', '-c', script];

test('where both lead to one place, what is said stays in its order, line by line', async () => {
  const say = 'echo "$i out $SECRET"; i=$((i+1)); echo "$i err $SECRET" >&2; i=$((i+1))';
  const line = `secretctl ${RUN.join(' ')} sh -c 'i=0; while [ $i -lt 10000 ]; do ${say}; done' 2>&1`;
  const finished = await runCommand('sh', ['-c', line], { cwd: stage.cwd, env: stage.env });
  expect(finished).toMatchObject({ exit: 0, stderr: '' });
  const expected = Array.from({ length: 10_000 }, (_, index) => `${index} ${index % 2 === 0 ? 'out' : 'err'}`);
  expect(finished.stdout.toString()).toBe(`${expected.join(' [REDACTED]\n')} [REDACTED]\n`);
});

test('they are real pipes also where the temporary directory cannot be had', async () => {
  const script = 'test -p /dev/stdout && test -p /dev/stderr && echo "$SECRET" >/dev/stderr';
  const finished = await stage.run(sh(script), { env: { TMPDIR: '/no/such/directory' } });
  expect(finished).toMatchObject({ exit: 0, stderr: '[REDACTED]\n' });
});

test('10,000 lines by turns on two streams: each is whole and in its order', async () => {
  const say = 'echo "$i $SECRET"; echo "$i $SECRET" >&2; i=$((i+1))';
  const finished = await stage.run(sh(`i=0; while [ $i -lt 5000 ]; do ${say}; done`));
  const expected = Array.from({ length: 5000 }, (_, index) => `${index} [REDACTED]\n`).join('');
  expect(finished.exit).toBe(0);
  expect(finished.stdout.toString()).toBe(expected);
  expect(finished.stderr).toBe(expected);
});

test('a value that a killed command left unfinished is redacted, and how it ended is told', async () => {
  const { signal, stdout, stderr } = await startRun(stage, sh('printf "x %s" "${SECRET%?}"; kill -KILL $$')).finished;
  expect({ signal, stderr, said: stdout.toString() }).toEqual({
    signal: 'SIGKILL',
    stderr: '',
    said: 'x [REDACTED]',
  });
});

test('a command that fails keeps its code, and that its last words are lost is said', async () => {
  const line = `secretctl ${RUN.join(' ')} sh -c 'echo out; exit 4' >/dev/full`;
  const finished = await runCommand('sh', ['-c', line], { cwd: stage.cwd, env: stage.env });
  expect(finished.exit).toBe(4);
  expect(finished.stderr).toMatch(/^secretctl: warning: the command failed, .*ENOSPC.*\n$/);
});

test.skipIf(!hasPython && process.env['CI'] !== 'true')(
  'a pipe that never lets a writer wait loses and doubles nothing',
  async () => {
    const script = `
import fcntl, hashlib, os, subprocess, sys
read, write = os.pipe()
fcntl.fcntl(write, fcntl.F_SETFL, os.O_NONBLOCK | os.O_WRONLY)
child = subprocess.Popen(sys.argv[1:], stdout=write)
os.close(write)
said = hashlib.sha256()
while block := os.read(read, 4096):
    said.update(block)
print(child.wait(), said.hexdigest())`;
    const words = ['secretctl', ...sh('seq 1 300000; echo "$SECRET"')];
    const finished = await runCommand('python3', ['-c', script, ...words], { cwd: stage.cwd, env: stage.env });
    const numbers = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\n`).join('');
    const expected = createHash('sha256').update(`${numbers}[REDACTED]\n`).digest('hex');
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(finished.stdout.toString()).toBe(`0 ${expected}\n`);
  },
);

test('a password of a JSON value, in another text and printed anew, is redacted on both streams', async () => {
  const { password } = JSON.parse(stage.secrets.get('prod/db')?.toString() ?? '') as { password: string };
  const script = 'cat; echo "$DB" | tr -d "\\n" | sed "s/,/,\\n  /g" >&2';
  const finished = await stage.run(['run', 'DB=prod/db', '--', 'sh', '-c', script], { stdin: `p=${password};` });
  expect(finished.exit).toBe(0);
  expect(finished.stdout.toString()).toBe('p=[REDACTED];');
  expect(stage.leaks(finished, [])).toEqual([]);
});

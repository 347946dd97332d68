import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { plainEnvironment, runShell, runSink, sinkCommand, sinkWords, workplace } from '../../support/sink-runs.ts';

const TEXT = 'canary-4711';
const TOOL = sinkCommand({ text: TEXT });
const CI = { env: plainEnvironment({ CI: 'true' }) };

describe('the log of the job', () => {
  const REFUSED: readonly [how: string, script: string][] = [
    ['a plain line', `${TOOL}; true`],
    ['sent to stderr', `${TOOL} >&2; true`],
    ['within another shell', `sh -c "$TOOL; true"; true`],
  ];

  test.each(REFUSED)('%s is refused', async (_how, script) => {
    const run = await runShell(`set +e; ${script}`, { cwd: workplace(), env: { ...CI.env, TOOL } });
    expect(run.stderr).toMatch(/^STDOUT_IS_LOG/m);
    expect(run.stderr).toMatch(/-o FILE[^]*--print-plaintext-to-log/);
    expect(run.stdout.toString() + run.stderr).not.toContain(TEXT);
  });

  test('a regular file that is the log is refused too', async () => {
    const cwd = workplace();
    const run = await runShell(`sh -c '${TOOL.replaceAll("'", String.raw`'\''`)}; exit $?' >log 2>&1 || echo $?`, {
      cwd,
      ...CI,
    });
    expect(run.stdout.toString()).toBe('73\n');
    expect(readFileSync(path.join(cwd, 'log'), 'utf8')).not.toContain(TEXT);
  });

  const ALLOWED: readonly [how: string, script: string][] = [
    ['captured', `x=$(${TOOL}); test "$x" = ${TEXT}; echo ok`],
    ['piped', `${TOOL} | grep -c ${TEXT} | sed s/1/ok/`],
    ['into a file', `${TOOL} >file; grep -q ${TEXT} file; echo ok`],
    ['into a file, warnings too', `${TOOL} >file 2>&1; grep -q ${TEXT} file; echo ok`],
    ['into a file, in another shell', `bash -c "$TOOL >file; true"; grep -q ${TEXT} file; echo ok`],
    ['on request', `${sinkCommand({ text: 'ok\n', printPlaintextToLog: true })}; true`],
  ];

  test.each(ALLOWED)('%s is allowed', async (_how, script) => {
    const run = await runShell(script, { cwd: workplace(), env: { ...CI.env, TOOL } });
    expect({ exit: run.exit, stdout: run.stdout.toString() }).toEqual({ exit: 0, stdout: 'ok\n' });
  });

  test('outside of CI there is no log', async () => {
    const run = await runShell(`${TOOL}; true`, { cwd: workplace() });
    expect(run.stdout.toString()).toBe(TEXT);
  });

  test.each(['GITLAB_CI', 'GITHUB_ACTIONS', 'JENKINS_URL', 'BUILDKITE', 'TF_BUILD'])(
    '%s tells that this is CI',
    async (name) => {
      const run = await runShell(`${TOOL}; exit $?`, { cwd: workplace(), env: plainEnvironment({ [name]: 'true' }) }, [
        'sh',
      ]);
      expect(run.exit).toBe(73);
    },
  );

  test('a file that others may read is said', async () => {
    const run = await runShell(`umask 022; ${TOOL} >file`, { cwd: workplace(), ...CI });
    expect(run.stderr).toMatch(/warning: .*mode 644/);
  });
});

describe('a caller that cannot be looked at', () => {
  const isRoot = process.getuid?.() === 0;

  test.skipIf(!isRoot)('in CI, stdout and stderr being one counts as the log', async () => {
    const run = await runShell(`setpriv --reuid 65534 --regid 65534 --clear-groups sh -c "$TOOL 2>&1"; true`, {
      cwd: '/',
      env: { ...CI.env, TOOL },
    });
    expect(run.stdout.toString()).not.toContain(TEXT);
    expect(run.stdout.toString()).toMatch(/^STDOUT_IS_LOG/m);
  });

  test.skipIf(!isRoot)('otherwise that is said in a warning', async () => {
    // sudo and its like stay the parent, of another user.
    const parent = `import { spawnSync } from 'node:child_process'; spawnSync('sh', ['-c', process.env.TOOL], { uid: 65534, gid: 65534, stdio: 'inherit' });`;
    const run = await runShell(`${process.execPath} --input-type=module -e "$PARENT"; true`, {
      cwd: '/',
      env: { ...CI.env, TOOL: `exec ${TOOL}`, PARENT: parent },
    });
    expect(run.stdout.toString()).toBe(TEXT);
    expect(run.stderr).toMatch(/warning: .*cannot be seen/);
  });
});

describe('a tracing shell', () => {
  const REFUSED: readonly [how: string, words: string[]][] = [
    ['sh -xe', ['sh', '-xe']],
    ['bash -x', ['bash', '-x']],
    ['bash -o xtrace', ['bash', '-o', 'xtrace']],
  ];

  test.each(REFUSED)('%s is refused before the value could be captured', async (_how, words) => {
    const run = await runShell(`x=$(eval "$TOOL")`, { cwd: workplace(), env: plainEnvironment({ TOOL }) }, words);
    expect(run.exit).toBe(73);
    expect(run.stderr).toMatch(/^SHELL_TRACE/m);
    expect(run.stderr).toMatch(/-o FILE[^]*--shell-trace-is-off[^]*--print-plaintext-to-log/);
  });

  test.each(['CI_DEBUG_TRACE', 'RUNNER_DEBUG', 'ACTIONS_STEP_DEBUG', 'SYSTEM_DEBUG'])(
    '%s counts as one',
    async (name) => {
      expect(
        (await runSink({ text: TEXT }, { cwd: workplace(), env: plainEnvironment({ [name]: 'true' }) })).exit,
      ).toBe(73);
      expect(
        (await runSink({ text: TEXT }, { cwd: workplace(), env: plainEnvironment({ [name]: 'false' }) })).exit,
      ).toBe(0);
    },
  );

  test('so do exported SHELLOPTS', async () => {
    const env = plainEnvironment({ SHELLOPTS: 'braceexpand:xtrace' });
    expect((await runSink({ text: TEXT }, { cwd: workplace(), env })).exit).toBe(73);
  });

  test.each([{ shellTraceIsOff: true }, { printPlaintextToLog: true }, { file: 'out' }])(
    '%j passes',
    async (settings) => {
      const run = await runSink(
        { text: TEXT, ...settings },
        { cwd: workplace(), env: plainEnvironment({ CI_DEBUG_TRACE: 'true' }) },
      );
      expect(run.exit).toBe(0);
    },
  );

  test('a file by redirection passes: no shell sees the value', async () => {
    const run = await runShell(`${TOOL} >file; wc -c <file`, { cwd: workplace() }, ['sh', '-xe']);
    expect(run.exit).toBe(0);
    expect(run.stdout.toString().trim()).toBe(String(TEXT.length));
  });
});

describe('ends of pipes', () => {
  const FAILURES: readonly [how: string, script: string, exit: number, reason: string][] = [
    ['closed', `${TOOL} >&-`, 74, 'STDOUT_CLOSED'],
    ['/dev/null', `${TOOL} >/dev/null`, 74, 'STDOUT_CLOSED'],
    ['/dev/full', `${TOOL} >/dev/full`, 74, 'DISK_FULL'],
    ['file size limit', `ulimit -f 0; ${TOOL} >file`, 74, 'DISK_FULL'],
    [
      'reader gone',
      `{ ${sinkCommand({ text: 'x', times: 1_000_000 })}; echo $? >code; } | head -c 1 >/dev/null; exit $(cat code)`,
      74,
      'STDOUT_CLOSED',
    ],
  ];

  test.each(FAILURES)('%s', async (_how, script, exit, reason) => {
    const run = await runShell(script, { cwd: workplace() }, ['sh']);
    expect(run.exit).toBe(exit);
    expect(run.stderr).toMatch(new RegExp(`^${reason}`, 'm'));
    expect(run.stderr).not.toMatch(/ at .*\.[jt]s:/);
  });

  test('--discard lets /dev/null pass, in CI too', async () => {
    const run = await runShell(`${sinkCommand({ text: TEXT, discard: true })} >/dev/null`, { cwd: workplace(), ...CI });
    expect({ exit: run.exit, stderr: run.stderr }).toEqual({ exit: 0, stderr: '' });
  });

  test('two megabytes reach a reader that starts late and reads little by little', async () => {
    const [program = '', ...args] = sinkWords({ text: '0123456789', times: 200_000 });
    const child = spawn(program, args, { env: plainEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] });
    let received = 0;
    const exit = new Promise((resolve) => child.on('close', resolve));
    for await (const chunk of child.stdout.iterator()) {
      received += (chunk as Buffer).length;
      await new Promise(setImmediate);
    }
    expect(received).toBe(2_000_000);
    expect(await exit).toBe(0);
  });
});

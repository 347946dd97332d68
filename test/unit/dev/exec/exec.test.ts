import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { execRehearsed, type ExecOptions } from '../../../../src/dev/exec/exec.ts';
import { JENKINS } from '../../../../src/dev/frame/jenkins-job.ts';
import { openRehearsal, type RehearsalSetup } from '../../../../src/dev/frame/rehearsal.ts';
import { type Runtime, type SignalName, systemRuntime } from '../../../../src/lib/runtime.ts';
import { ECHO, readJson } from '../../../support/echo-product.ts';
import { issuerKey } from '../../../support/issuer-key.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'exec-test-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

/** The real world, with a temporary directory of its own. */
function world(env: Record<string, string> = {}): Runtime {
  const runtime = systemRuntime();
  const { PATH = '' } = runtime.env;
  return {
    ...runtime,
    stdin: runtime.stdin,
    stdout: runtime.stdout,
    stderr: runtime.stderr,
    env: { PATH, ...env },
    host: { ...runtime.host, temporaryDirectory: directory },
  };
}

function options(command: readonly string[], more: Partial<ExecOptions> = {}, setup: RehearsalSetup = {}): ExecOptions {
  return {
    backend: 'echo',
    foreign: { names: ['ECHO_URL', 'CONJUR_ACCOUNT'], products: ['echo'] },
    command,
    configuration: 'own',
    stdoutIsLog: false,
    reportFile: undefined,
    start: () => openRehearsal(ECHO, { issuerKey, ...setup }, world()),
    ...more,
  };
}

/** The variables that a rehearsed command sees. */
async function environmentOf(
  outer: Record<string, string>,
  more: Partial<ExecOptions> = {},
  setup: RehearsalSetup = {},
): Promise<Record<string, string>> {
  const file = join(directory, 'env.txt');
  await execRehearsed(
    options(
      ['sh', '-c', `env -0 > '${file}'; cp "$SECRETCTL_CONFIG" '${directory}/config' 2>/dev/null; true`],
      more,
      setup,
    ),
    world(outer),
  );
  const entries = readFileSync(file, 'utf8')
    .split('\0')
    .filter((line) => line !== '');
  return Object.fromEntries(
    entries.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

describe('the exit code', () => {
  test.each([
    [['true'], 0],
    [['sh', '-c', 'exit 69'], 69],
    [['sh', '-c', 'kill -TERM $$'], 143],
    [['sh', '-c', 'kill -KILL $$'], 137],
  ])('%j gives %i', async (command, expected) => {
    expect(await execRehearsed(options(command), world())).toBe(expected);
  });

  test.each([
    [['no-such-program-here'], 'COMMAND_NOT_FOUND'],
    [['/etc/passwd'], 'COMMAND_NOT_EXECUTABLE'],
  ])('%j is %s', async (command, reason) => {
    await expect(execRehearsed(options(command), world())).rejects.toMatchObject({ reason });
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('signals', () => {
  test('are forwarded to the command, whose exit code counts', async () => {
    const { runtime, send } = withSignals();
    const file = join(directory, 'ready');
    const script = `trap 'exit 7' TERM; : > '${file}'; while :; do sleep 0.05; done`;
    const ended = execRehearsed(options(['sh', '-c', script]), runtime);
    await expect.poll(() => readdirSync(directory), { timeout: 30_000 }).toContain('ready');
    send('SIGTERM');
    expect(await ended).toBe(7);
  });

  test('before the command has begun end the rehearsal without it', async () => {
    const { runtime, send } = withSignals();
    const file = join(directory, 'ran');
    const start = async (): ReturnType<ExecOptions['start']> => {
      send('SIGINT');
      return openRehearsal(ECHO, { issuerKey }, runtime);
    };
    expect(await execRehearsed(options(['touch', file], { start }), runtime)).toBe(130);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("the command's environment", () => {
  test("has the job's variables, its own cache and the program in front of PATH", async () => {
    const env = await environmentOf({});
    expect(env).toMatchObject({ GITLAB_CI: 'true', ECHO_URL: expect.stringMatching(/^https:\/\/127\.0\.0\.1:/) });
    expect(env['SECRETCTL_CACHE_DIR']).toMatch(new RegExp(`^${directory}/secretctl-dev-[^/]+/cache$`));
    expect(env['PATH']).toMatch(new RegExp(`^${directory}/secretctl-dev-[^/]+/bin:`));
    expect(env).not.toHaveProperty('SECRETCTL_CONFIG');
    expect(env['SECRETCTL_PRINT_PLAINTEXT_TO_LOG']).toBe('true');
  });

  test('keeps what is nobody’s and loses what belongs to another CI, a real server or a real token', async () => {
    const outer = {
      EDITOR: 'vi',
      SECRETCTL_TIMEOUT: '5s',
      SECRETCTL_CONFIG: '/etc/mine.yaml',
      GITHUB_ACTIONS: 'true',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://real.example',
      CI_JOB_JWT: 'x',
      CONJUR_ACCOUNT: 'x',
      SECRETCTL_ALLOWED_ORIGINS: 'https://real.example',
      ECHO_URL: 'https://real.example',
      SECRETCTL_URL: 'https://real.example',
      SECRETCTL_TOKEN_FILE: '/real',
      SECRETCTL_CA_FILE: '/real',
      SECRETCTL_ECHO_ACCOUNT: 'real',
      SECRETCTL_ID_TOKEN: 'real',
      JENKINS_URL: 'https://real.example',
    };
    const env = await environmentOf(outer);
    expect(env).toMatchObject({ EDITOR: 'vi', SECRETCTL_TIMEOUT: '5s', SECRETCTL_CONFIG: '/etc/mine.yaml' });
    expect(Object.values(env).filter((value) => /^(x|\/?real|https:\/\/real.*)$/.test(value))).toEqual([]);
    expect(Object.keys(env).filter((name) => /GITHUB|ACTIONS|JENKINS|CONJUR/.test(name))).toEqual([]);
  });

  test('allows the rehearsal and no other origin, whatever the user allows and however the configuration is led', async () => {
    for (const configuration of ['made', 'overruled', 'own'] as const) {
      const env = await environmentOf({ SECRETCTL_ALLOWED_ORIGINS: 'https://real.example' }, { configuration });
      const { origin, port } = new URL(env['ECHO_URL'] ?? '');
      expect(env['SECRETCTL_ALLOWED_ORIGINS']).toBe(`${origin}, https://localhost:${port}`);
    }
  });

  test("has Jenkins' private directory outside of the workspace, for as long as the job runs", async () => {
    const file = join(directory, 'scratch');
    const command = ['sh', '-c', `stat -c '%F %a %n' "$WORKSPACE_TMP" > '${file}'; : > "$WORKSPACE_TMP/left"`];
    expect(await execRehearsed(options(command, {}, { job: JENKINS }), world({ WORKSPACE_TMP: '/real' }))).toBe(0);
    const place = join(directory, 'secretctl-dev-');
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^directory 700 ${place}[^/]+/scratch\n$`));
    expect(readdirSync(directory)).toEqual(['scratch']);
  });

  test('is gone afterwards, with everything that was made for it', async () => {
    await execRehearsed(options(['true'], { configuration: 'made' }), world());
    expect(readdirSync(directory)).toEqual([]);
  });

  test('finds the usual programs when there is no PATH around it', async () => {
    const { PATH: _, ...outer } = await environmentOf({});
    const runtime = { ...world(), env: outer };
    expect(await execRehearsed(options(['sh', '-c', 'ls / | cat >/dev/null']), runtime)).toBe(0);
  });

  test('leaves standard output a log when it is to be one', async () => {
    expect(await environmentOf({}, { stdoutIsLog: true })).not.toHaveProperty('SECRETCTL_PRINT_PLAINTEXT_TO_LOG');
  });

  test('has a configuration that names every secret that is text, under names that differ', async () => {
    const secrets = new Map([
      ['a/password', [Buffer.from('1')]],
      ['b/password', [Buffer.from('2')]],
      ['password', [Buffer.from('3')]],
      ['odd/5% #1?', [Buffer.from('4')]],
      ['binary', [Buffer.from([0xff, 0])]],
    ]);
    const env = await environmentOf({}, { configuration: 'made' }, { secrets, forbidden: new Set(['c/closed']) });
    expect(env['SECRETCTL_CONFIG']).toMatch(/\/secretctl\.yaml$/);
    expect(readJson(join(directory, 'config'))).toEqual({
      secrets: {
        CLOSED: 'c/closed',
        PASSWORD: 'a/password',
        B_PASSWORD: 'b/password',
        PASSWORD_2: 'password',
        _5___1_: 'odd/5%25 %231%3F',
      },
    });
  });

  test('has in that configuration what no variable says', async () => {
    await environmentOf({}, { configuration: 'made' }, { options: new Map([['odd-key', 'on']]) });
    expect(readJson(join(directory, 'config'))).toMatchObject({
      backends: { echo: { type: 'echo', 'odd-key': 'on' } },
    });
  });

  test('overrules a configuration with real addresses in all that it may say of a server', async () => {
    const setup = { options: new Map([['odd-key', 'on']]), audience: 'mine', tokenVariable: 'JWT' };
    const env = await environmentOf({}, { configuration: 'overruled', hasFallback: true }, setup);
    expect(await environmentOf({}, { configuration: 'overruled' }, setup)).not.toHaveProperty('SECRETCTL_FALLBACK_URL');
    expect(env).toMatchObject({
      SECRETCTL_BACKEND: 'echo',
      SECRETCTL_URL: env['ECHO_URL'],
      SECRETCTL_FALLBACK_URL: env['ECHO_URL'],
      SECRETCTL_CA_FILE: env['ECHO_CA_FILE'],
      SECRETCTL_SERVER_NAME: 'localhost',
      SECRETCTL_TOKEN_ENV: 'JWT',
      SECRETCTL_AUDIENCE: 'mine',
      SECRETCTL_ISSUER: expect.stringMatching(/^https:\/\/localhost:/),
      SECRETCTL_ECHO_ODD_KEY: 'on',
    });
    expect(env).not.toHaveProperty('SECRETCTL_CONFIG');
  });
});

test('the program on the PATH gets its arguments as they are', async () => {
  const file = join(directory, 'args');
  const runtime = world();
  const script = join(directory, "it's.mjs");
  runtime.fs.writeFileSync(
    script,
    `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.argv.slice(2)));`,
  );
  const asProgram = { ...runtime, host: { ...runtime.host, script } };
  const args = ['a b', "c'd", '$e', '', '--f=*'];
  expect(await execRehearsed(options(['secretctl', ...args]), asProgram)).toBe(0);
  expect(readJson(file)).toEqual(args);
});

describe('the report', () => {
  test('is written whatever the command returned', async () => {
    const file = join(directory, 'report.json');
    expect(await execRehearsed(options(['false'], { reportFile: file }), world())).toBe(1);
    expect(readJson(file)).toEqual({ exchanges: 0, reads: 0, requests: [] });
  });

  test('that cannot be written is an error', async () => {
    const reportFile = join(directory, 'missing', 'report.json');
    await expect(execRehearsed(options(['true'], { reportFile }), world())).rejects.toMatchObject({
      reason: 'WRITE_FAILED',
    });
  });
});

/** A world in which signals arrive when the test says so. */
function withSignals(): { runtime: Runtime; send(signal: SignalName): void } {
  const handlers = new Set<(signal: SignalName) => void>();
  const runtime: Runtime = {
    ...world(),
    onSignal(_, handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
  const send = (signal: SignalName): void => {
    for (const handler of handlers) handler(signal);
  };
  return { runtime, send };
}

import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canary } from '../support/canaries.ts';
import { answer, type Script } from '../support/faulty-server.ts';
import { type Measured, runAgainst } from '../support/measured-run.ts';
import { type Finished, PROGRAM, runCommand, runProgram } from '../support/program.ts';
import { openStage, type Stage } from '../support/stage.ts';

/** Most that the program may occupy, KiB (P13). */
const MOST_RESIDENT = 150 * 1024;
const MIB = 1024 * 1024;
const ONE = ['fetch', '--format', 'json', 'A=a/b'];

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const against = (
  read: Script,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> => runAgainst(stage, { read, args, env });

const value =
  (bytes: Buffer | string): Script =>
  () => [answer(200, bytes, { 'content-type': 'text/plain' })];

describe.skipIf(process.platform !== 'linux')('memory stays bounded whatever the server sends', () => {
  const SINGLY = ['--conjur-batch', 'off'];
  const many = [...Array(64).keys()].map((index) => `S${index}=a/s${index}`);
  const byteByByte = ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\na\r\n'.repeat(MIB), '0\r\n\r\n'];
  const CASES: readonly [what: string, read: Script, args: readonly string[], exit: number, reason?: string][] = [
    ['a body in pieces of one byte', () => byteByByte, ONE, 0],
    [
      'many large answers',
      value(Buffer.alloc(MIB, canary(64))),
      ['fetch', '--format', 'json', ...SINGLY, ...many],
      76,
      'RESPONSE_TOO_BIG',
    ],
    [
      'JSON of nothing but small values',
      value(`[${'{},'.repeat(MIB / 3 - 2)}0]`),
      ['fetch', 'A=a/b#1'],
      67,
      'FIELD_NOT_FOUND',
    ],
    [
      'a batch of nothing but small values',
      () => [answer(200, `[${'0,'.repeat(MIB / 2 - 2)}0]`, { 'content-encoding': 'base64' })],
      ['fetch', 'A=a/b', 'B=a/c'],
      76,
      'BAD_JSON',
    ],
  ];

  test.each(CASES)('%s', async (_what, read, args, ...[exit, reason]) => {
    const run = await against(read, args);
    expect({ exit: run.exit, reason: /error\[(\w+)\]/.exec(run.stderr)?.[1] }).toEqual({ exit, reason });
    expect(run.resident).toBeLessThan(MOST_RESIDENT);
  });
});

describe('a value of ten megabytes', () => {
  const LARGE = ['--max-answer-bytes', '16MiB'];
  const big = Buffer.alloc(10 * MIB, `${canary(63)}\n`);

  test('comes out whole, as bytes and as JSON', async () => {
    const raw = await against(value(big), ['fetch', '--format', 'raw', 'A=a/b', ...LARGE]);
    expect(raw).toMatchObject({ exit: 0, stderr: '' });
    expect(raw.stdout.equals(big)).toBe(true);
    const json = await against(value(big), [...ONE, ...LARGE]);
    expect(json).toMatchObject({ exit: 0, stderr: '' });
    expect((JSON.parse(json.stdout.toString()) as { A: string }).A).toBe(big.toString());
    if (process.platform === 'linux') expect(Math.max(raw.resident, json.resident)).toBeLessThan(MOST_RESIDENT);
  });

  test('that does not fit is refused within seconds, and in little memory', async () => {
    const run = await against(value(big), ['fetch', '--format', 'sh', 'A=a/b', ...LARGE]);
    expect(run.exit).toBe(65);
    expect(run.milliseconds).toBeLessThan(10_000);
    expect(run.resident).toBeLessThan(MOST_RESIDENT);
  });

  test('may be one character again and again', async () => {
    const run = await against(value(Buffer.alloc(10 * MIB, 'a')), ['fetch', '--format', 'raw', 'A=a/b', ...LARGE]);
    expect(run).toMatchObject({ exit: 0, stderr: '' });
  });

  test('comes in a batch', async () => {
    const body = JSON.stringify({
      [`${account()}:variable:a/b`]: big.toString('base64'),
      [`${account()}:variable:a/c`]: 'YQ==',
    });
    const batch = answer(200, body, { 'content-encoding': 'base64' });
    const run = await against(() => [batch], [...ONE, 'B=a/c', ...LARGE]);
    expect(run).toMatchObject({ exit: 0, stderr: '' });
    expect(run.stdout.length).toBeGreaterThan(big.length);
  });
});

test.skipIf(process.platform !== 'linux').each([
  ['GitHub', { GITHUB_ACTIONS: 'true' }],
  ['Azure', { TF_BUILD: 'True' }],
])('the largest value of many lines by default is masked for %s in little memory', async (_ci, env) => {
  const lines = Array.from({ length: (MIB / 64) * 0.98 }, () => canary(63));
  const run = await against(value(lines.join('\n')), ONE, { GITLAB_CI: '', ...env });
  expect(run.exit).toBe(0);
  expect(JSON.parse(run.stdout.toString())).toEqual({ A: lines.join('\n') });
  expect(lines.every((line) => run.stderr.includes(line))).toBe(true);
  expect(run.resident).toBeLessThan(MOST_RESIDENT);
});

test('an error text made to keep a pattern busy does not', async () => {
  const body = JSON.stringify({ error: { message: 'Variable '.repeat(100_000) } });
  const run = await against(() => [answer(404, body)], ['fetch', 'A=a/b', 'B=a/c', '--timeout', '5s']);
  expect(run.exit).toBe(67);
  expect(run.milliseconds).toBeLessThan(5000);
});

test('a git that heeds no signal does not keep the command beyond its time', async () => {
  const bin = path.join(stage.attic, 'stubborn');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'git'), '#!/bin/sh\ntrap "" TERM INT HUP\nwhile :; do :; done\n', { mode: 0o755 });
  mkdirSync(path.join(stage.cwd, '.git'));
  const env = { PATH: `${bin}:${stage.env['PATH'] ?? ''}` };
  const run = await against(value('x'), [...ONE, '-o', 'a.json', '--timeout', '1s'], env);
  expect(run.exit).toBe(69);
  expect(run.milliseconds).toBeLessThan(5000);
});

describe('a configuration that a merge request can change', () => {
  const FILE = `
backends:
  conjur:
    type: conjur
    url: https://conjur.example.test
    account: prod
    service-id: gitlab
    fallback-url: [https://elsewhere.example.test]
secrets: { A: a/b }
`;
  const configured = async (text: string, env: Readonly<Record<string, string>> = {}): Promise<Finished> => {
    const file = path.join(stage.attic, 'secretctl.yaml');
    writeFileSync(file, text);
    return runProgram(['fetch', '--dry-run', '--config', file], { cwd: stage.cwd, env: { ...stage.env, ...env } });
  };

  test('is warned of for its fallback endpoints too, where a variable says the first', async () => {
    const run = await configured(FILE, { SECRETCTL_URL: 'https://conjur.example.test' });
    expect(run.exit).toBe(0);
    expect(run.stderr).toMatch(/warning: the endpoint https:\/\/elsewhere\.example\.test comes from a file/);
    expect(run.stderr).not.toMatch(/the endpoint https:\/\/conjur\.example\.test/);
  });

  test('cannot silence that', async () => {
    const run = await configured(`${FILE}quiet: true\n`);
    expect(run.exit).toBe(78);
    expect(run.stderr).toMatch(/unknown key "quiet"/);
  });

  test('names no file to write outside of its directory, nor one of git', async () => {
    const work = path.join(stage.attic, 'checkout');
    mkdirSync(path.join(work, '.git'), { recursive: true });
    mkdirSync(path.join(work, 'out'));
    symlinkSync('..', path.join(work, 'up'));
    mkdirSync(path.join(stage.attic, 'target'));
    const run = (output: string, args: readonly string[] = []): Promise<Finished> => {
      writeFileSync(
        path.join(work, 'secretctl.yaml'),
        `secrets: { A: prod/db/password }\noutput: ${JSON.stringify(output)}\n`,
      );
      return runProgram(['fetch', '--format', 'raw', ...args], { cwd: path.join(work, 'out'), env: stage.env });
    };
    const outside = path.join(stage.attic, 'planted');
    for (const output of [
      '../planted',
      outside,
      'up/target/planted',
      '.git/config',
      '.GIT/config',
      'out/../../planted',
    ]) {
      const { exit, stderr } = await run(output);
      expect({ output, exit, stderr }).toMatchObject({
        exit: 78,
        stderr: expect.stringContaining('secretctl.yaml:2:9: output') as string,
      });
    }
    expect(
      [outside, path.join(stage.attic, 'target/planted'), path.join(work, '.git/config')].filter(existsSync),
    ).toEqual([]);
    expect((await run('out/fine')).exit).toBe(0);
    expect((await run('../planted', ['-o', outside])).exit).toBe(0);
    expect(existsSync(path.join(work, 'out/fine')) && existsSync(outside)).toBe(true);
  });

  test('names none of the settings that overrule a refusal', async () => {
    const overruling = [
      'allow-unsafe-runtime',
      'allow-endpoint-override',
      'print-plaintext-to-log',
      'shell-trace-is-off',
      'allow-env-name',
      'discard',
      'allowed-origins',
      'dry-run',
      'profile',
      'config',
      'error-format',
    ];
    const [top, inProfile, inBackend] = [
      overruling.map((name) => `${name}: true\n`).join(''),
      `profiles: { p: { ${overruling.map((name) => `${name}: true`).join(', ')} } }\n`,
      overruling.map((name) => `    ${name}: true\n`).join(''),
    ];
    for (const text of [
      `${FILE}${top}`,
      `${FILE}${inProfile}`,
      FILE.replace('    account', `${inBackend}    account`),
    ]) {
      const run = await configured(text);
      expect(run.exit).toBe(78);
      for (const name of overruling) expect(run.stderr).toContain(`unknown key "${name}"`);
    }
  });
});

test('a working directory that was taken away is no bug of ours', async () => {
  const gone = path.join(stage.attic, 'gone');
  mkdirSync(gone);
  const script = `cd '${gone}' && rmdir '${gone}' && exec '${process.execPath}' '${PROGRAM}' "$@"`;
  const words = ['-c', script, 'sh', ...ONE, '--error-format', 'json'];
  const run = await runCommand('sh', words, { cwd: stage.cwd, env: stage.env });
  expect(run.exit).toBe(71);
  expect(JSON.parse(run.stderr)).toMatchObject({ reason: 'SYSTEM_FAILED' });
});

function account(): string {
  return stage.env['CONJUR_ACCOUNT'] ?? '';
}

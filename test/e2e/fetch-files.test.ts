import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { filesBelow } from '../support/canaries.ts';
import { type Finished, runCommand } from '../support/program.ts';
import { layOut, openStage, type Stage } from '../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterEach(() => stage.tidy());

afterAll(async () => {
  await stage.close();
});

const inPlace = (name: string): string => path.join(stage.cwd, name);
const read = (name: string): string => readFileSync(inPlace(name), 'utf8');
const value = (name: string): Buffer => stage.secrets.get(name) ?? Buffer.from('no such secret');
const ALL = ['PASSWORD=prod/db/password', 'KEY=prod/tls/key', 'BIN=prod/binary'];

/** Runs it; no value may be anywhere but in the files that it wrote. */
async function fetched(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  const before = filesBelow(stage.cwd);
  const finished = await stage.run(['fetch', ...args], { env });
  const asked = finished.exit === 0 ? filesBelow(stage.cwd) : before;
  expect(stage.leaks(finished, asked)).toEqual([]);
  if (finished.exit !== 0) expect(filesBelow(stage.cwd)).toEqual(before);
  return finished;
}

function reason({ exit, stderr }: Finished): string {
  return `${exit} ${/error\[(?<reason>\w+)\]/.exec(stderr)?.groups?.['reason'] ?? ''}`;
}

function expectFiles(directory: string): void {
  expect(readdirSync(directory).toSorted()).toEqual(['BIN', 'KEY', 'PASSWORD']);
  const held = { PASSWORD: 'prod/db/password', KEY: 'prod/tls/key', BIN: 'prod/binary' };
  for (const [name, from] of Object.entries(held)) {
    expect(readFileSync(path.join(directory, name)).equals(value(from)), name).toBe(true);
    expect(statSync(path.join(directory, name)).mode & 0o7777).toBe(0o600);
  }
  expect(statSync(directory).mode & 0o7777).toBe(0o700);
}

describe('--files', () => {
  test('exact bytes, binary ones too, and nothing on stdout', async () => {
    const finished = await fetched(['--files', 'out', ...ALL]);
    expect(finished.exit, finished.stderr).toBe(0);
    expect(finished.stdout.length).toBe(0);
    expectFiles(inPlace('out'));
    expect(readdirSync(stage.cwd)).toEqual(['out']);
  });

  test('a format beside them writes their paths, which a shell can source', async () => {
    expect((await fetched(['--files', 'out', '--format', 'sh', '-o', 'env.sh', ...ALL])).exit).toBe(0);
    const script = '. ./env.sh; cat "$PASSWORD_FILE"; cmp "$KEY_FILE" out/KEY; test -z "${KEY+x}"';
    expect(execFileSync('sh', ['-c', script], { cwd: stage.cwd }).equals(value('prod/db/password'))).toBe(true);
    expect((await fetched(['--files', 'out', '-o', '.env', ...ALL])).exit).toBe(0);
    expect(read('.env').split('\n')).toContain(`KEY_FILE='${inPlace('out/KEY')}'`);
    expectFiles(inPlace('out'));
  });

  test('paths may be read in the job’s log, values may not', async () => {
    const log = inPlace('log');
    const line = `secretctl fetch --files out --format json A=prod/db/password; secretctl fetch --format json A=prod/db/password`;
    await runCommand('sh', ['-c', `exec >log 2>&1; ${line} || true`], { cwd: stage.cwd, env: stage.env });
    const text = readFileSync(log, 'utf8');
    expect(text).toContain(`"A_FILE": ${JSON.stringify(inPlace('out/A'))}`);
    expect(text).toContain('error[STDOUT_IS_LOG]');
    expect(stage.leaksIn(Buffer.from(text))).toEqual([]);
  });

  test('names of files and of variables can be chosen', async () => {
    layOut(stage, {
      'secretctl.yaml': [
        'files: out',
        'path-suffix: _PATH',
        'secrets:',
        '  KEY: { ref: prod/tls/key, file-name: tls.key }',
        '  DB: { ref: prod/db/password }',
        '  NONE: { ref: prod/nothing, optional: true }',
        '',
      ].join('\n'),
    });
    const finished = await fetched(['--format', 'json']);
    expect(finished.exit, finished.stderr).toBe(0);
    expect(JSON.parse(finished.stdout.toString())).toEqual({
      KEY_PATH: inPlace('out/tls.key'),
      DB_PATH: inPlace('out/DB'),
    });
    expect(readdirSync(inPlace('out')).toSorted()).toEqual(['DB', 'tls.key']);
    // The command of `run` finds it under the chosen name too.
    layOut(stage, { 'secretctl.yaml': 'secrets:\n  KEY: { ref: prod/tls/key, file: true, file-name: tls.key }\n' });
    const run = await stage.run(['run', '--', 'sh', '-c', 'basename "$KEY"; cmp "$KEY" out/tls.key']);
    expect([run.exit, run.stdout.toString()]).toEqual([0, 'tls.key\n']);
  });

  test('every member of a value, and base64', async () => {
    expect((await fetched(['--files', 'out', '--encode', 'base64', 'DB=prod/db#*'])).exit).toBe(0);
    expect(readdirSync(inPlace('out')).toSorted()).toEqual(['DB_PASSWORD', 'DB_PORT', 'DB_USERNAME']);
    expect(read('out/DB_PORT')).toBe(Buffer.from('5432').toString('base64'));
  });

  test('one secret that is missing leaves the directory as it was', async () => {
    await fetched(['--files', 'out', ...ALL]);
    const before = statSync(inPlace('out')).ino;
    expect(reason(await fetched(['--files', 'out', ...ALL, 'NO=prod/nothing']))).toBe('67 SECRET_NOT_FOUND');
    expect(statSync(inPlace('out')).ino).toBe(before);
    expectFiles(inPlace('out'));
  });

  test('what is refused costs no request', async () => {
    mkdirSync(inPlace('real'));
    symlinkSync('real', inPlace('link'));
    layOut(stage, { 'full/other': 'x', plain: 'x' });
    const before = stage.rehearsal.requests.length;
    const refusals: readonly (readonly [string[], string])[] = [
      [['--files', 'link'], '73 TARGET_UNSAFE'],
      [['--files', 'link/'], '73 TARGET_UNSAFE'],
      [['--files', 'link/out'], '73 TARGET_UNSAFE'],
      [['--files', 'full'], '73 TARGET_UNSAFE'],
      [['--files', 'plain'], '73 TARGET_UNSAFE'],
      [['--files', 'a/b'], '73 NO_DIRECTORY'],
      [['--files', '.'], '73 TARGET_UNSAFE'],
      [['--files', 'out', '-o', 'out/.env'], '64 USAGE'],
      [['--files', 'out', '-o', 'out'], '64 USAGE'],
      [['--files', 'out', '--format', 'sh', 'prod/db/LD_PRELOAD', '--path-suffix', ''], '73 NAME_FORBIDDEN'],
    ];
    for (const [args, expected] of refusals) {
      expect(reason(await fetched([...args, 'A=prod/db/password'])), args.join(' ')).toBe(expected);
    }
    expect(stage.rehearsal.requests).toHaveLength(before);
    expect(readdirSync(inPlace('real'))).toEqual([]);
  });

  test('a place that everybody may write to is a warning', async () => {
    chmodSync(stage.cwd, 0o777);
    const finished = await fetched(['--files', 'out', ...ALL]);
    chmodSync(stage.cwd, 0o700);
    expect([finished.exit, finished.stderr]).toEqual([0, expect.stringContaining('every user of this machine')]);
    expectFiles(inPlace('out'));
  });

  test('two runs at once both end well, and one of them is there, whole', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => stage.run(['fetch', '--files', 'out', ...ALL])));
    expect(runs.map(({ exit, stderr }) => [exit, stderr])).toEqual(runs.map(() => [0, expect.any(String)]));
    expectFiles(inPlace('out'));
    expect(readdirSync(stage.cwd)).toEqual(['out']);
  });

  test('--dry-run names them and writes nothing', async () => {
    const finished = await fetched(['--dry-run', '--files', 'out', '--format', 'sh', '-o', 'env.sh', ...ALL]);
    expect(finished.stdout.toString()).toMatch(
      /^sh with the paths of the files to env\.sh, mode 0600\nfiles in out, /m,
    );
    for (const name of ['PASSWORD', 'KEY', 'BIN'])
      expect(finished.stdout.toString()).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(readdirSync(stage.cwd)).toEqual([]);
  });
});

describe('--template', () => {
  test('is filled, to a file of mode 0600 or to stdout', async () => {
    layOut(stage, { 'app.tmpl': 'url: {{ URL | json }}\nkey: "{{KEY|base64}}"\r\n{{{{ .literal }}\n' });
    const expected = `url: ${JSON.stringify(value('prod/db/url').toString())}\nkey: "${value('prod/tls/key').toString('base64')}"\r\n{{ .literal }}\n`;
    const args = ['--template', 'app.tmpl', 'URL=prod/db/url', 'KEY=prod/tls/key'];
    expect((await fetched([...args, '-o', 'app.yaml'])).exit).toBe(0);
    expect(read('app.yaml')).toBe(expected);
    expect(statSync(inPlace('app.yaml')).mode & 0o7777).toBe(0o600);
    expect((await fetched(args)).stdout.toString()).toBe(expected);
  });

  test('with files it may name their paths', async () => {
    layOut(stage, { t: '{{PASSWORD}} {{KEY_FILE}}' });
    const finished = await fetched(['--template', 't', '--files', 'out', '-o', 'conf', ...ALL]);
    expect(finished.exit, finished.stderr).toBe(0);
    expect(read('conf')).toBe(`${value('prod/db/password').toString()} ${inPlace('out/KEY')}`);
    expectFiles(inPlace('out'));
  });

  test('only what it names is fetched', async () => {
    layOut(stage, { t: '{{PASSWORD}} {{DB_USERNAME}}' });
    const finished = await fetched(['--template', 't', 'PASSWORD=prod/db/password', 'DB=prod/db#*', 'NO=prod/nothing']);
    expect(finished.exit, finished.stderr).toBe(0);
  });

  test('what is wrong with it is said before any request', async () => {
    layOut(stage, { wrong: '{{A}}\n {{B}} {{A|nope}}', bytes: Buffer.from([0xff]), big: ' '.repeat(1024 * 1024 + 1) });
    execFileSync('mkfifo', [inPlace('fifo')]);
    const before = stage.rehearsal.requests.length;
    const finished = await fetched(['--template', 'wrong', 'A=prod/db/password']);
    expect(reason(finished)).toBe('65 TEMPLATE_INVALID');
    expect(finished.stderr).toMatch(/wrong:2:2: .*\n.*wrong:2:8: /);
    for (const file of ['bytes', 'big', 'fifo', 'none', '.']) {
      expect(reason(await fetched(['--template', file, 'A=prod/db/password'])), file).toBe('66 TEMPLATE_FILE');
    }
    const dry = await fetched(['--dry-run', '--template', 'wrong', 'A=prod/db/password']);
    expect(reason(dry)).toBe('65 TEMPLATE_INVALID');
    expect(reason(await fetched(['--template', 'wrong', '--format', 'sh', 'A=prod/db/password']))).toBe('64 USAGE');
    rmSync(inPlace('fifo'));
    expect(stage.rehearsal.requests).toHaveLength(before);
  });

  test('what turns out to be missing or not to fit is said before anything is written', async () => {
    layOut(stage, {
      'secretctl.yaml': 'secrets:\n  A: { ref: prod/nothing, optional: true }\n  B: prod/binary\n  C: prod/db#*\n',
      a: '\n{{A}}',
      b: '{{B}}',
      c: '{{C_NONE}}',
    });
    const missing = await fetched(['--template', 'a', '-o', 'out', 'A']);
    expect([reason(missing), missing.stderr]).toEqual(['67 SECRET_NOT_FOUND', expect.stringContaining('a:2:1: A')]);
    expect(reason(await fetched(['--template', 'b', '-o', 'out', 'B']))).toBe('65 NOT_REPRESENTABLE');
    expect(reason(await fetched(['--template', 'c', '-o', 'out', 'C']))).toBe('67 SECRET_NOT_FOUND');
  });

  test('a file of the repository names none outside of it, neither by path nor by link', async () => {
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'elsewhere-'));
    stage.defer(() => rmSync(elsewhere, { recursive: true, force: true }));
    writeFileSync(path.join(elsewhere, 't'), 'private {{A}}');
    symlinkSync(path.join(elsewhere, 't'), inPlace('link'));
    const secrets = 'secrets: { A: prod/db/password }\n';
    for (const line of [
      `template: ${elsewhere}/t`,
      'template: link',
      `files: ${elsewhere}/out`,
      'files: .git/x',
      'files: .',
    ]) {
      layOut(stage, { 'secretctl.yaml': `${line}\n${secrets}` });
      expect(reason(await fetched([])), line).toBe('78 CONFIG_INVALID');
    }
    layOut(stage, { 'secretctl.yaml': secrets });
    expect((await fetched(['--template', 'link'])).stdout.toString()).toBe(
      `private ${value('prod/db/password').toString()}`,
    );
  });
});

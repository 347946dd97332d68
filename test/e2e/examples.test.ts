import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RehearsalReport } from '../../src/dev/index.ts';
import { PIPELINES } from '../../src/sources/pipelines.ts';
import { canary, findLeaks } from '../support/canaries.ts';
import { gitlabSchema } from '../support/gitlab-schema.ts';
import { type Finished, PROGRAM, runCommand } from '../support/program.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const AUDIENCE = 'https://conjur.example.com';
const GITLAB = readFileSync(path.join(ROOT, '.gitlab-ci.example.yml'), 'utf8');

/** Where a tool is missing a test is skipped; in CI it then fails, because the tool is installed there. */
const skippedWithout = (isHere: boolean): boolean => !isHere && process.env['CI'] !== 'true';

let root: string;
let work: string;
let scratch: string;
let values: { user: string; password: string; key: string; api: string };

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'example-'));
  work = path.join(root, 'work');
  scratch = path.join(root, 'work.tmp');
  for (const directory of [work, scratch]) mkdirSync(directory, { mode: 0o700 });
  values = {
    user: canary(),
    password: `it's ${canary()} "$x"`,
    key: `-----BEGIN KEY-----\n${canary()}\n`,
    api: canary(),
  };
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A program of the job's own: it leaves what it was given where only this test looks. */
function place(name: string, body: string): void {
  writeFileSync(path.join(work, name), `#!/bin/sh\nset -eu\n${body}\n`);
  chmodSync(path.join(work, name), 0o755);
}

function given(name: string): string {
  return readFileSync(path.join(root, name), 'utf8');
}

/** Runs a command as a job of that CI, against a server that holds the secrets of the examples. */
async function rehearse(
  ci: 'gitlab' | 'jenkins',
  command: readonly string[],
): Promise<{ finished: Finished; report: RehearsalReport }> {
  const held = {
    'prod/db': JSON.stringify({ username: values.user, password: values.password }),
    'prod/tls/key': values.key,
    'prod/api/key': values.api,
  };
  writeFileSync(path.join(root, 'secrets.yaml'), JSON.stringify(held));
  const options = ['--ci', ci, '--audience', AUDIENCE, '--secrets', path.join(root, 'secrets.yaml')];
  const report = path.join(root, 'report.json');
  const finished = await runCommand(
    process.execPath,
    [PROGRAM, 'dev', 'exec', ...options, '--stdout-is-log', '--report', report, '--', ...command],
    {
      cwd: work,
      env: { PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: root, LANG: 'C.UTF-8' },
    },
  );
  return { finished, report: JSON.parse(readFileSync(report, 'utf8')) as RehearsalReport };
}

function expectNoLeak(finished: Finished): void {
  const log = finished.stdout.toString() + finished.stderr;
  const secrets = [
    values.user,
    values.password,
    values.api,
    ...values.key.split('\n').filter((line) => !line.startsWith('---')),
  ];
  expect(
    findLeaks(
      'the log',
      log,
      secrets.filter((secret) => secret !== ''),
    ),
  ).toEqual([]);
  expect(log).not.toMatch(/eyJ[A-Za-z0-9_-]{8}/);
  expect(readdirSync(scratch)).toEqual([]);
}

describe('.gitlab-ci.example.yml', () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(gitlabSchema());

  const configuration = load(GITLAB) as Record<string, Record<string, unknown>>;

  test('is what GitLab takes', () => {
    expect(validate(configuration), JSON.stringify(validate.errors)).toBe(true);
  });

  test('and so are its jobs with what they have in common, at which the schema does not look', () => {
    const jobs = Object.entries(configuration).filter(([, job]) => job['extends'] === '.secrets');
    expect(jobs.map(([name]) => name)).toEqual(['plan', 'migrate', 'deploy']);
    const whole = Object.fromEntries(jobs.map(([name, job]) => [name, { ...configuration['.secrets'], ...job }]));
    expect(validate({ ...configuration, ...whole }), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each([
    ['an ID token without an audience', { script: ['a'], id_tokens: { SECRETCTL_ID_TOKEN: {} } }],
    ['a script that is a number', { script: 1 }],
    ['an unknown keyword', { script: ['a'], id_token: {} }],
  ])('and GitLab would refuse %s', (_, job) => {
    expect(validate({ ...configuration, job })).toBe(false);
  });

  test('shows none of what leaks: no report artifact, no value on a command line, no login token in a variable', () => {
    expect(GITLAB).not.toMatch(/dotenv|artifacts|eval|CI_JOB_JWT|--print-plaintext-to-log/);
    expect(GITLAB).toMatch(/image: \S+@sha256:[0-9a-f]{64}\n/);
  });

  test.skipIf(skippedWithout(spawnSync('rsync', ['--version']).status === 0))(
    'its jobs run, with one login each',
    async () => {
      copyFileSync(path.join(ROOT, '.gitlab-ci.example.yml'), path.join(work, '.gitlab-ci.yml'));
      place('migrate', `printf '%s|%s' "$DB_USER" "$DB_PASSWORD" | tee ../migrate.given`);
      place('deploy', `test "$1 $3" = '--key --settings'; cat "$2" > ../key.given; cat "$4" > ../settings.given`);
      const git = (...args: string[]) =>
        expect(
          spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd: work }).status,
        ).toBe(0);
      git('init', '-q', '-b', 'main');
      git('add', '.');
      git('commit', '-q', '-m', 'a job');
      git('remote', 'add', 'origin', 'git@gitlab.example.com:acme/shop.git');

      const gitlabCiLocal = createRequire(import.meta.url).resolve('gitlab-ci-local');
      // What differs from the example: where the server is, and where the checkout is.
      const overruled = ['CONJUR_APPLIANCE_URL', 'CONJUR_ACCOUNT', 'CONJUR_AUTHN_JWT_SERVICE_ID'].map(
        (name) => `--variable "${name}=$${name}"`,
      );
      const run = `"${process.execPath}" "${gitlabCiLocal}" --force-shell-executor --no-color ${overruled.join(' ')} --variable "SECRETS_DIR=${scratch}" --variable CI_COMMIT_REF_PROTECTED=true`;
      const { finished, report } = await rehearse('gitlab', ['sh', '-c', run]);

      expect(finished.exit, finished.stdout.toString() + finished.stderr).toBe(0);
      const log = finished.stdout.toString();
      for (const job of ['plan', 'migrate', 'deploy']) expect(log).toMatch(new RegExp(`PASS +${job}\\b`));
      expect(given('migrate.given')).toBe(`${values.user}|${values.password}`);
      expect(given('key.given')).toBe(values.key);
      expect(JSON.parse(given('settings.given'))).toEqual({ DB_PASSWORD: values.password, API_KEY: values.api });
      // The plan sends nothing; the others exchange once each, because each logs out at its end.
      expect(report).toMatchObject({ exchanges: 2, reads: 3 });
      expectNoLeak(finished);
    },
    120_000,
  );
});

describe('Jenkinsfile.example', () => {
  const groovy = path.join(ROOT, '.tools/groovy');
  const file = path.join(ROOT, 'Jenkinsfile.example');

  /** The shell steps as Groovy reads them. */
  function shellSteps(jenkinsfile: string): { blocks: string[]; kind: string; text: string }[] {
    const reader = path.join(ROOT, 'test/support/jenkinsfile/ShellSteps.java');
    const { status, stdout, stderr } = spawnSync('java', ['-cp', `${groovy}/*`, reader, jenkinsfile], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr.split('\n').slice(0, 3).join('\n'));
    return stdout
      .trim()
      .split('\n')
      .map((line) => {
        const [blocks = '', kind = '', text = ''] = line.split(' ');
        return { blocks: blocks.split('/'), kind, text: Buffer.from(text, 'base64').toString('utf8') };
      });
  }

  test.skipIf(skippedWithout(existsSync(groovy)))(
    'Groovy reads it, and puts no value into a shell step',
    () => {
      const steps = shellSteps(file);
      expect(steps.map(({ kind }) => kind)).toEqual(['plain', 'plain']);
      for (const { blocks } of steps) expect(blocks).toContain('withCredentials');
    },
    60_000,
  );

  test.skipIf(skippedWithout(existsSync(groovy)))(
    'and the same of the one that init prints',
    () => {
      const printed = path.join(root, 'Jenkinsfile');
      const job = { audience: AUDIENCE, variable: 'SECRETCTL_ID_TOKEN' };
      const lines = PIPELINES.find(({ key }) => key === 'jenkins')?.write(job) ?? [];
      writeFileSync(printed, `${lines.join('\n')}\n`);
      const [step, ...others] = shellSteps(printed);
      expect(others).toEqual([]);
      expect(step?.kind).toBe('plain');
      expect(step?.blocks).toContain('withCredentials');
      expect(step?.text).toMatch(/set \+x\s+trap 'secretctl logout' EXIT\s+trap 'exit 143' TERM\s+secretctl run -- /);
    },
    60_000,
  );

  test.skipIf(skippedWithout(existsSync(groovy)))(
    'and would not read it with a brace less',
    () => {
      const broken = path.join(root, 'Jenkinsfile');
      writeFileSync(broken, readFileSync(file, 'utf8').trimEnd().slice(0, -1));
      expect(() => shellSteps(broken)).toThrow(/startup failed/);
    },
    60_000,
  );

  test.skipIf(skippedWithout(existsSync(groovy)))(
    'its shell steps run as Jenkins runs them, sh -xe, and the trace shows no value',
    async () => {
      place(
        'deploy',
        `test "$1" = --key; printf '%s|%s' "$DB_USER" "$DB_PASSWORD" | tee ../deploy.given; cat "$2" > ../key.given`,
      );
      const steps = shellSteps(file);
      for (const [index, { text }] of steps.entries()) writeFileSync(path.join(root, `script-${index}.sh`), text);
      const all = steps.map((_, index) => `WORKSPACE_TMP="${scratch}" sh -xe ../script-${index}.sh`).join(' && ');
      const { finished, report } = await rehearse('jenkins', ['sh', '-c', all]);

      expect(finished.exit, finished.stderr).toBe(0);
      expect(given('deploy.given')).toBe(`${values.user}|${values.password}`);
      expect(given('key.given')).toBe(values.key);
      expect(report).toMatchObject({ exchanges: 1, reads: 2 });
      expect(finished.stderr).toContain('+ set +x');
      expectNoLeak(finished);
    },
    60_000,
  );

  test('as it stands: single quotes, no tracing, nothing of a login left', () => {
    const text = readFileSync(file, 'utf8');
    expect(text.match(/sh '''/g)).toHaveLength(1);
    expect(text).toMatch(/sh '''\s+set \+x\n/);
    expect(text).toMatch(/trap '.*secretctl logout' EXIT/);
  });
});

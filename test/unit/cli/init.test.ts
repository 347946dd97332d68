import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { Ajv } from 'ajv';
import { load as loadYaml } from 'js-yaml';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BACKENDS } from '../../../src/backends/index.ts';
import { main } from '../../../src/main.ts';
import { PIPELINES } from '../../../src/sources/pipelines.ts';
import { startRehearsal } from '../../../src/dev/index.ts';
import { systemRuntime } from '../../../src/lib/runtime.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { productSettings } from '../../../src/config/settings.ts';
import { inDirectory, runtimeIn } from '../../support/configured.ts';
import { gitlabSchema } from '../../support/gitlab-schema.ts';
import { issuerKey } from '../../support/issuer-key.ts';

interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The file that is there afterwards. */
  readonly file: string | undefined;
}

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly whenWritten?: (root: string) => Promise<void>;
}

/** Runs `secretctl init` in this process and in a directory of its own. */
async function init(argv: readonly string[], { env = {}, files = {}, whenWritten }: Given = {}): Promise<Ended> {
  return inDirectory(files, async (root) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const exit = await main({ ...runtimeIn(root, env), argv: ['init', ...argv], stdout, stderr });
    const place = path.join(root, 'secretctl.yaml');
    const file = existsSync(place) ? readFileSync(place, 'utf8') : undefined;
    expect(readdirSync(root).filter((name) => name.startsWith('.secretctl'))).toEqual([]);
    if (exit === 0) await whenWritten?.(root);
    return { exit, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? ''), file };
  });
}

const CONJUR = '--backend conjur --url https://c.example --conjur-account prod --conjur-service-id ci'.split(' ');

const WROTE = /^secretctl: wrote secretctl\.yaml\n(?:secretctl: the job needs the variable \w+ as well\n)*$/;

/** The flags that say what the rehearsal of a product says. */
async function flagsFor(type: string): Promise<string[]> {
  const rehearsal = await startRehearsal({ backend: type, issuerKey }, systemRuntime());
  onTestFinished(() => rehearsal.close());
  const keys = Object.entries(rehearsal.configuration());
  return keys.flatMap(([key, configured]) => {
    const value = String(configured);
    const setting = productSettings(type).find(({ file }) => file?.join() === key);
    if (key === 'url') return ['--url', value];
    if (setting?.flag === undefined) return [];
    return setting.row.parser.isSwitch === true ? [`--${setting.flag}`] : [`--${setting.flag}`, value];
  });
}

describe.each(BACKENDS.map(({ type }) => type))('for %s', (type) => {
  test('and every CI the file loads, says what was said, and stands alone', { timeout: 60_000 }, async () => {
    const flags = await flagsFor(type);
    const dry = await init(['--backend', type, '--ci', 'gitlab', '--audience', 'a', ...flags]);
    const rehearsed = [...dry.stderr.matchAll(/the variable (?<name>\w+) as well/g)].map(
      ({ groups }) => groups?.['name'] ?? '',
    );
    for (const { key } of PIPELINES) {
      const audience = ['--audience', 'https://aud.example/x y'];
      const { exit, stderr, file, stdout } = await init(
        ['--backend', type, '--ci', key, ...flags, ...audience, 'A=some/path', 'B=other: "x"'],
        {
          async whenWritten(root) {
            const env = Object.fromEntries(rehearsed.map((name) => [name, 'given']));
            const raw = { command: 'login', arguments: [], flags: new Map() } as const;
            const { backends } = await loadSettings(raw, runtimeIn(root, env));
            expect(backends).toMatchObject([{ name: type, type, token: { audience: 'https://aud.example/x y' } }]);
            if (flags.includes('--url')) {
              expect(backends[0]?.url.href).toBe(new URL(flags[flags.indexOf('--url') + 1] ?? '').href);
            }
          },
        },
      );
      expect({ key, exit, stderr }).toEqual({ key, exit: 0, stderr: expect.stringMatching(WROTE) });
      expect(loadYaml(file ?? '')).toMatchObject({ secrets: { A: 'some/path', B: 'other: "x"' } });
      expect(stdout).toMatch(/^(?:kubernetes|tekton)$/.test(key) ? /\brun, --no-cache, --/ : /secretctl logout/);
    }
  });
});

describe('the job', () => {
  const jobs = async (ci: string, backend = CONJUR): Promise<unknown> =>
    loadYaml((await init([...backend, '--ci', ci])).stdout);

  test('is what GitLab takes, with and without an ID token', async () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(gitlabSchema());
    const job = await jobs('gitlab');
    expect(validate(job), JSON.stringify(validate.errors)).toBe(true);
    expect(job).toMatchObject({
      deploy: { id_tokens: { SECRETCTL_ID_TOKEN: { aud: 'https://c.example' } }, after_script: ['secretctl logout'] },
    });
    const other = await jobs('gitlab', ['--backend', 'protegrity', ...(await flagsFor('protegrity'))]);
    expect(validate(other), JSON.stringify(validate.errors)).toBe(true);
    expect(other).not.toHaveProperty('deploy.id_tokens');
  });

  test('declares the variable that is named', async () => {
    const { stdout, file } = await init([...CONJUR, '--ci', 'gitlab', '--token-env', 'CONJUR_ID_TOKEN']);
    expect(loadYaml(stdout)).toHaveProperty('deploy.id_tokens.CONJUR_ID_TOKEN');
    expect(loadYaml(file ?? '')).toHaveProperty('backends.conjur.token.env', 'CONJUR_ID_TOKEN');
  });

  test.each(['github', 'forgejo', 'gitea', 'circleci', 'semaphore'])('for %s checks out first', async (key) => {
    expect(JSON.stringify(await jobs(key))).toMatch(/checkout.*secretctl run -- /);
  });

  test.each(PIPELINES.filter(({ key }) => key !== 'jenkins').map(({ key }) => key))('for %s is YAML', async (key) => {
    expect(JSON.stringify(await jobs(key))).toMatch(
      /secretctl run -- .*secretctl logout|secretctl logout.*secretctl run|"secretctl","run","--no-cache","--"/,
    );
  });
});

describe('what is detected is not asked', () => {
  const variables = {
    CONJUR_APPLIANCE_URL: 'https://c.example',
    CONJUR_ACCOUNT: 'prod',
    CONJUR_AUTHN_JWT_SERVICE_ID: 'ci',
  };

  test('the product, by its own variables, which the file then says; the CI, by the job', async () => {
    const { exit, stdout, file } = await init([], { env: { ...variables, GITLAB_CI: 'true' } });
    expect(exit).toBe(0);
    expect(loadYaml(stdout)).toHaveProperty('deploy.id_tokens');
    expect(loadYaml(file ?? '')).toMatchObject({
      backends: { conjur: { url: 'https://c.example', account: 'prod', 'service-id': 'ci' } },
    });
  });

  test.each(
    PIPELINES.filter(({ files }) => files.length > 0).map(({ key, name, files }) => [key, name, files[0] ?? '']),
  )('%s, by the files of the repository', async (_, name, file) => {
    const { exit, stdout } = await init(CONJUR, { files: { [file]: '' } });
    expect(exit).toBe(0);
    expect(stdout).toContain(`${name}: ${file}\n`);
  });

  test('two of them are none', async () => {
    const both = { ...variables, VAULT_ADDR: 'https://v.example' };
    expect(await init(['--ci', 'gitlab'], { env: both })).toMatchObject({ exit: 64, file: undefined });
    expect((await init(CONJUR, { files: { Jenkinsfile: '', '.gitlab-ci.yml': '' } })).exit).toBe(64);
  });
});

describe('nothing is written', () => {
  test.each<[string, readonly string[], number]>([
    ['without a backend', ['--ci', 'gitlab'], 64],
    ['without a CI', CONJUR, 64],
    ['without what the product needs', ['--backend', 'conjur', '--ci', 'gitlab'], 64],
    ['without an audience that anybody could guess', ['--backend', 'gcp', '--ci', 'gitlab'], 64],
    ['for an unknown backend', ['--backend', 'hunter2', '--ci', 'gitlab'], 64],
    ['for an unknown CI', [...CONJUR, '--ci', 'hunter2'], 64],
    ['for a reference without a name', [...CONJUR, '--ci', 'gitlab', 'hunter2'], 64],
    ['for a name that is twice there', [...CONJUR, '--ci', 'gitlab', 'A=x', 'A=y'], 78],
    [
      'for a setting that the loader refuses',
      [...CONJUR.slice(0, 3), 'http://c.example', ...CONJUR.slice(4), '--ci', 'gitlab'],
      64,
    ],
  ])('%s', async (_, argv, exit) => {
    const ended = await init(argv);
    expect(ended).toMatchObject({ stdout: '', file: undefined });
    expect(ended.exit === exit || ended.exit === 78, ended.stderr).toBe(true);
    expect(ended.stderr).not.toContain('hunter2');
    // What is checked before it lies there is called what it will be.
    expect(ended.stderr).not.toContain('.secretctl.yaml');
  });

  test('over a file that is there', async () => {
    const files = { 'secretctl.yaml': 'mine' };
    expect(await init([...CONJUR, '--ci', 'gitlab'], { files })).toMatchObject({ exit: 73, stdout: '', file: 'mine' });
  });

  test('over a file that is there, whatever is missing, so that nobody looks for it in vain', async () => {
    const files = { 'secretctl.yaml': 'mine' };
    for (const argv of [['--ci', 'gitlab'], CONJUR, []]) {
      expect(await init(argv, { files })).toMatchObject({ exit: 73, stdout: '', file: 'mine' });
    }
  });

  test('a second time: the same call says so and prints the job again', async () => {
    const argv = [...CONJUR, '--ci', 'gitlab', 'A=x'];
    const first = await init(argv);
    const files = { 'secretctl.yaml': first.file ?? '' };
    const again = await init(argv, { files });
    expect(again).toEqual({ ...first, stderr: expect.stringMatching(/here already, as it would be written\n$/) });
    expect(await init([...argv, 'B=y'], { files })).toMatchObject({ exit: 73, stdout: '', file: first.file });
  });

  test('with --dry-run, which prints both', async () => {
    const { exit, stdout, file } = await init([...CONJUR, '--ci', 'gitlab', '--dry-run']);
    expect({ exit, file }).toEqual({ exit: 0, file: undefined });
    expect(stdout).toMatch(/^# secretctl\.yaml\n.*type: conjur.*\n# GitLab: \.gitlab-ci\.yml\ndeploy:\n/s);
  });
});

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PIPELINES } from '../../src/sources/pipelines.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const PYTHON = path.join(ROOT, '.tools/check-jsonschema/bin/python');

/** Where the tool is missing a test is skipped; in CI it then fails, because it is installed there. */
const isSkipped = !existsSync(PYTHON) && process.env['CI'] !== 'true';

/** The schema of each CI's files. Forgejo and Gitea take GitHub's and one key more. */
const SCHEMAS: Readonly<Record<string, string>> = {
  gitlab: 'gitlab-ci',
  github: 'github-workflows',
  forgejo: 'github-workflows',
  gitea: 'github-workflows',
  azure: 'azure-pipelines',
  circleci: 'circle-ci',
  buildkite: 'buildkite',
  bitbucket: 'bitbucket-pipelines',
  google: 'cloudbuild',
};

/** CIs for which no package has a schema: only that they can be read is tested here. */
const WITHOUT_SCHEMA = new Set(['semaphore', 'spacelift']);

const TOOLS = path.join(ROOT, '.tools');

/** Programs that know what one CI takes, with the words in front of the files. */
const LINTERS: Readonly<Record<string, readonly [program: string, ...words: string[]]>> = {
  kubernetes: [path.join(TOOLS, 'kubernetes-validate/bin/python'), '-m', 'kubernetes_validate', '--strict', '--quiet'],
  tekton: [process.execPath, path.join(TOOLS, 'npm/node_modules/@ibm/tekton-lint/dist/lint.js'), '--max-warnings=0'],
  codefresh: [process.execPath, path.join(ROOT, 'test/support/codefresh-lint.mjs'), path.join(TOOLS, 'npm')],
};

/** One job of one CI, by where it stands. */
type Snippet = readonly [title: string, ci: string, text: string];

const ofReadme: readonly Snippet[] = [...README.matchAll(/^```yaml ci=(?<ci>\S+)\n(?<text>(?:.*\n)*?)```$/gm)].map(
  (found) => [`README, ${found.groups?.['ci']}`, found.groups?.['ci'] ?? '', found.groups?.['text'] ?? ''],
);

const ofInit: readonly Snippet[] = PIPELINES.filter(({ key }) => key !== 'jenkins').flatMap(({ key, write }) => {
  const job = { variable: 'SECRETCTL_ID_TOKEN' };
  return [
    [`init, ${key}`, key, `${write({ ...job, audience: 'https://conjur.example.com' }).join('\n')}\n`],
    [`init, ${key}, without an ID token`, key, `${write({ ...job, audience: undefined }).join('\n')}\n`],
  ] satisfies Snippet[];
});

const ALL = [...ofReadme, ...ofInit];

let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'pipelines-'));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/**
 * What the schema knows: not the key that Forgejo and Gitea have besides GitHub's, nor Bitbucket's list of audiences, which
 * is newer than `oidc: true` (Atlassian, "OIDC now supports multiple audiences").
 */
function asTheSchemaHasIt(ci: string, text: string): string {
  if (ci === 'forgejo' || ci === 'gitea') return text.replace(/^enable-openid-connect: true\n/m, '');
  if (ci !== 'bitbucket') return text;
  return JSON.stringify(load(text), (key, value: unknown) => (key === 'oidc' ? true : value));
}

/** What the CI's schema says against any of these, by their numbers; empty when nothing. */
function faults(ci: string, texts: readonly string[]): string {
  const files = texts.map((text, index) => {
    const file = path.join(scratch, `${ci}-${index}.yml`);
    writeFileSync(file, asTheSchemaHasIt(ci, text));
    return file;
  });
  const linter = LINTERS[ci];
  if (linter !== undefined) return files.map((file) => ended(linter[0], [...linter.slice(1), file])).join('');
  const transform = ci === 'gitlab' || ci === 'azure' ? ['--data-transform', `${SCHEMAS[ci]}`] : [];
  const schema = ['--builtin-schema', `vendor.${SCHEMAS[ci]}`];
  return ended(PYTHON, ['-m', 'check_jsonschema', ...schema, ...transform, ...files]);
}

function ended(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, [...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return status === 0 ? '' : `${stdout}${stderr}ended with ${status}`;
}

test('there is a snippet for each CI of the README, and each has a schema or is known to have none', () => {
  expect(ofReadme.map(([, ci]) => ci)).toEqual(expect.arrayContaining(['github', 'azure', 'circleci', 'buildkite']));
  const known = new Set([...Object.keys(SCHEMAS), ...Object.keys(LINTERS), ...WITHOUT_SCHEMA]);
  expect(ALL.map(([, ci]) => ci).filter((ci) => !known.has(ci))).toEqual([]);
});

test.each(ALL)('%s: is YAML, runs a command and shows nothing', (_, ci, text) => {
  const document = load(text);
  expect(document).toBeTypeOf('object');
  expect(JSON.stringify(document)).toMatch(/secretctl["\\, ]+run/);
  expect(text, ci).not.toMatch(/CI_JOB_JWT|--print-plaintext-to-log|eval/);
});

describe.skipIf(isSkipped)('by the schema of the CI', () => {
  test.each([...Object.keys(SCHEMAS), ...Object.keys(LINTERS)])('every snippet for %s', { timeout: 60_000 }, (ci) => {
    const texts = ALL.filter(([, one]) => one === ci).map(([, , text]) => text);
    expect(texts).not.toEqual([]);
    expect(faults(ci, texts)).toBe('');
  });

  test.each<readonly [ci: string, text: string]>([
    ['gitlab', 'deploy: { script: 1 }\n'],
    ['github', 'on: push\njobs: { deploy: { runs-on: x, steps: [{ runs: x }] } }\n'],
    ['azure', 'steps:\n  - script: x\n    conditions: always()\n'],
    ['circleci', 'version: 2.1\njobs: { deploy: { steps: 1 } }\n'],
    ['buildkite', 'steps: 1\n'],
    ['bitbucket', 'pipelines: { default: [{ step: { script: 1 } }] }\n'],
    ['google', 'step: []\n'],
    ['kubernetes', 'apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { containers: [{ name: x, imag: x }] }\n'],
    [
      'tekton',
      'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: { name: x }\nspec: { steps: [{ image: "x:1", command: [x], volumeMounts: [{ name: y, mountPath: /y }] }] }\n',
    ],
    ['codefresh', "version: '1.0'\nsteps: { deploy: { title: x, commands: [x] } }\n"],
  ])('and what %s would refuse is refused', { timeout: 30_000 }, (ci, text) => {
    expect(faults(ci, [text])).toMatch(/validation errors|did not validate|\d errors?\b|is required/);
  });
});

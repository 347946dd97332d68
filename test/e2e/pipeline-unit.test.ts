import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PIPELINES } from '../../src/sources/pipelines.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const LIBRARIES = path.join(ROOT, '.tools/pipeline-unit');
const RUNNER = path.join(ROOT, 'test/support/jenkinsfile/PipelineUnit.groovy');

/** What its old Groovy looks into, and newer Java has closed. */
const OPEN = ['lang', 'lang.reflect', 'util', 'util.stream', 'util.function', 'util.regex', 'net', 'io', 'nio.charset'];

/** One shell step as it was run. */
interface Step {
  /** `String`, or the class of what Groovy put values into. */
  readonly kind: string;
  readonly stage: string | null;
  /** Variables that credentials were bound to around it. */
  readonly bound: readonly string[];
  readonly text: string;
}

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'pipeline-unit-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs Jenkinsfiles with JenkinsPipelineUnit; the steps of each. */
function stepsOf(texts: readonly string[]): Step[][] {
  const files = texts.map((text, index) => {
    const file = path.join(directory, `Jenkinsfile${index}`);
    writeFileSync(file, text);
    return file;
  });
  const opened = OPEN.map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`);
  const args = [...opened, '-cp', `${LIBRARIES}/*`, 'groovy.ui.GroovyMain', RUNNER, ...files];
  const { status, stdout, stderr } = spawnSync('java', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.split('\n').slice(0, 3).join('\n'));
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Step[]);
}

const VARIABLE = 'SECRETCTL_ID_TOKEN';
const EXAMPLE = readFileSync(path.join(ROOT, 'Jenkinsfile.example'), 'utf8');
const jenkins = PIPELINES.find(({ key }) => key === 'jenkins');
const snippet = (audience: string | undefined): string =>
  jenkins?.write({ audience, variable: VARIABLE }).join('\n') ?? '';

const inSteps = (text: string): string => `pipeline { stages { stage('A') { steps { ${text} } } } }`;

test.skipIf(!existsSync(LIBRARIES) && process.env['CI'] !== 'true')(
  'JenkinsPipelineUnit runs the example and what init prints: plain shell steps, where the token is bound',
  { timeout: 60_000 },
  () => {
    const [example, printed, without, ...wrong] = stepsOf([
      EXAMPLE,
      snippet('https://conjur.example.com'),
      snippet(undefined),
      inSteps(`withCredentials([string(credentialsId: 'c', variable: 'T')]) { sh "echo \${any}" }`),
      inSteps("sh 'x'"),
      inSteps("shell 'x'"),
    ]);
    expect(example?.map(({ stage }) => stage)).toEqual(['Plan', 'Deploy']);
    expect(printed).toHaveLength(1);
    for (const { kind, bound, text } of [...(example ?? []), ...(printed ?? [])]) {
      expect({ kind, bound }).toEqual({ kind: 'String', bound: [VARIABLE] });
      expect(text).toMatch(/secretctl run /);
    }
    expect(without).toMatchObject([{ kind: 'String', bound: [], stage: 'Deploy' }]);
    // What they must not be is seen: a step that Groovy fills, one outside of the block, one that does not exist.
    expect(wrong).toMatchObject([
      [{ kind: 'GStringImpl', bound: ['T'], text: 'echo any' }],
      [{ kind: 'String', bound: [] }],
      [{ kind: 'unknown', text: 'shell' }],
    ]);
  },
);

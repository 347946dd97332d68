import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { azure } from '../../../src/formats/azure.ts';
import { buildkite } from '../../../src/formats/buildkite.ts';
import { circleci } from '../../../src/formats/circleci.ts';
import { githubEnv } from '../../../src/formats/github-env.ts';
import { gitlabDotenv } from '../../../src/formats/gitlab-dotenv.ts';
import { teamcity } from '../../../src/formats/teamcity.ts';
import type { Renderer } from '../../../src/formats/types.ts';
import {
  actEnvironment,
  azureVariables,
  gitlabReport,
  runnerEnvironment,
  teamcityParameters,
} from '../../support/ci-readers.ts';
import { NASTY } from '../../support/nasty-values.ts';
import {
  carried,
  circumstances,
  differences,
  environmentIn,
  installed,
  isSkipped,
  members,
  named,
  onPath,
  type Reader,
} from '../../support/round-trip.ts';
import { describeRoundTrip } from '../../support/round-trip-suite.ts';

/** What the CI's own program does with the file, by its rules. */
function rules(name: string, read: (text: string) => ReadonlyMap<string, string>): Reader {
  return {
    name,
    isHere: true,
    read: (file) => members(Object.fromEntries(read(readFileSync(file, 'utf8')))),
  };
}

const taskLibrary = installed('npm/node_modules/azure-pipelines-task-lib/taskcommand.js');
const require = createRequire(import.meta.url);

const AZURE_LIBRARY: Reader = {
  name: 'azure-pipelines-task-lib',
  isHere: taskLibrary !== undefined,
  read: (file) => {
    const { commandFromString } = require(taskLibrary ?? '');
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return members(
      Object.fromEntries(
        lines.map((line) => {
          const { properties, message } = commandFromString(line);
          // The library undoes %25; the agent, which the command is for, %AZP25.
          return [properties.variable, message.replaceAll('%AZP25', '%')];
        }),
      ),
    );
  },
};

const bash = onPath('bash');
const STEP: Reader = {
  name: 'the next step’s bash, traced',
  isHere: bash !== undefined,
  read: (file) => {
    const { stdout, stderr } = spawnSync(bash ?? '', ['-xc', 'exec /usr/bin/env -0'], {
      env: { BASH_ENV: file },
      maxBuffer: 1 << 26,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(stderr.toString()).not.toContain('SECRET_');
    return environmentIn(stdout);
  },
};

const BUILDKITE: Reader = {
  name: 'JSON.parse',
  isHere: true,
  read: (file) => members(JSON.parse(readFileSync(file, 'utf8'))),
};

describeRoundTrip('github-env', githubEnv, { readers: [rules("GitHub's runner", runnerEnvironment)], refused: 0 });
describeRoundTrip('azure', azure, {
  readers: [rules('the Azure agent', azureVariables), AZURE_LIBRARY],
  refused: 0,
  drawn: 6,
});
describeRoundTrip('teamcity', teamcity, { readers: [rules('TeamCity', teamcityParameters)], refused: 0 });
describeRoundTrip('circleci', circleci, { readers: [STEP], refused: 0, carriesBytes: true });
describeRoundTrip('buildkite', buildkite, { readers: [BUILDKITE], refused: 0 });
describeRoundTrip('gitlab-dotenv', gitlabDotenv, {
  readers: [rules('GitLab', gitlabReport)],
  refused: 0.515,
  drawn: 20,
});

const WEAK: Renderer = {
  render: (secrets, at) => githubEnv.render(secrets, { ...at, env: { GITEA_ACTIONS: 'true' } }),
};
describeRoundTrip('github-env, for Forgejo, Gitea and act', WEAK, {
  readers: [rules('act', actEnvironment)],
  refused: 0,
});

describe('github-env', () => {
  test.skipIf(isSkipped(AZURE_LIBRARY))('is read alike by GitHub’s runner when @actions/core wrote it', async () => {
    const { prepareKeyValueMessage } = await import(
      installed('npm/node_modules/@actions/core/lib/file-command.js') ?? ''
    );
    const values = carried(githubEnv, NASTY);
    const theirs = values.map((value, index) => `${prepareKeyValueMessage(`SECRET_${index}`, value)}\n`).join('');
    const ours = githubEnv.render(named(values), circumstances()).toString();
    expect(runnerEnvironment(ours)).toEqual(runnerEnvironment(theirs));
  });

  test('two files after each other are read as one', () => {
    const reader = rules("GitHub's runner", (text) => runnerEnvironment(`A=1\nB<<X\n2\nX\n${text}`));
    expect(differences(githubEnv, reader, NASTY.slice(1, 40))).toEqual([]);
  });

  test('the word that ends a value is another one each time, and never in the value', () => {
    const drawn: number[] = [];
    const random = (bytes: number): Buffer => {
      drawn.push(bytes);
      return Buffer.alloc(bytes, drawn.length === 1 ? 0xaa : 0xbb);
    };
    const value = `secretctl_${'aa'.repeat(16)}\nPATH=/tmp`;
    const bytes = githubEnv.render(named([value]), circumstances({ random }));
    expect(drawn).toEqual([16, 16]);
    expect(runnerEnvironment(bytes.toString()).get('SECRET_0')).toBe(value);
  });
});

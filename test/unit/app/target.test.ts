import { describe, expect, test } from 'vitest';
import { targetOf } from '../../../src/app/target.ts';
import type { OutputSettings } from '../../../src/config/types.ts';
import { FORMATS, formatFor } from '../../../src/formats/index.ts';
import { SecretctlError } from '../../../src/lib/errors.ts';

const OUTPUT: OutputSettings = {
  format: 'dotenv',
  file: undefined,
  files: undefined,
  pathSuffix: '_FILE',
  template: undefined,
  encode: undefined,
  naming: { prefix: '', keepsCase: false },
  printPlaintextToLog: false,
  shellTraceIsOff: false,
  requireNonempty: false,
  strict: false,
  discard: false,
  allowEnvNames: [],
  allowPlaintextArtifact: false,
  reportLimits: { bytes: 0, variables: 0 },
};

function target(name: string, env: Record<string, string>, more: Partial<OutputSettings> = {}): unknown {
  try {
    return targetOf(formatFor(name, 1), { ...OUTPUT, ...more }, env);
  } catch (error) {
    if (error instanceof SecretctlError) return error.reason;
    throw error;
  }
}

const STDOUT = { file: undefined, append: false, isForLog: false, isForLaterSteps: false };
const LATER = { ...STDOUT, isForLaterSteps: true };

describe('where a format goes', () => {
  test.each([
    ['dotenv', {}, {}, STDOUT],
    ['dotenv', {}, { file: 'x' }, { ...STDOUT, file: 'x' }],
    ['dotenv', { GITHUB_ENV: '/run/env', TF_BUILD: 'True' }, {}, STDOUT],
    ['github-env', { GITHUB_ENV: '/run/env' }, {}, { ...LATER, file: '/run/env', append: true }],
    ['github-env', { GITHUB_ENV: '/run/env' }, { file: 'x' }, { ...STDOUT, file: 'x', append: true }],
    ['github-env', {}, { file: 'x' }, { ...STDOUT, file: 'x', append: true }],
    ['github-env', {}, {}, 'USAGE'],
    ['github-env', { GITHUB_ENV: '' }, {}, 'USAGE'],
    ['circleci', { BASH_ENV: '/tmp/bash_env' }, {}, { ...LATER, file: '/tmp/bash_env', append: true }],
    ['azure', { TF_BUILD: 'True' }, {}, { ...LATER, isForLog: true }],
    ['azure', { TF_BUILD: 'True' }, { file: 'x' }, { ...STDOUT, file: 'x' }],
    ['azure', {}, {}, STDOUT],
    ['teamcity', { TEAMCITY_VERSION: '2026.1' }, {}, STDOUT],
    ['gitlab-dotenv', {}, { file: 'x' }, 'PLAINTEXT_ARTIFACT'],
    ['gitlab-dotenv', {}, { file: 'x', allowPlaintextArtifact: true }, { ...STDOUT, file: 'x' }],
  ])('%s with %j and %j', (name, env, more, expected) => {
    expect(target(name, env as Record<string, string>, more)).toEqual(expected);
  });

  test('only commands that a CI takes out of its log may go there', () => {
    const everyVariable = { GITHUB_ENV: 'x', BASH_ENV: 'x', TF_BUILD: 'True', TEAMCITY_VERSION: '1', CI: 'true' };
    const forLog = FORMATS.filter(
      ({ name }) => (target(name, everyVariable, { allowPlaintextArtifact: true }) as typeof STDOUT).isForLog,
    );
    expect(forLog.map(({ name }) => name)).toEqual(['azure']);
  });
});

import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { CI_VARIABLES, isCi } from '../../../src/lib/ci.ts';
import { PLATFORMS } from '../../../src/sources/platforms.ts';
import { CI_FIXTURES } from '../../support/ci-jobs.ts';

/** What a list that others keep tells a CI by: one variable, all of several, values, or any of several. */
type Sign = string | readonly string[] | Readonly<Record<string, string | readonly string[]>>;

interface Vendor {
  readonly name: string;
  readonly constant: string;
  readonly env: Sign;
}

const VENDORS = createRequire(import.meta.url)('ci-info/vendors.json') as readonly Vendor[];

/** A host of programs, which runs no jobs; one that is told by two everyday words, and here by another of its variables. */
const NOT_BY_THESE = new Set(['HEROKU', 'TASKCLUSTER']);

/** The environment that is enough for that list. */
function environmentOf(sign: Sign): Record<string, string> {
  if (typeof sign === 'string') return { [sign]: sign === 'TF_BUILD' ? 'True' : 'true' };
  if (Array.isArray(sign)) return Object.fromEntries(sign.map((name: string) => [name, '7']));
  const [name, value] = Object.entries(sign)[0] ?? ['', ''];
  return name === 'any' ? { [value[1] ?? '']: '1' } : { [name]: String(value) };
}

describe('a list of CIs that others keep', () => {
  test.each(VENDORS.filter(({ constant }) => !NOT_BY_THESE.has(constant)).map(({ name, env }) => [name, env] as const))(
    '%s: its jobs are taken for such',
    (_, sign) => expect(isCi(environmentOf(sign))).toBe(true),
  );

  test.each<readonly [constant: string, key: string]>([
    ['AZURE_PIPELINES', 'azure'],
    ['BITBUCKET', 'bitbucket'],
    ['BUILDKITE', 'buildkite'],
    ['CIRCLE', 'circleci'],
    ['CODEFRESH', 'codefresh'],
    ['GITEA_ACTIONS', 'gitea'],
    ['GITHUB_ACTIONS', 'github'],
    ['GITLAB', 'gitlab'],
    ['JENKINS', 'jenkins'],
    ['SEMAPHORE', 'semaphore'],
    ['VERCEL', 'vercel'],
  ])('%s is the same as %s here', (constant, key) => {
    const env = environmentOf(VENDORS.find((one) => one.constant === constant)?.env ?? '');
    expect(PLATFORMS.filter((platform) => platform.isHere(env)).map((platform) => platform.key)).toEqual([key]);
  });
});

test('every job of the fixtures is a CI job, and no laptop', () => {
  const none = new Set(['laptop', 'eks', 'kubernetes']);
  const filled = CI_FIXTURES.map(({ name, env }) => {
    return [
      name,
      Object.fromEntries(Object.entries(env).map(([key, value]) => [key, value === '' ? 'x' : value])),
    ] as const;
  });
  for (const [name, env] of filled) expect([name, isCi(env)]).toEqual([name, !none.has(name)]);
});

test('a variable that says no is none', () => {
  for (const value of ['', '0', 'false', 'False', 'no', 'off', undefined]) {
    expect(isCi(Object.fromEntries(CI_VARIABLES.map((name) => [name, value])))).toBe(false);
  }
});

import fs, { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FileSystem } from '../../../src/lib/runtime.ts';
import { SecretctlError } from '../../../src/lib/errors.ts';
import { readSubjectToken, SOURCES, TOKEN_VARIABLES } from '../../../src/sources/index.ts';
import type { TokenSettings } from '../../../src/sources/types.ts';
import { CI_FIXTURES } from '../../support/ci-jobs.ts';
import { craftToken, fineClaims, RS256 } from '../../support/craft.ts';
import { seekingIn } from '../../support/seeking.ts';

const AUDIENCE = 'https://conjur.example.test';
const TOKEN = craftToken(RS256, fineClaims({ aud: AUDIENCE }));
const OTHER = craftToken(RS256, fineClaims({ aud: AUDIENCE, jti: 'later' }));
const PROJECTED = '/var/run/secrets/secretctl/token';
const EKS_FILE = '/var/run/secrets/eks.amazonaws.com/serviceaccount/token';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'places-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function place(file: string, content: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), content);
}

/** The real file system, with a root directory of its own for what these sources look at. */
function rooted(): FileSystem {
  const below = (file: unknown): string => path.join(root, String(file));
  return {
    ...fs,
    openSync: (file, flags, mode) => fs.openSync(below(file), flags, mode),
    statSync: ((file: unknown, options: object) => fs.statSync(below(file), options)) as FileSystem['statSync'],
  };
}

const envOf = (name: string) => CI_FIXTURES.find((fixture) => fixture.name === name)?.env ?? {};

async function read(settings: TokenSettings, env: Readonly<Record<string, string | undefined>>) {
  const token = await readSubjectToken(settings, seekingIn({ env, fs: rooted() }));
  return token.jwt.reveal().toString();
}

describe('a pod', () => {
  test('the projected token, read anew each time', async () => {
    place(PROJECTED, `${TOKEN}\n`);
    expect(await read({}, envOf('kubernetes'))).toBe(TOKEN);
    place(PROJECTED, OTHER);
    expect(await read({}, envOf('kubernetes'))).toBe(OTHER);
    expect((await readSubjectToken({}, seekingIn({ env: envOf('kubernetes'), fs: rooted() }))).renewal).toBe('read');
  });

  test('the token for its own API server is left alone', async () => {
    place('/var/run/secrets/kubernetes.io/serviceaccount/token', TOKEN);
    await expect(read({ audience: AUDIENCE }, envOf('kubernetes'))).rejects.toMatchObject({
      reason: 'NO_ID_TOKEN',
      message: expect.stringMatching(/found: Kubernetes: /),
      facts: { hint: expect.arrayContaining([expect.stringContaining('serviceAccountToken')]) },
    });
  });

  test('of Tekton', async () => {
    place(PROJECTED, TOKEN);
    place('/tekton/steps', '');
    const seeking = seekingIn({ env: {}, fs: rooted() });
    expect((await readSubjectToken({ source: 'tekton' }, seeking)).jwt.reveal().toString()).toBe(TOKEN);
    expect(await read({}, {})).toBe(TOKEN);
  });

  test('never wins over the CI that runs in it, nor over a variable', async () => {
    place(PROJECTED, TOKEN);
    place(EKS_FILE, TOKEN);
    await expect(read({ audience: AUDIENCE }, envOf('gitlab-in-a-pod'))).rejects.toMatchObject({
      reason: 'TOKEN_MISSING',
    });
    expect(await read({}, { ...envOf('gitlab-in-a-pod'), SECRETCTL_ID_TOKEN: OTHER })).toBe(OTHER);
    expect(await read({}, { ...envOf('kubernetes'), SECRETCTL_ID_TOKEN: OTHER })).toBe(OTHER);
    expect(await read({ source: 'kubernetes' }, envOf('gitlab-in-a-pod'))).toBe(TOKEN);
  });
});

describe('EKS', () => {
  const forAws = craftToken(RS256, fineClaims({ aud: ['sts.amazonaws.com'] }));

  test('a token that opens AWS leaves only where its audience was said', async () => {
    place(EKS_FILE, forAws);
    expect(await read({ audience: 'sts.amazonaws.com' }, envOf('eks'))).toBe(forAws);
    expect(await read({ source: 'eks' }, envOf('eks'))).toBe(forAws);
    for (const settings of [{}, { audience: AUDIENCE }]) {
      await expect(read(settings, envOf('eks'))).rejects.toMatchObject({
        reason: 'NO_ID_TOKEN',
        message: expect.stringMatching(/found: EKS: .*token for (?:AWS|another)/),
      });
    }
  });

  test('a token that was projected for us comes first', async () => {
    place(EKS_FILE, forAws);
    place(PROJECTED, TOKEN);
    expect(await read({ audience: AUDIENCE }, envOf('eks'))).toBe(TOKEN);
  });
});

describe('a variable of the CI', () => {
  test.each([
    ['bitbucket', 'BITBUCKET_STEP_OIDC_TOKEN'],
    ['semaphore', 'SEMAPHORE_OIDC_TOKEN'],
    ['vercel', 'VERCEL_OIDC_TOKEN'],
    ['spacelift', 'SPACELIFT_OIDC_TOKEN'],
    ['hcp-terraform', 'TFC_WORKLOAD_IDENTITY_TOKEN'],
  ])('%s: %s', async (fixture, variable) => {
    const env = { ...envOf(fixture), [variable]: TOKEN };
    const token = await readSubjectToken({ audience: AUDIENCE }, seekingIn({ env }));
    expect(token).toMatchObject({ variable, origin: `variable ${variable}` });
    expect(TOKEN_VARIABLES).toContain(variable);
  });

  test.each([
    ['semaphore', 'SEMAPHORE_OIDC_TOKEN'],
    ['vercel', 'VERCEL_OIDC_TOKEN'],
    ['spacelift', 'SPACELIFT_OIDC_TOKEN'],
  ])('%s lets no job choose the audience', async (fixture, variable) => {
    const answer = readSubjectToken({ audience: 'x' }, seekingIn({ env: { ...envOf(fixture), [variable]: TOKEN } }));
    await expect(answer).rejects.toMatchObject({ reason: 'TOKEN_AUDIENCE' });
  });

  test('Spacelift has it in a file too', async () => {
    place('/mnt/workspace/spacelift.oidc', TOKEN);
    expect(await read({}, envOf('spacelift'))).toBe(TOKEN);
    expect(await read({ source: 'spacelift' }, {})).toBe(TOKEN);
  });
});

test('where no source is here one error lists each and its reason, word for word', async () => {
  const seeking = seekingIn({ env: envOf('laptop'), fs: rooted() });
  const error: unknown = await readSubjectToken({}, seeking).catch((error_: unknown) => error_);
  expect(error).toMatchObject({ reason: 'NO_ID_TOKEN' });
  const lines = error instanceof SecretctlError ? (error.facts.details ?? []) : [];
  for (const source of SOURCES) {
    const answer = await source.find({}, seeking);
    const words = 'here' in answer ? answer.reason.split(/[\s()]+/).filter((word) => !['', 'is'].includes(word)) : [];
    expect(words.length, source.name).toBeGreaterThan(2);
    const says = (line: string) => [source.name, ...words].every((word) => line.includes(word));
    expect(lines.filter(says), `${source.name}: ${words.join(' ')}`).toHaveLength(1);
  }
});

test("a file of the product's own that names none is the likeliest cause", async () => {
  const seeking = seekingIn({ env: envOf('laptop'), fs: rooted() });
  const reading = readSubjectToken(
    { noFile: '"c.json" has a url in its credential_source, which is not followed' },
    seeking,
  );
  await expect(reading).rejects.toMatchObject({
    reason: 'NO_ID_TOKEN',
    message: expect.stringContaining('has a url in its credential_source') as string,
  });
});

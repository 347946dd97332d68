import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SecretctlError } from '../../../src/lib/errors.ts';
import { readSubjectToken, SOURCES } from '../../../src/sources/index.ts';
import type { TokenSettings } from '../../../src/sources/types.ts';
import { countedReads } from '../../support/counted-reads.ts';
import { craftToken, fineClaims, RS256 } from '../../support/craft.ts';
import type { World } from '../../support/invocation.ts';
import { seekingIn } from '../../support/seeking.ts';

const GITLAB = { GITLAB_CI: 'true', CI: 'true' };
const JENKINS = { JENKINS_URL: 'https://jenkins.example.test/', BUILD_ID: '7' };

const TOKEN = craftToken(RS256, fineClaims({ jti: 'this' }));
const OTHER = craftToken(RS256, fineClaims({ jti: 'other' }));

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sources-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function fileWith(content: string, mode = 0o600): string {
  const file = path.join(mkdtempSync(path.join(directory, 'f-')), 'token');
  writeFileSync(file, content, { mode });
  return file;
}

/** Which token came and from where, or the error's reason and all of its text. */
async function read(settings: TokenSettings, env: NonNullable<World['env']> = {}, world: World = {}) {
  const invocation = seekingIn({ ...world, env });
  try {
    const token = await readSubjectToken(settings, invocation);
    const jwt = token.jwt.reveal().toString();
    return { jwt, origin: token.origin, variable: token.variable, warnings: invocation.lines.join('\n') };
  } catch (error) {
    const { reason, message, hints, facts } = error as SecretctlError;
    return { reason, text: [...(facts.details ?? []), message, ...hints].join('\n') };
  }
}

describe('what was named comes first, and nothing else is asked then', () => {
  test('a variable', async () => {
    expect(await read({ env: 'MINE' }, { ...GITLAB, MINE: TOKEN, SECRETCTL_ID_TOKEN: OTHER })).toMatchObject({
      jwt: TOKEN,
      origin: 'variable MINE',
      variable: 'MINE',
    });
    expect(await read({ env: 'MINE' }, { ...GITLAB, SECRETCTL_ID_TOKEN: OTHER })).toMatchObject({
      reason: 'TOKEN_MISSING',
    });
  });

  test('a file', async () => {
    const file = fileWith(`${TOKEN}\n`);
    const answer = await read({ file }, { ...GITLAB, SECRETCTL_ID_TOKEN: OTHER });
    expect(answer).toMatchObject({ jwt: TOKEN, origin: `file ${file}`, variable: undefined });
    expect(await read({ file: `${file}-not` }, { ...GITLAB, SECRETCTL_ID_TOKEN: OTHER })).toMatchObject({
      reason: 'TOKEN_FILE',
    });
  });

  test('standard input, shared by two backends that both take it', async () => {
    const stdin = Readable.from([Buffer.from(TOKEN.slice(0, 10)), Buffer.from(`${TOKEN.slice(10)}\n`)]);
    const invocation = seekingIn({ stdin, env: { SECRETCTL_ID_TOKEN: OTHER } });
    const both = await Promise.all([1, 2].map(() => readSubjectToken({ stdin: true }, invocation)));
    expect(both.map((token) => token.jwt.reveal().toString())).toEqual([TOKEN, TOKEN]);
    expect(both[0]?.origin).toBe('standard input');
  });

  test('standard input that holds nothing, too much, or a person', async () => {
    expect(await read({ stdin: true }, {}, { stdin: Readable.from([]) })).toMatchObject({ reason: 'TOKEN_EMPTY' });
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1000, 'A');
      })(),
    );
    expect(await read({ stdin: true }, {}, { stdin: endless })).toMatchObject({ reason: 'TOKEN_TOO_LONG' });
    expect(endless.destroyed).toBe(true);
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    expect(await read({ stdin: true }, {}, { stdin: terminal })).toMatchObject({ reason: 'TOKEN_MISSING' });
  });

  test('standard input that never ends is given up with the run', async () => {
    const invocation = seekingIn({ stdin: new PassThrough(), budgetMs: 30 });
    await expect(readSubjectToken({ stdin: true }, invocation)).rejects.toMatchObject({ reason: 'TIMEOUT' });
  });
});

describe('the CI that this job runs on', () => {
  test.each([
    ['GitLab', GITLAB],
    ['Jenkins', JENKINS],
    ['Jenkins without a root URL', { JENKINS_HOME: '/var/jenkins', BUILD_TAG: 'jenkins-x-7' }],
    ['none of them: a laptop with a test token', {}],
    ['gitlab-ci-local', { GITLAB_CI: 'false' }],
  ])('%s: SECRETCTL_ID_TOKEN', async (_, env) => {
    expect(await read({}, { ...env, SECRETCTL_ID_TOKEN: TOKEN })).toMatchObject({
      jwt: TOKEN,
      variable: 'SECRETCTL_ID_TOKEN',
    });
  });

  test.each([
    [
      'GitLab',
      GITLAB,
      /^this GitLab job has no SECRETCTL_ID_TOKEN[^]*id_tokens: \{ SECRETCTL_ID_TOKEN: \{ aud: https:\/\/conjur[^]*no key to sign/,
    ],
    [
      'Jenkins',
      JENKINS,
      /^this Jenkins job has no SECRETCTL_ID_TOKEN[^]*withCredentials\(\[string\(.*variable: 'SECRETCTL_ID_TOKEN'/,
    ],
  ])('row 1: %s without the variable', async (_, env, says) => {
    const answer = await read({ audience: 'https://conjur.example.test' }, env);
    expect(answer).toMatchObject({ reason: 'TOKEN_MISSING', text: expect.stringMatching(says) });
  });

  test('row 1: a named variable that is not there, without any CI', async () => {
    expect(await read({ env: 'MINE' }, {})).toMatchObject({
      reason: 'TOKEN_MISSING',
      text: expect.stringMatching(/MINE[^]*--token-file/),
    });
  });

  test.each([
    ['', 'TOKEN_EMPTY'],
    ['  \n', 'TOKEN_EMPTY'],
    ['$CI_JOB_JWT', 'TOKEN_UNEXPANDED'],
  ])('rows 2 and 3: %j', async (value, reason) => {
    expect(await read({}, { ...GITLAB, SECRETCTL_ID_TOKEN: value })).toMatchObject({ reason });
  });

  test('variables that hold something like a token are named, not used, and never shown', async () => {
    const env = {
      ...GITLAB,
      VAULT_ID_TOKEN: TOKEN,
      CI_JOB_TOKEN: OTHER,
      PASSWORD: 'eyJhbGci',
      CONJUR_TOKEN: `${OTHER}\n`,
    };
    const { text = '' } = await read({}, env);
    expect(text).toContain('--token-env CONJUR_TOKEN, VAULT_ID_TOKEN');
    expect(text).not.toMatch(/CI_JOB_TOKEN|PASSWORD/);
    expect(text).not.toContain('eyJ');
  });

  test('no source at all: every one and why', async () => {
    const { reason, text = '' } = await read({}, { GITLAB_CI: 'false' });
    expect(reason).toBe('NO_ID_TOKEN');
    for (const { name } of SOURCES) expect(text).toContain(name);
    expect(text).toMatch(/^not "true": .*GitLab \(GITLAB_CI\)/m);
    expect(text).toMatch(/^not asked for: .*file \(--token-file\)/m);
    expect(text).toMatch(/^not set: .*Kubernetes \(KUBERNETES_SERVICE_HOST\)/m);
    expect(text).toMatch(/^not here: .*Jenkins \(neither JENKINS_URL/m);
    expect(text).toContain('found: this is no CI job, and SECRETCTL_ID_TOKEN is not set\nto rehearse a job');
    expect(text.split('\n').length).toBeLessThan(9);
  });

  test.each<readonly [env: Readonly<Record<string, string>>, says: RegExp]>([
    [{ JENKINS_URL: 'https://x.test' }, /looks like a job of Jenkins, but .*\n.*--token-source jenkins/],
    [{ GITLAB_CI: '1', CI: '1' }, /looks like a job of GitLab, but GITLAB_CI is not "true"/],
    [{ CI: 'true', TRAVIS: 'true' }, /a CI job \(CI, TRAVIS\) of no CI that is known here/],
    [{ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, /found: Kubernetes: the pod has no .*\n.*serviceAccountToken/],
    [{ AWS_WEB_IDENTITY_TOKEN_FILE: '/x', CI: 'true' }, /found: EKS: .* for AWS.*\n.*--audience sts\.amazonaws\.com/],
  ])('what is nearly here is the likeliest cause: %j', async (env, says) => {
    const { reason, text = '' } = await read({}, env);
    expect(reason).toBe('NO_ID_TOKEN');
    expect(text).toMatch(says);
  });

  test('a source that was named is the cause', async () => {
    expect(await read({ source: 'eks' })).toMatchObject({
      reason: 'NO_ID_TOKEN',
      text: expect.stringContaining('found: EKS: AWS_WEB_IDENTITY_TOKEN_FILE is not set'),
    });
  });

  test('a job of a CI that is not known is not told to rehearse', async () => {
    const { reason, text = '' } = await read({}, { TRAVIS: 'true' });
    expect(reason).toBe('NO_ID_TOKEN');
    expect(text).not.toContain('rehearse');
  });
});

describe("GitLab's removed variables", () => {
  test.each(['CI_JOB_JWT', 'CI_JOB_JWT_V1', 'CI_JOB_JWT_V2'])('%s only when named, with a warning', async (name) => {
    const env = { ...GITLAB, [name]: TOKEN };
    expect(await read({}, env)).toMatchObject({ reason: 'TOKEN_MISSING' });
    expect(await read({ env: name }, env)).toMatchObject({
      jwt: TOKEN,
      warnings: expect.stringMatching(/removed .* in 17\.0/),
    });
    expect(await read({ env: name }, GITLAB)).toMatchObject({
      reason: 'TOKEN_MISSING',
      text: expect.stringMatching(/removed this variable in 17\.0[^]*id_tokens: \{ SECRETCTL_ID_TOKEN/),
    });
  });
});

describe('a variable that holds the path of a file', () => {
  test('is read from there, as Jenkins and GitLab hand files over', async () => {
    const file = fileWith(TOKEN, 0o400);
    const answer = await read({}, { ...JENKINS, SECRETCTL_ID_TOKEN: file });
    expect(answer).toMatchObject({ jwt: TOKEN, variable: 'SECRETCTL_ID_TOKEN' });
  });

  test('and a path with nothing behind it is not shown: it may be a secret', async () => {
    const answer = await read({}, { ...JENKINS, SECRETCTL_ID_TOKEN: '/hunter2/hunter2' });
    expect(answer).toMatchObject({ reason: 'TOKEN_FILE' });
    expect(answer.text).not.toContain('hunter2');
  });
});

describe('row 25: token files', () => {
  test('a symbolic link and a file that everybody may read are fine', async () => {
    const file = fileWith(TOKEN, 0o644);
    chmodSync(file, 0o644);
    const link = `${file}-link`;
    symlinkSync(file, link);
    expect(await read({ file: link })).toMatchObject({ jwt: TOKEN });
  });

  test.each<[string, (place: string) => unknown, RegExp]>([
    ['a directory', (place) => mkdirSync(place), /a directory/],
    ['a FIFO, which does not hang', (place) => execFileSync('mkfifo', [place]), /a FIFO/],
    ['a link to a device', (place) => symlinkSync('/dev/zero', place), /a device/],
    ['nothing', () => undefined, /does not exist[^]*check the path and who may read it/],
    ['a link to itself', (place) => symlinkSync(place, place), /circle/],
  ])('%s', async (_, plant, says) => {
    const place = path.join(mkdtempSync(path.join(directory, 'odd-')), 'token');
    plant(place);
    expect(await read({ file: place })).toMatchObject({ reason: 'TOKEN_FILE', text: expect.stringMatching(says) });
  });

  test('a socket', async () => {
    const place = path.join(mkdtempSync(path.join(directory, 's-')), 't');
    const server = createServer().listen(place);
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await read({ file: place })).toMatchObject({ reason: 'TOKEN_FILE', text: expect.stringMatching(/socket/) });
    server.close();
  });

  test('row 8: of a file of a gigabyte no more is read than a token may have', async () => {
    const file = fileWith('');
    truncateSync(file, 1_000_000_000);
    const { fs, bytes } = countedReads();
    expect(await read({ file }, {}, { fs })).toMatchObject({ reason: 'TOKEN_TOO_LONG' });
    expect(bytes()).toBeLessThan(17 * 1024);
  });

  test.skipIf(process.getuid?.() === 0)('one that this user may not read', async () => {
    expect(await read({ file: fileWith(TOKEN, 0o000) })).toMatchObject({
      reason: 'TOKEN_FILE',
      text: expect.stringMatching(/may not read/),
    });
  });
});

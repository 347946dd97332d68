import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SecretctlError } from '../../../src/lib/errors.ts';
import { findSubjectToken, readSubjectToken } from '../../../src/sources/index.ts';
import type { TokenSettings } from '../../../src/sources/types.ts';
import { canary, findLeaks } from '../../support/canaries.ts';
import { craftToken, fineClaims, RS256 } from '../../support/craft.ts';
import { seekingIn } from '../../support/seeking.ts';

const AUDIENCE = `https://conjur.example.test/'"$(id) x`;
const TOKEN = craftToken(RS256, fineClaims({ aud: AUDIENCE }));

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'programs-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A directory for PATH with one program, which writes its arguments, a line each, to the file `argv` beside it. */
function placeProgram(name: string, script: string): { place: string; argv: () => string[] } {
  const place = mkdtempSync(path.join(directory, 'bin-'));
  const file = path.join(place, 'argv');
  writeFileSync(path.join(place, name), `#!/bin/sh\nprintf '%s\\n' "$@" >'${file}'\n${script}\n`, { mode: 0o755 });
  return { place, argv: () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []) };
}

const onPath = (place: string): { PATH: string } => ({ PATH: `${place}:/usr/bin:/bin` });

async function read(settings: TokenSettings, env: Record<string, string>, budgetMs?: number) {
  const seeking = seekingIn({ env, ...(budgetMs !== undefined && { budgetMs }) });
  try {
    const token = await readSubjectToken(settings, seeking);
    return { jwt: token.jwt.reveal().toString(), token, hidden: seeking.hidden };
  } catch (error) {
    if (!(error instanceof SecretctlError)) throw error;
    return { reason: error.reason, text: [error.message, ...error.hints, ...seeking.lines].join('\n') };
  }
}

describe('Buildkite', () => {
  const job = { BUILDKITE: 'true' };

  test('its agent is asked for the audience, as one argument', async () => {
    const { place, argv } = placeProgram('buildkite-agent', `echo '${TOKEN}'`);
    const answer = await read({ audience: AUDIENCE }, { ...job, ...onPath(place) });
    expect(answer).toMatchObject({ jwt: TOKEN, token: { renewal: 'asked' } });
    expect(answer.hidden?.join('')).toContain(TOKEN);
    expect(argv()).toEqual(['oidc', 'request-token', '--audience', AUDIENCE]);
    await read({}, { ...job, ...onPath(place) });
    expect(argv()).toEqual(['oidc', 'request-token']);
  });

  test('what the agent says when it fails is shown, without a token', async () => {
    const { place } = placeProgram('buildkite-agent', `echo one >&2; echo 'no ${TOKEN} 403' >&2; exit 1`);
    const answer = await read({}, { ...job, ...onPath(place) });
    expect(answer).toMatchObject({
      reason: 'TOKEN_MISSING',
      text: expect.stringMatching(/code 1.*"no \[redacted\] 403"/),
    });
    expect(findLeaks('text', answer.text ?? '', [TOKEN])).toEqual([]);
  });

  test('an agent that is not on the PATH, or only relative to a repository', async () => {
    expect(await read({}, { ...job, PATH: '/nowhere:.:bin' })).toMatchObject({
      reason: 'TOKEN_MISSING',
      text: expect.stringContaining('buildkite-agent'),
    });
  });

  test('an agent that hangs is stopped with the run', async () => {
    const { place } = placeProgram('buildkite-agent', 'exec sleep 5');
    expect(await read({}, { ...job, ...onPath(place) }, 100)).toMatchObject({ reason: 'TIMEOUT' });
  });
});

describe('CircleCI', () => {
  const tokenFor = (aud: string, more = {}): string => craftToken(RS256, fineClaims({ aud, ...more }));
  const held = tokenFor('org', { jti: 'v2' });
  const job = { CIRCLECI: 'true', CIRCLE_OIDC_TOKEN: tokenFor('org', { jti: 'v1' }), CIRCLE_OIDC_TOKEN_V2: held };

  test('the variable is enough without an audience, or with the one that it has', async () => {
    const { place, argv } = placeProgram('circleci', 'exit 9');
    for (const settings of [{}, { audience: 'org' }]) {
      expect(await read(settings, { ...job, ...onPath(place) })).toMatchObject({
        jwt: held,
        token: { variable: 'CIRCLE_OIDC_TOKEN_V2' },
      });
    }
    expect(argv()).toEqual([]);
    const { CIRCLE_OIDC_TOKEN_V2: _, ...older } = job;
    expect(await read({}, { ...older, ...onPath(place) })).toMatchObject({ jwt: job.CIRCLE_OIDC_TOKEN });
  });

  test('another audience is asked for', async () => {
    const { place, argv } = placeProgram('circleci', `echo '${TOKEN}'`);
    expect(await read({ audience: AUDIENCE }, { ...job, ...onPath(place) })).toMatchObject({ jwt: TOKEN });
    expect(argv()).toEqual(['run', 'oidc', 'get', '--claims', JSON.stringify({ aud: AUDIENCE })]);
  });

  test('where the issuer is to be the one of all organisations, that is asked for', async () => {
    const { place, argv } = placeProgram('circleci', `echo '${TOKEN}'`);
    const root = 'https://oidc.circleci.com';
    const own = { ...job, CIRCLE_OIDC_TOKEN_V2: tokenFor('org', { iss: `${root}/org/7` }), ...onPath(place) };
    expect(await read({ issuer: root }, own)).toMatchObject({ jwt: TOKEN });
    expect(argv()).toEqual(['run', 'oidc', 'get', '--claims', '{"aud":"org"}', '--root-issuer']);
    await read({ issuer: root, audience: 'x' }, own);
    expect(argv().slice(-2)).toEqual(['{"aud":"x"}', '--root-issuer']);
    await read({ issuer: `${root}/org/7`, audience: 'x' }, own);
    expect(argv().at(-1)).toBe('{"aud":"x"}');
    expect(await read({ issuer: `${root}/org/7` }, own)).toMatchObject({ jwt: own.CIRCLE_OIDC_TOKEN_V2 });
    expect(await read({ issuer: 'https://other.example' }, own)).toMatchObject({ jwt: own.CIRCLE_OIDC_TOKEN_V2 });
  });

  test('a token that ends before the run may is replaced, where that can be', async () => {
    const ending = tokenFor('org', { exp: Math.floor(Date.now() / 1000) + 30 });
    const { place, argv } = placeProgram('circleci', `echo '${held}'`);
    const env = { ...job, CIRCLE_OIDC_TOKEN_V2: ending };
    expect(await read({}, { ...env, ...onPath(place) })).toMatchObject({ jwt: held });
    expect(argv().at(-1)).toBe('{"aud":"org"}');
    expect(await read({}, { ...env, PATH: '/nowhere' })).toMatchObject({ jwt: ending });
  });

  test('an audience that cannot be had without the program names it', async () => {
    expect(await read({ audience: AUDIENCE }, { ...job, PATH: '/nowhere' })).toMatchObject({
      reason: 'TOKEN_MISSING',
      text: expect.stringContaining('no program circleci'),
    });
  });
});

describe('a command of the user', () => {
  test('is run as it is, before any CI is asked', async () => {
    const { place, argv } = placeProgram('get-token', `echo '${TOKEN}'`);
    const words = ['a b', '$(touch x)', '*', ''];
    const env = { GITLAB_CI: 'true', ...onPath(place) };
    expect(await read({ command: ['get-token', ...words] }, env)).toMatchObject({ jwt: TOKEN });
    expect(argv()).toEqual(words);
    expect(await read({ command: [path.join(place, 'get-token')] }, env)).toMatchObject({ jwt: TOKEN });
  });

  test('what it says is never shown, on either stream', async () => {
    const value = canary();
    const { place } = placeProgram('get-token', `echo ${value}; echo ${value} >&2; exit 3`);
    const answer = await read({ command: ['get-token', 'x'] }, onPath(place));
    expect(answer).toMatchObject({ reason: 'TOKEN_MISSING', text: expect.stringContaining('exit code 3') });
    expect(findLeaks('text', answer.text ?? '', [value])).toEqual([]);
  });

  test.each([
    ['echo', 'TOKEN_EMPTY'],
    ['echo no-token', 'TOKEN_FORMAT'],
    ['while :; do echo AAAAAAAAAAAAAAAA; done', 'TOKEN_TOO_LONG'],
  ])('that prints something else: %s', async (script, reason) => {
    const { place } = placeProgram('get-token', script);
    expect(await read({ command: ['get-token'] }, onPath(place))).toMatchObject({ reason });
  });

  test('that is not there', async () => {
    expect(await read({ command: ['get-token'] }, { PATH: '/nowhere' })).toMatchObject({ reason: 'SPAWN_FAILED' });
    expect(await read({ command: ['/nowhere/get-token'] }, {})).toMatchObject({ reason: 'SPAWN_FAILED' });
  });

  test('is not run for a plan', async () => {
    const { place, argv } = placeProgram('get-token', `echo '${TOKEN}'`);
    const found = await findSubjectToken({ command: ['get-token', 'now'] }, seekingIn({ env: onPath(place) }));
    expect('plan' in found && found.plan).toBe(`run ${place}/get-token now`);
    expect(argv()).toEqual([]);
  });
});

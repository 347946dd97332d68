import { describe, expect, test } from 'vitest';
import { isCi } from '../../src/lib/ci.ts';
import { readSubjectToken, SOURCES } from '../../src/sources/index.ts';
import { PLATFORMS } from '../../src/sources/platforms.ts';
import { CI_FIXTURES } from '../support/ci-jobs.ts';
import { craftToken, fineClaims, RS256 } from '../support/craft.ts';
import { seekingIn } from '../support/seeking.ts';

const TOKEN = craftToken(RS256, fineClaims());

describe.each(CI_FIXTURES.map((fixture) => [fixture.name, fixture] as const))('%s', (_, { env, platform }) => {
  test('is taken for that CI, and for no other one', () => {
    const here = PLATFORMS.filter((one) => one.isHere(env)).map(({ key }) => key);
    expect(here).toEqual(platform === undefined ? [] : [platform]);
  });

  test('a declared variable is enough, wherever it is', async () => {
    const token = await readSubjectToken({}, seekingIn({ env: { ...env, SECRETCTL_ID_TOKEN: TOKEN } }));
    expect(token.jwt.reveal().toString()).toBe(TOKEN);
    expect(token.variable).toBe('SECRETCTL_ID_TOKEN');
  });

  test.runIf(platform !== undefined)(
    'without a token it is told how to get one, and no other source is asked',
    async () => {
      await expect(readSubjectToken({}, seekingIn({ env }))).rejects.toMatchObject({
        reason: expect.stringMatching(/^TOKEN_(?:MISSING|EMPTY)$/),
        hints: expect.arrayContaining([expect.stringMatching(/./)]),
      });
      const filled = Object.entries(env).map(([name, value]) => [name, value === '' ? 'x' : value] as const);
      expect(isCi({ ...Object.fromEntries(filled), CI: undefined })).toBe(true);
    },
  );
});

describe.each(PLATFORMS.map((platform) => [platform.name, platform] as const))('%s', (_, platform) => {
  test('has the environment of a job', () => {
    expect(CI_FIXTURES.map((fixture) => fixture.platform)).toContain(platform.key);
  });

  test('a laptop is none of its jobs, but it may be named there', async () => {
    expect(platform.isHere({ HOME: '/home/x' })).toBe(false);
    const answer = readSubjectToken({ source: platform.key }, seekingIn({ env: { HOME: '/home/x' } }));
    await expect(answer).rejects.toMatchObject({ reason: 'TOKEN_MISSING' });
  });

  test('a variable that it removed is looked at only when it is named', async () => {
    for (const variable of platform.removed?.variables ?? []) {
      const env = CI_FIXTURES.find((fixture) => fixture.platform === platform.key)?.env ?? {};
      const held = { ...env, [variable]: TOKEN };
      await expect(readSubjectToken({}, seekingIn({ env: held }))).rejects.toThrow(/SECRETCTL_ID_TOKEN/);
      expect((await readSubjectToken({ env: variable }, seekingIn({ env: held }))).variable).toBe(variable);
    }
  });
});

test('no two sources have one name', () => {
  const keys = SOURCES.flatMap(({ key }) => key ?? []);
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(SOURCES.map(({ name }) => name)).size).toBe(SOURCES.length);
});

import { describe, expect, test } from 'vitest';
import { ciJob } from '../../src/dev/frame/jobs.ts';
import { isCi } from '../../src/lib/ci.ts';
import { readSubjectToken } from '../../src/sources/index.ts';
import { PLATFORMS } from '../../src/sources/platforms.ts';
import { craftToken, fineClaims, RS256 } from '../support/craft.ts';
import { invocationIn } from '../support/invocation.ts';

const TOKEN = craftToken(RS256, fineClaims());

/** The variables of a job there, as the rehearsal sets them. */
const variablesOf = (name: string) => ciJob(name.toLowerCase())?.variables('https://ci.example.test') ?? {};

describe.each(PLATFORMS.map((platform) => [platform.name, platform] as const))('%s', (name, platform) => {
  const env = variablesOf(name);

  test('its job is rehearsed, is taken for a CI, and is no other CI’s', () => {
    expect(PLATFORMS.filter((one) => one.isHere(env))).toEqual([platform]);
    expect(isCi(env)).toBe(true);
    expect(isCi({ ...env, CI: undefined })).toBe(true);
  });

  test('a laptop is none of its jobs', () => {
    expect(platform.isHere({ HOME: '/home/x' })).toBe(false);
    expect(isCi({ HOME: '/home/x' })).toBe(false);
  });

  test('the token, where the job has one', async () => {
    const token = await readSubjectToken({}, invocationIn({ env: { ...env, SECRETCTL_ID_TOKEN: TOKEN } }));
    expect(token.jwt.reveal().toString()).toBe(TOKEN);
  });

  test('a job without a token is told how to declare it, and no other source is asked', async () => {
    const answer = readSubjectToken({}, invocationIn({ env }));
    const hint = expect.arrayContaining([expect.stringContaining('SECRETCTL_ID_TOKEN')]);
    await expect(answer).rejects.toMatchObject({ reason: 'TOKEN_MISSING', facts: { hint } });
  });

  test('a variable that it removed is looked at only when it is named', async () => {
    for (const variable of platform.removed?.variables ?? []) {
      const held = { ...env, [variable]: TOKEN };
      await expect(readSubjectToken({}, invocationIn({ env: held }))).rejects.toThrow(/SECRETCTL_ID_TOKEN/);
      expect((await readSubjectToken({ env: variable }, invocationIn({ env: held }))).variable).toBe(variable);
    }
  });
});

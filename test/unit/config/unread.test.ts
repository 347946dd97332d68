import { describe, expect, test } from 'vitest';
import { DOCUMENTED, load } from '../../support/configured.ts';

const CONJUR = {
  CONJUR_APPLIANCE_URL: 'https://conjur.example.com',
  CONJUR_ACCOUNT: 'prod',
  CONJUR_AUTHN_JWT_SERVICE_ID: 'gitlab',
};

async function warningsOf(configured: Parameters<typeof load>[0]): Promise<readonly string[]> {
  const { settings } = await load({ command: 'login', ...configured });
  return settings?.warnings ?? ['no settings'];
}

describe('a configuration of another name', () => {
  test.each(['secretctl.yml', '.secretctl.yaml'])('%s is warned of', async (name) => {
    const files = { [name]: DOCUMENTED };
    expect(await warningsOf({ files, env: CONJUR })).toEqual([`${name} is not read; its name must be secretctl.yaml`]);
    // Without it nothing is configured: then the error itself says so.
    expect((await load({ files, args: ['x'] })).error?.hints[0]).toMatch(name);
  });

  test('is warned of where it is nearer than the one that is read, and only there', async () => {
    const files = { 'secretctl.yaml': DOCUMENTED, 'secretctl.yml': 'x', '.git/': '', 'a/': '' };
    expect(await warningsOf({ files })).toEqual([]);
    expect(await warningsOf({ files: { ...files, 'a/secretctl.yml': 'x' }, cwd: 'a' })).toHaveLength(1);
    const flags = { config: '../secretctl.yaml' };
    expect(await warningsOf({ files: { ...files, 'a/secretctl.yml': 'x' }, cwd: 'a', flags })).toEqual([]);
  });
});

describe('a variable that begins like ours', () => {
  test.each([
    ['SECRETCTL_AUDIENC', /^SECRETCTL_AUDIENC is .* not read; did you mean SECRETCTL_AUDIENCE\?$/],
    ['SECRETCTL_ALLOWED_ORIGIN', /did you mean SECRETCTL_ALLOWED_ORIGINS\?$/],
    ['SECRETCTL_CONJUR_ACOUNT', /did you mean SECRETCTL_CONJUR_ACCOUNT\?$/],
    ['SECRETCTL_ZZZZZZZZ', /^SECRETCTL_ZZZZZZZZ is .* not read$/],
  ])('%s is warned of, without its value', async (name, warning) => {
    const warnings = await warningsOf({ env: { ...CONJUR, [name]: 'hunter2' } });
    expect(warnings).toEqual([expect.stringMatching(warning)]);
    expect(warnings.join()).not.toMatch(/hunter2/);
  });

  test('is named beside other faults too', async () => {
    const env = { ...CONJUR, CONJUR_ACCOUNT: '', SECRETCTL_CONJUR_ACOUNT: 'hunter2' };
    const { error } = await load({ env, args: ['x'] });
    expect(error?.message).toMatch(/account is missing/);
    expect(error?.hints).toEqual([expect.stringMatching(/^SECRETCTL_CONJUR_ACOUNT/)]);
  });

  test.each([
    ['is known', {}, { SECRETCTL_ID_TOKEN: 'x', SECRETCTL_ALLOWED_ORIGINS: 'https://conjur.example.com' }],
    ['is empty', {}, { SECRETCTL_AUDIENC: '' }],
    ['holds the token, says a flag', { 'token-env': 'SECRETCTL_MINE' }, { SECRETCTL_MINE: 'x' }],
    ['holds the token, says a variable', {}, { SECRETCTL_MINE: 'x', SECRETCTL_TOKEN_ENV: 'SECRETCTL_MINE' }],
  ])('is not warned of when it %s', async (_, flags, env) => {
    expect(await warningsOf({ flags, env: { ...CONJUR, ...env } })).toEqual([]);
  });

  test('is not warned of when it holds the token, says the file', async () => {
    const files = { 'secretctl.yaml': DOCUMENTED.replace('CONJUR_ID_TOKEN', 'SECRETCTL_MINE') };
    expect(await warningsOf({ files, env: { SECRETCTL_MINE: 'x' } })).toEqual([]);
  });
});

test.each([
  [
    { VCERT_APIKEY: 'hunter2' },
    "VCERT_APIKEY is not used: Next-Gen Trust Security is logged in to with the job's ID token",
  ],
  [{ VCERT_APIKEY: 'hunter2', VCERT_TOKEN: 'hunter2' }, 'VCERT_APIKEY and VCERT_TOKEN are not used'],
  [{ FPAM_TOKEN: 'hunter2' }, 'FPAM_TOKEN is not used: FortiPAM'],
])('a standing credential is no backend, and that is said: %o', async (env, hint) => {
  const { error } = await load({ env, args: ['x'] });
  expect(error?.reason).toBe('CONFIG_MISSING');
  expect(error?.hints).toContainEqual(expect.stringContaining(hint));
  expect(JSON.stringify([error, error?.hints])).not.toContain('hunter2');
});

import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { load, textOf } from '../../support/configured.ts';

const CONJUR = { CONJUR_APPLIANCE_URL: 'https://conjur.example.com', CONJUR_ACCOUNT: 'prod', CONJUR_AUTHN_JWT_SERVICE_ID: 'gitlab' };

const FILE = `
backends:
  conjur:
    type: conjur
    url: https://conjur.example.com
    account: prod
    service-id: gitlab
    token: { env: CONJUR_ID_TOKEN, audience: https://conjur.example.com }
secrets:
  DB_PASSWORD: prod/db/password
  DB_USER: conjur:prod/db#username
  TLS_KEY: { ref: prod/tls/key, file: true }
  FEATURE_FLAG: { ref: prod/flag, optional: true, default: "off" }
profiles:
  staging: { backends: { conjur: { account: staging } }, secrets: { DB_PASSWORD: staging/db/password } }
`;

describe('the documented configuration', () => {
  test('gives the documented settings', async () => {
    const { settings } = await load({ files: { 'secretctl.yaml': FILE } });
    expect(settings).toMatchObject({
      defaultBackend: 'conjur',
      chosenBackend: undefined,
      backends: [
        {
          name: 'conjur',
          type: 'conjur',
          urlFrom: 'file',
          fallbackUrls: [],
          token: { env: 'CONJUR_ID_TOKEN', audience: 'https://conjur.example.com' },
          singleUse: false,
          values: { account: 'prod', 'service-id': 'gitlab' },
        },
      ],
      general: { timeoutMs: 60_000, errorFormat: 'text', quiet: false, debug: false, dryRun: false, cache: true, maxAnswerBytes: 1_048_576 },
      output: { format: 'dotenv', file: undefined, encode: undefined, strict: false, allowEnvNames: [] },
    });
    expect(settings?.backends[0]?.url.href).toBe('https://conjur.example.com/');
    expect(settings?.secrets.map(({ ref, optional, file, default: standIn }) => [ref.name, ref.path, ref.field, optional, file, standIn])).toEqual([
      ['DB_PASSWORD', 'prod/db/password', [], false, false, undefined],
      ['DB_USER', 'prod/db', ['username'], false, false, undefined],
      ['TLS_KEY', 'prod/tls/key', [], false, true, undefined],
      ['FEATURE_FLAG', 'prod/flag', [], true, false, 'off'],
    ]);
  });

  test('is frozen all the way down', async () => {
    const { settings } = await load({ files: { 'secretctl.yaml': FILE } });
    expect([settings, settings?.general, settings?.secrets, settings?.secrets[0]?.ref, settings?.backends[0]?.token].every(Object.isFrozen)).toBe(true);
  });

  test('changes with its profile', async () => {
    const { settings } = await load({ files: { 'secretctl.yaml': FILE }, flags: { profile: 'staging' } });
    expect(settings?.backends[0]?.values['account']).toBe('staging');
    expect(settings?.backends[0]?.values['service-id']).toBe('gitlab');
    expect(settings?.secrets.map((secret) => secret.ref.path)).toEqual(['staging/db/password', 'prod/db', 'prod/tls/key', 'prod/flag']);
  });
});

describe('who is stronger', () => {
  const file = (timeout: string): string => `timeout: ${timeout}\n${FILE}`;
  test.each([
    ['the default', {}, 60_000],
    ['the file over the default', { files: { 'secretctl.yaml': file('10s') } }, 10_000],
    ['a variable over the file', { files: { 'secretctl.yaml': file('10s') }, env: { SECRETCTL_TIMEOUT: '20s' } }, 20_000],
    ['a flag over a variable', { env: { SECRETCTL_TIMEOUT: '20s' }, flags: { timeout: '30s' } }, 30_000],
    ['an empty variable is not set', { env: { SECRETCTL_TIMEOUT: '' } }, 60_000],
  ])('%s', async (_, more, timeoutMs) => {
    const { settings } = await load({ files: { 'secretctl.yaml': FILE }, ...more });
    expect(settings?.general.timeoutMs).toBe(timeoutMs);
  });

  test.each([
    ['the file over the variable of the product', { env: { CONJUR_ACCOUNT: 'of-product' } }, 'prod'],
    ['our variable over the file', { env: { SECRETCTL_CONJUR_ACCOUNT: 'ours', CONJUR_ACCOUNT: 'of-product' } }, 'ours'],
    ['the flag over our variable', { env: { SECRETCTL_CONJUR_ACCOUNT: 'ours' }, flags: { 'conjur-account': 'flag' } }, 'flag'],
  ])('of a product: %s', async (_, more, account) => {
    const { settings } = await load({ files: { 'secretctl.yaml': FILE }, ...more });
    expect(settings?.backends[0]?.values['account']).toBe(account);
  });

  test('a product variable fills what the file leaves out', async () => {
    const files = { 'secretctl.yaml': 'backends: { c: { type: conjur, url: "https://c.example" } }' };
    const { settings } = await load({ files, env: { CONJUR_ACCOUNT: 'a', CONJUR_AUTHN_JWT_SERVICE_ID: 'b' }, args: ['x/y'] });
    expect(settings?.backends[0]?.values).toMatchObject({ account: 'a', 'service-id': 'b' });
  });

  test.each([
    ['flag', { flags: { 'token-file': '/f' } }, { file: '/f' }],
    ['variable', { env: { SECRETCTL_TOKEN_STDIN: '1' } }, { stdin: true }],
    ['file over product', { env: { CONJUR_AUTHN_JWT_TOKEN: 'x' } }, { env: 'CONJUR_ID_TOKEN' }],
  ])('the place of the token: %s', async (_, more, place) => {
    const { settings } = await load({ files: { 'secretctl.yaml': FILE }, ...more });
    expect(settings?.backends[0]?.token).toEqual({ ...place, audience: 'https://conjur.example.com' });
  });
});

describe('without a file', () => {
  test("a product's own variables are enough", async () => {
    const { settings } = await load({ env: { ...CONJUR, CONJUR_SSL_CERTIFICATE: 'PEM\n', CONJUR_AUTHN_JWT_TOKEN: 'never.looked.at' }, args: ['DB_PASSWORD=prod/db/password'] });
    expect(settings).toMatchObject({
      configFile: undefined,
      defaultBackend: 'conjur',
      backends: [{ name: 'conjur', type: 'conjur', urlFrom: 'variable', token: { env: 'CONJUR_AUTHN_JWT_TOKEN' }, tls: { ca: 'PEM\n' } }],
      secrets: [{ isNamed: true, ref: { name: 'DB_PASSWORD', path: 'prod/db/password' } }],
    });
  });

  test('--backend TYPE and --url are enough too', async () => {
    const flags = { backend: 'conjur', url: 'https://c.example', 'conjur-account': 'a', 'conjur-service-id': 's' };
    const { settings } = await load({ flags, args: ['a/b'] });
    expect(settings).toMatchObject({ chosenBackend: 'conjur', backends: [{ name: 'conjur', type: 'conjur', urlFrom: 'flag' }] });
    const variables = { SECRETCTL_BACKEND: 'conjur', SECRETCTL_URL: 'https://c.example', SECRETCTL_CONJUR_ACCOUNT: 'a', SECRETCTL_CONJUR_SERVICE_ID: 's' };
    expect((await load({ env: variables, args: ['a/b'] })).settings).toMatchObject({ backends: [{ urlFrom: 'variable' }] });
  });

  test.each([
    ['nothing at all', { args: ['a'] }, 'CONFIG_MISSING'],
    ['a file that is not there', { flags: { config: 'none.yaml' }, env: CONJUR, args: ['a'] }, 'CONFIG_MISSING'],
    ['an address without a type', { flags: { url: 'https://c.example' }, args: ['a'] }, 'USAGE'],
    ['a type without an address', { flags: { backend: 'conjur' }, args: ['a'] }, 'USAGE'],
    ['a backend that is none', { flags: { backend: 'conjr' }, env: CONJUR, args: ['a'] }, 'USAGE'],
    ['a profile without a file', { flags: { profile: 'p' }, env: CONJUR, args: ['a'] }, 'USAGE'],
    ['a flag of another product', { flags: { 'fortipam-user': 'u' }, env: CONJUR, args: ['a'] }, 'USAGE'],
    ['no secret', { env: CONJUR }, 'USAGE'],
    ['a bad address in a product variable', { env: { ...CONJUR, CONJUR_APPLIANCE_URL: 'http://c.example' }, args: ['a'] }, 'PLAIN_HTTP'],
    ['a product value missing', { env: { ...CONJUR, CONJUR_ACCOUNT: '' }, args: ['a'] }, 'CONFIG_INVALID'],
  ])('%s', async (_, configured, reason) => {
    expect((await load(configured)).error?.reason).toBe(reason);
  });

  test('login and logout need no secret', async () => {
    expect((await load({ env: CONJUR, command: 'login' })).settings?.secrets).toEqual([]);
  });
});

describe('several backends', () => {
  const two = `
backends:
  a: { type: conjur, url: "https://a.example", account: x, service-id: s }
  b: { type: conjur, url: "https://b.example", account: y, service-id: s }
`;
  const fortipam = '  f: { type: fortipam, url: "https://f.example" }\n';

  test.each([
    ['the prefix', { args: ['b:p/q'] }, ['b']],
    ['--backend', { args: ['p/q'], flags: { backend: 'b' } }, ['b']],
    ['default-backend', { files: { 'secretctl.yaml': `default-backend: b\n${two}` }, args: ['p/q', 'a:p/r'] }, ['b', 'a']],
  ])('a reference goes where %s says', async (_, more, backends) => {
    const { settings } = await load({ files: { 'secretctl.yaml': two }, ...more });
    expect(settings?.secrets.map((secret) => secret.ref.backend)).toEqual(backends);
  });

  test.each([
    ['a reference without a prefix', { args: ['p/q'] }, 'REFERENCE_INVALID'],
    ['a flag', { args: ['a:p/q'], flags: { audience: 'x' } }, 'USAGE'],
    ['a flag of their product', { args: ['a:p/q'], flags: { 'conjur-account': 'x' } }, 'USAGE'],
    ['a variable', { args: ['a:p/q'], env: { SECRETCTL_AUDIENCE: 'x' } }, 'CONFIG_INVALID'],
    ['a type', { args: ['a:p/q'], flags: { backend: 'conjur' } }, 'USAGE'],
  ])('%s that may mean either is refused', async (_, more, reason) => {
    const { error } = await load({ files: { 'secretctl.yaml': two }, ...more });
    expect(error?.reason).toBe(reason);
    expect(textOf(error)).toMatch(/a, b/);
  });

  test('a flag means the chosen backend and no other', async () => {
    const { settings } = await load({ files: { 'secretctl.yaml': two }, args: ['p/q'], flags: { backend: 'b', audience: 'x', 'conjur-account': 'z' } });
    expect(settings?.backends.map((backend) => [backend.name, backend.token.audience, backend.values['account']])).toEqual([['a', undefined, 'x'], ['b', 'x', 'z']]);
  });

  test("a product's flag means its only backend, whichever is the default", async () => {
    const files = { 'secretctl.yaml': `default-backend: a\n${two}${fortipam}` };
    const { settings } = await load({ files, args: ['p/q'], flags: { 'fortipam-vdom': 'v' } });
    expect(settings?.backends.at(-1)?.values['vdom']).toBe('v');
  });

  test('a variable for a product that is not configured does no harm', async () => {
    const { settings } = await load({ files: { 'secretctl.yaml': two }, args: ['a:x'], env: { SECRETCTL_FORTIPAM_VDOM: 'v' } });
    expect(settings?.backends).toHaveLength(2);
  });
});

describe('the endpoint in CI', () => {
  const ci = { CI: 'true' };
  const files = { 'secretctl.yaml': FILE };
  test.each([
    ['another origin', { flags: { url: 'https://other.example' } }, 'ENDPOINT_OVERRIDE'],
    ['another port', { flags: { url: 'https://conjur.example.com:444' } }, 'ENDPOINT_OVERRIDE'],
    ['another fallback', { flags: { 'fallback-url': ['https://other.example'] } }, 'ENDPOINT_OVERRIDE'],
    ['the same origin', { flags: { url: 'https://conjur.example.com/api' } }, undefined],
    ['another origin, allowed', { flags: { url: 'https://other.example', 'allow-endpoint-override': 'true' } }, undefined],
    ['another origin outside of CI', { flags: { url: 'https://other.example' }, env: {} }, undefined],
  ])('%s', async (_, more, reason) => {
    expect((await load({ files, env: ci, ...more })).error?.reason).toBe(reason);
  });
});

describe('which file', () => {
  const other = FILE.replace('account: prod', 'account: other');
  const accountIn = async (configured: Parameters<typeof load>[0]): Promise<unknown> => (await load(configured)).settings?.backends[0]?.values['account'];

  test('the one in the working directory, or above it up to the root of the repository', async () => {
    expect(await accountIn({ files: { 'secretctl.yaml': FILE, '.git/': '', 'a/b/': '' }, cwd: 'a/b' })).toBe('prod');
    expect(await accountIn({ files: { 'secretctl.yaml': FILE, '.git': 'gitdir: x', 'a/secretctl.yaml': other, 'a/b/': '' }, cwd: 'a/b' })).toBe('other');
  });

  test('none from above the root of the repository, none from above outside of one', async () => {
    expect((await load({ files: { 'secretctl.yaml': FILE, 'a/.git/': '' }, cwd: 'a' })).error?.reason).toBe('CONFIG_MISSING');
    expect((await load({ files: { 'secretctl.yaml': FILE, 'a/': '' }, cwd: 'a' })).error?.reason).toBe('CONFIG_MISSING');
  });

  test('the named one: by flag, else by variable', async () => {
    const files = { 'secretctl.yaml': FILE, 'x.yaml': other, 'y.yaml': FILE.replace('account: prod', 'account: y') };
    expect(await accountIn({ files, env: { SECRETCTL_CONFIG: 'x.yaml' } })).toBe('other');
    expect(await accountIn({ files, env: { SECRETCTL_CONFIG: 'x.yaml' }, flags: { config: 'y.yaml' } })).toBe('y');
  });

  test('its relative paths begin where it is; those of flags where the command runs', async () => {
    const files = { 'secretctl.yaml': `output: out.env\n${FILE}`.replace('account: prod', 'account: prod\n    ca-file: ca/root.pem'), '.git/': '', 'a/': '' };
    const fromFile = (await load({ files, cwd: 'a' })).settings;
    expect(fromFile?.output.file).toBe(path.join(path.dirname(fromFile?.configFile ?? ''), 'out.env'));
    expect(fromFile?.backends[0]?.tls.caFile).toBe(path.join(path.dirname(fromFile?.configFile ?? ''), 'ca/root.pem'));
    expect((await load({ files, cwd: 'a', flags: { output: 'x.env' } })).settings?.output.file).toBe('x.env');
  });
});

describe('what is asked for', () => {
  const ask = async (...args: string[]): ReturnType<typeof load> => load({ files: { 'secretctl.yaml': FILE }, args });

  test.each([
    ['a bare reference', 'prod/api-key', { name: 'API_KEY', path: 'prod/api-key' }, false],
    ['a named one', 'KEY=prod/api-key', { name: 'KEY', path: 'prod/api-key' }, true],
    ['a configured name', 'DB_USER', { name: 'DB_USER', path: 'prod/db', field: ['username'] }, true],
    ['a "=" after "?"', 'prod/db?version=2', { name: 'DB', version: 2 }, false],
    ['a "=" in the reference', 'KEY=prod/a=b', { name: 'KEY', path: 'prod/a=b' }, true],
  ])('%s', async (_, argument, ref, isNamed) => {
    expect((await ask(argument)).settings?.secrets).toMatchObject([{ ref, isNamed }]);
  });

  test.each([
    ['a name that no variable can have', ['DB-PASS=prod/x'], 'NAME_INVALID'],
    ['no name', ['=prod/x'], 'NAME_INVALID'],
    ['a name that is a path', ['prod/x=y'], 'NAME_INVALID'],
    ['two of one name', ['prod/db/password', 'staging/db/password'], 'NAME_CLASH'],
    ['a named and a derived one', ['PASSWORD=a', 'b/password'], 'NAME_CLASH'],
    ['a configured and a named one', ['DB_USER', 'DB_USER=x'], 'NAME_CLASH'],
    ['an empty reference', ['A='], 'REFERENCE_INVALID'],
    ['nothing', [''], 'REFERENCE_INVALID'],
    ['two kinds of faults', ['A=', 'B-C=x'], 'USAGE'],
    ['too many', Array.from({ length: 1001 }, (_, index) => `A${index}=x`), 'CONFIG_INVALID'],
  ])('%s is refused', async (_, args, reason) => {
    expect((await ask(...args)).error?.reason).toBe(reason);
  });

  test('a clash names both references', async () => {
    const { error } = await ask('prod/db/password', 'staging/db/password');
    expect(error?.message).toMatch(/prod\/db\/password.*staging\/db\/password/);
  });
});

test('a flag that is given twice with two values is refused, a list gathers', async () => {
  const files = { 'secretctl.yaml': FILE };
  expect((await load({ files, flags: { timeout: ['1s', '2s'] } })).error?.reason).toBe('USAGE');
  const { settings } = await load({ files, flags: { 'allow-env-name': ['A', 'B,C'] } });
  expect(settings?.output.allowEnvNames).toEqual(['A', 'B', 'C']);
});

test.each([
  ['two flags', { flags: { 'token-env': 'A', 'token-file': 'b' } }, 'USAGE'],
  ['two variables', { env: { SECRETCTL_TOKEN_ENV: 'A', SECRETCTL_TOKEN_FILE: 'b' } }, 'CONFIG_INVALID'],
  ['two certificates', { env: { SECRETCTL_CA: 'A', SECRETCTL_CA_FILE: 'b' } }, 'CONFIG_INVALID'],
])('%s that exclude each other are refused', async (_, more, reason) => {
  expect((await load({ files: { 'secretctl.yaml': FILE }, ...more })).error?.reason).toBe(reason);
});

test('a flag never has its value repeated in a fault', async () => {
  const flags = { timeout: 'hunter2', format: 'hunter2', backend: 'hunter2', profile: 'hunter2', 'token-env': 'hunter-2', 'max-answer-bytes': 'hunter2', url: 'hunter2' };
  const { error } = await load({ files: { 'secretctl.yaml': FILE }, flags });
  expect(error?.facts.details?.length).toBeGreaterThanOrEqual(6);
  expect(textOf(error)).not.toMatch(/hunter/);
});

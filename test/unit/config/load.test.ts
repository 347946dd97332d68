import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DOCUMENTED, load, textOf } from '../../support/configured.ts';

const CONJUR = {
  CONJUR_APPLIANCE_URL: 'https://conjur.example.com',
  CONJUR_ACCOUNT: 'prod',
  CONJUR_AUTHN_JWT_SERVICE_ID: 'gitlab',
};

describe('the documented configuration', () => {
  test('gives the documented settings', async () => {
    const { settings } = await load({ files: { 'secretctl.yaml': DOCUMENTED } });
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
      general: {
        timeoutMs: 60_000,
        errorFormat: 'text',
        quiet: false,
        debug: false,
        dryRun: false,
        cache: true,
        maxAnswerBytes: 1_048_576,
      },
      output: { format: 'dotenv', file: undefined, encode: undefined, strict: false, allowEnvNames: [] },
    });
    expect(settings?.backends[0]?.url.href).toBe('https://conjur.example.com/');
    expect(
      settings?.secrets.map(({ ref, optional, file, default: standIn }) => [
        ref.name,
        ref.path,
        ref.field,
        optional,
        file,
        standIn,
      ]),
    ).toEqual([
      ['DB_PASSWORD', 'prod/db/password', [], false, false, undefined],
      ['DB_USER', 'prod/db', ['username'], false, false, undefined],
      ['TLS_KEY', 'prod/tls/key', [], false, true, undefined],
      ['FEATURE_FLAG', 'prod/flag', [], true, false, 'off'],
    ]);
  });

  test('is frozen all the way down', async () => {
    const { settings } = await load({ files: { 'secretctl.yaml': DOCUMENTED } });
    expect(
      [settings, settings?.general, settings?.secrets, settings?.secrets[0]?.ref, settings?.backends[0]?.token].every(
        Object.isFrozen,
      ),
    ).toBe(true);
  });

  test('changes with its profile', async () => {
    const { settings } = await load({ files: { 'secretctl.yaml': DOCUMENTED }, flags: { profile: 'staging' } });
    expect(settings?.backends[0]?.values['account']).toBe('staging');
    expect(settings?.backends[0]?.values['service-id']).toBe('gitlab');
    expect(settings?.secrets.map((secret) => secret.ref.path)).toEqual([
      'staging/db/password',
      'prod/db',
      'prod/tls/key',
      'prod/flag',
    ]);
  });
});

describe('who is stronger', () => {
  const file = (timeout: string): string => `timeout: ${timeout}\n${DOCUMENTED}`;
  test.each([
    ['the default', {}, 60_000],
    ['the file over the default', { files: { 'secretctl.yaml': file('10s') } }, 10_000],
    [
      'a variable over the file',
      { files: { 'secretctl.yaml': file('10s') }, env: { SECRETCTL_TIMEOUT: '20s' } },
      20_000,
    ],
    ['a flag over a variable', { env: { SECRETCTL_TIMEOUT: '20s' }, flags: { timeout: '30s' } }, 30_000],
    ['an empty variable is not set', { env: { SECRETCTL_TIMEOUT: '' } }, 60_000],
  ])('%s', async (_, more, timeoutMs) => {
    const { settings } = await load({ files: { 'secretctl.yaml': DOCUMENTED }, ...more });
    expect(settings?.general.timeoutMs).toBe(timeoutMs);
  });

  test.each([
    ['the file over the variable of the product', { env: { CONJUR_ACCOUNT: 'of-product' } }, 'prod'],
    ['our variable over the file', { env: { SECRETCTL_CONJUR_ACCOUNT: 'ours', CONJUR_ACCOUNT: 'of-product' } }, 'ours'],
    [
      'the flag over our variable',
      { env: { SECRETCTL_CONJUR_ACCOUNT: 'ours' }, flags: { 'conjur-account': 'flag' } },
      'flag',
    ],
  ])('of a product: %s', async (_, more, account) => {
    const { settings } = await load({ files: { 'secretctl.yaml': DOCUMENTED }, ...more });
    expect(settings?.backends[0]?.values['account']).toBe(account);
  });

  test('a product variable fills what the file leaves out', async () => {
    const files = { 'secretctl.yaml': 'backends: { c: { type: conjur, url: "https://c.example" } }' };
    const { settings } = await load({
      files,
      env: { CONJUR_ACCOUNT: 'a', CONJUR_AUTHN_JWT_SERVICE_ID: 'b' },
      args: ['x/y'],
    });
    expect(settings?.backends[0]?.values).toMatchObject({ account: 'a', 'service-id': 'b' });
  });

  test.each([
    ['flag', { flags: { 'token-file': '/f' } }, { file: '/f' }],
    ['variable', { env: { SECRETCTL_TOKEN_STDIN: '1' } }, { stdin: true }],
    ['file over product', { env: { CONJUR_AUTHN_JWT_TOKEN: 'x' } }, { env: 'CONJUR_ID_TOKEN' }],
  ])('the place of the token: %s', async (_, more, place) => {
    const { settings } = await load({ files: { 'secretctl.yaml': DOCUMENTED }, ...more });
    expect(settings?.backends[0]?.token).toEqual({ ...place, audience: 'https://conjur.example.com' });
  });
});

describe('without a file', () => {
  test("a product's own variables are enough", async () => {
    const { settings } = await load({
      env: { ...CONJUR, CONJUR_SSL_CERTIFICATE: 'PEM\n', CONJUR_AUTHN_JWT_TOKEN: 'never.looked.at' },
      args: ['DB_PASSWORD=prod/db/password'],
    });
    expect(settings).toMatchObject({
      configFile: undefined,
      defaultBackend: 'conjur',
      backends: [
        {
          name: 'conjur',
          type: 'conjur',
          urlFrom: 'variable',
          token: { env: 'CONJUR_AUTHN_JWT_TOKEN' },
          tls: { ca: 'PEM\n' },
        },
      ],
      secrets: [{ isNamed: true, ref: { name: 'DB_PASSWORD', path: 'prod/db/password' } }],
    });
  });

  test('--backend TYPE and --url are enough too', async () => {
    const flags = { backend: 'conjur', url: 'https://c.example', 'conjur-account': 'a', 'conjur-service-id': 's' };
    const { settings } = await load({ flags, args: ['a/b'] });
    expect(settings).toMatchObject({
      chosenBackend: 'conjur',
      backends: [{ name: 'conjur', type: 'conjur', urlFrom: 'flag' }],
    });
    const variables = {
      SECRETCTL_BACKEND: 'conjur',
      SECRETCTL_URL: 'https://c.example',
      SECRETCTL_CONJUR_ACCOUNT: 'a',
      SECRETCTL_CONJUR_SERVICE_ID: 's',
    };
    expect((await load({ env: variables, args: ['a/b'] })).settings).toMatchObject({
      backends: [{ urlFrom: 'variable' }],
    });
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
    [
      'a bad address in a product variable',
      { env: { ...CONJUR, CONJUR_APPLIANCE_URL: 'http://c.example' }, args: ['a'] },
      'PLAIN_HTTP',
    ],
    ['a product value missing', { env: { ...CONJUR, CONJUR_ACCOUNT: '' }, args: ['a'] }, 'CONFIG_INVALID'],
  ])('%s', async (_, configured, reason) => {
    expect((await load(configured)).error?.reason).toBe(reason);
  });

  test('of a product value that is missing it is said how to give it', async () => {
    const flags = { backend: 'conjur', url: 'https://c.example' };
    expect(textOf((await load({ flags, args: ['X=a'] })).error).split('\n')).toEqual([
      expect.stringMatching(
        /account is missing.*; give it by --conjur-account, CONJUR_ACCOUNT or "account:" in the file$/,
      ),
      expect.stringMatching(/--conjur-service-id, CONJUR_AUTHN_JWT_SERVICE_ID, CONJUR_SERVICE_ID or "service-id:"/),
      expect.stringMatching(/^CONFIG_INVALID/),
    ]);
    const twice = `{ type: conjur, url: "https://c.example", service-id: s }`;
    const files = { 'secretctl.yaml': `backends: { a: ${twice}, b: ${twice} }\ndefault-backend: a` };
    const text = textOf((await load({ files, args: ['X=a'] })).error);
    expect(text).toMatch(/backend a: account is missing.*--conjur-account/);
    expect(text).toMatch(/backend b: account is missing[^-]*give it by CONJUR_ACCOUNT or "account:"/);
  });

  test('login and logout need no secret', async () => {
    expect((await load({ env: CONJUR, command: 'login' })).settings?.secrets).toEqual([]);
  });
});

describe('which file', () => {
  const other = DOCUMENTED.replace('account: prod', 'account: other');
  const accountIn = async (configured: Parameters<typeof load>[0]): Promise<unknown> =>
    (await load(configured)).settings?.backends[0]?.values['account'];

  test('the one in the working directory, or above it up to the root of the repository', async () => {
    expect(await accountIn({ files: { 'secretctl.yaml': DOCUMENTED, '.git/': '', 'a/b/': '' }, cwd: 'a/b' })).toBe(
      'prod',
    );
    expect(
      await accountIn({
        files: { 'secretctl.yaml': DOCUMENTED, '.git': 'gitdir: x', 'a/secretctl.yaml': other, 'a/b/': '' },
        cwd: 'a/b',
      }),
    ).toBe('other');
  });

  test('none from above the root of the repository, none from above outside of one', async () => {
    expect((await load({ files: { 'secretctl.yaml': DOCUMENTED, 'a/.git/': '' }, cwd: 'a' })).error?.reason).toBe(
      'CONFIG_MISSING',
    );
    expect((await load({ files: { 'secretctl.yaml': DOCUMENTED, 'a/': '' }, cwd: 'a' })).error?.reason).toBe(
      'CONFIG_MISSING',
    );
  });

  test('the named one: by flag, else by variable', async () => {
    const files = {
      'secretctl.yaml': DOCUMENTED,
      'x.yaml': other,
      'y.yaml': DOCUMENTED.replace('account: prod', 'account: y'),
    };
    expect(await accountIn({ files, env: { SECRETCTL_CONFIG: 'x.yaml' } })).toBe('other');
    expect(await accountIn({ files, env: { SECRETCTL_CONFIG: 'x.yaml' }, flags: { config: 'y.yaml' } })).toBe('y');
  });

  test('its relative paths begin where it is; those of flags where the command runs', async () => {
    const files = {
      'secretctl.yaml': `output: out.env\n${DOCUMENTED}`.replace(
        'account: prod',
        'account: prod\n    ca-file: ca/root.pem',
      ),
      '.git/': '',
      'a/': '',
    };
    const fromFile = (await load({ files, cwd: 'a' })).settings;
    expect(fromFile?.output.file).toBe(path.join(path.dirname(fromFile?.configFile ?? ''), 'out.env'));
    expect(fromFile?.backends[0]?.tls.caFile).toBe(path.join(path.dirname(fromFile?.configFile ?? ''), 'ca/root.pem'));
    expect((await load({ files, cwd: 'a', flags: { output: 'x.env' } })).settings?.output.file).toBe('x.env');
  });
});

test('a flag that is given twice with two values is refused, a list gathers', async () => {
  const files = { 'secretctl.yaml': DOCUMENTED };
  expect((await load({ files, flags: { timeout: ['1s', '2s'] } })).error?.reason).toBe('USAGE');
  const { settings } = await load({ files, flags: { 'allow-env-name': ['A', 'B,C'] } });
  expect(settings?.output.allowEnvNames).toEqual(['A', 'B', 'C']);
});

test.each([
  ['two flags', { flags: { 'token-env': 'A', 'token-file': 'b' } }, 'USAGE'],
  ['two variables', { env: { SECRETCTL_TOKEN_ENV: 'A', SECRETCTL_TOKEN_FILE: 'b' } }, 'CONFIG_INVALID'],
  ['two certificates', { env: { SECRETCTL_CA: 'A', SECRETCTL_CA_FILE: 'b' } }, 'CONFIG_INVALID'],
])('%s that exclude each other are refused, each named once', async (_, more, reason) => {
  const { error } = await load({ files: { 'secretctl.yaml': DOCUMENTED }, ...more });
  expect(error?.reason).toBe(reason);
  expect(error?.message).toMatch(/^(?<kind>--|SECRETCTL_)\S+ and \k<kind>\S+ exclude each other; say one of them$/);
});

test('a flag never has its value repeated in a fault', async () => {
  const flags = {
    timeout: 'hunter2',
    format: 'hunter2',
    backend: 'hunter2',
    profile: 'hunter2',
    'token-env': 'hunter-2',
    'max-answer-bytes': 'hunter2',
    url: 'hunter2',
  };
  const { error } = await load({ files: { 'secretctl.yaml': DOCUMENTED }, flags });
  expect(error?.facts.details?.length).toBeGreaterThanOrEqual(6);
  expect(textOf(error)).not.toMatch(/hunter/);
});

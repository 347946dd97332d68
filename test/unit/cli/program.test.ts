import { describe, expect, test } from 'vitest';
import { run } from '../../support/whole-program.ts';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl';

describe('the command line', () => {
  test.each([
    ['nothing', [], 'USAGE', /fetch, run, .*login, logout, .*dev/],
    ['an unknown command', ['fetsh'], 'USAGE', /fetch/],
    ['an option in front of the command', ['--debug', 'fetch'], 'USAGE', /options stand after the command/],
    [
      'an unknown option',
      ['fetch', '--token-fiel=hunter2', 'A=x'],
      'USAGE',
      /--token-fiel\n.*did you mean --token-file\?/,
    ],
    ['an unknown option with its value apart', ['fetch', '--tokn-env', 'hunter2'], 'USAGE', /--tokn-env/],
    ['an unknown option that may be a secret', ['fetch', '--hunter2hunter2'], 'USAGE', /may hold a secret/],
    ['an unknown letter with its value', ['fetch', '-xhunter2'], 'USAGE', /no option -x\n/],
    ['a switch with a value', ['fetch', '--quiet=hunter2'], 'USAGE', /--quiet takes no value/],
    ['a missing value', ['fetch', '--format'], 'USAGE', /--format needs a value/],
    [
      'a value that is no choice',
      [
        'fetch',
        '--format',
        'hunter2',
        '--backend',
        'conjur',
        '--url',
        'https://x.example',
        '--conjur-account',
        'a',
        '--conjur-service-id',
        's',
        'A=x',
      ],
      'USAGE',
      /--format must be one of .*gitlab-dotenv$/m,
    ],
    [
      'a mistyped choice',
      ['fetch', '--backend', 'vault', '--url', 'https://x.example', '--format', 'jsno', 'A=x'],
      'USAGE',
      /; did you mean "json"\?/,
    ],
    [
      'a letter that is near nothing',
      ['fetch', '-f', 'json'],
      'USAGE',
      /no option -f\n.*hint: secretctl help fetch\n$/,
    ],
    ['a letter in the other case', ['fetch', '-O', 'x'], 'USAGE', /no option -O\n.*did you mean -o\?/],
    ['the version of a command', ['fetch', '-V'], 'USAGE', /no option -V\n.*did you mean secretctl --version\?/],
    ['a mistyped --version', ['--versoin'], 'USAGE', /did you mean secretctl --version\?/],
    ['what others call it', ['exec', '--', 'true'], 'USAGE', /did you mean "run"\?/],
    ['the version as a command', ['version'], 'USAGE', /did you mean "secretctl --version"\?/],
    ['swapped letters of a command', ['fecth'], 'USAGE', /did you mean "fetch"\?/],
    ['too many arguments', ['login', 'hunter2'], 'USAGE', /"login" takes no such arguments/],
    ['a command of commands', ['dev'], 'USAGE', /exec, serve, token/],
    ['an unknown command of it', ['dev', 'exce'], 'USAGE', /exec/],
    [
      'a product that is none',
      ['dev', 'exec', '--backend', 'vualt', '--', 'true'],
      'USAGE',
      /; did you mean "vault"\?/,
    ],
    ['a CI that is none', ['dev', 'exec', '--ci', 'gitlb', '--', 'true'], 'USAGE', /; did you mean "gitlab"\?/],
    ['nothing to rehearse', ['dev', 'exec'], 'USAGE', /"dev exec" needs a COMMAND behind it/],
    [
      'an address that is none',
      ['init', '--ci', 'gitlab', '--backend', 'vault', '--url', 'hunter2.example'],
      'USAGE',
      /--url must be a URL such as https:/,
    ],
    ['help on nothing known', ['help', 'hunter2'], 'USAGE', /conjur/],
    ['help on a mistyped command', ['help', 'fecth'], 'USAGE', /; did you mean "fetch"\?/],
    ['a token as argument', ['fetch', JWT], 'SECRET_IN_ARGV', /argument 2/],
    ['a token as value', ['fetch', '--token-env', JWT], 'SECRET_IN_ARGV', /argument 3/],
    ['a token after =', ['fetch', `--nonsense=${JWT}`], 'SECRET_IN_ARGV', /argument 2/],
    ['a token inside of an argument', ['fetch', `A=Bearer ${JWT}`], 'SECRET_IN_ARGV', /argument 2/],
    ['a token after --', ['fetch', '--', JWT], 'SECRET_IN_ARGV', /argument 3/],
    ['a token for a command', [JWT], 'SECRET_IN_ARGV', /argument 1/],
    ['a token of a vendor', ['fetch', `--x=glpat-${'a1B2'.repeat(5)}`], 'SECRET_IN_ARGV', /argument 2/],
    ['a Vault token', ['fetch', `hvs.${'a1B2'.repeat(6)}`], 'SECRET_IN_ARGV', /argument 2/],
  ])('with %s is refused', async (_, argv, reason, says) => {
    const { exit, stdout, stderr } = await run(argv);
    expect({ exit, stdout }).toEqual({ exit: 64, stdout: '' });
    expect(stderr).toContain(`secretctl: error[${reason}]: `);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/hunter2|eyJ|a1B2/);
  });

  test('a path that only begins like a token is a path', async () => {
    for (const ref of ['prod/ghp_token', 'A=ci/eyJ/x', 'prod/glpat-prod', 'npm_token']) {
      expect((await run(['fetch', ref])).stderr, ref).toContain('error[CONFIG_MISSING]');
    }
  });

  test.each([
    ['fetch', /did you mean secretctl fetch\?/],
    ['nonsense-of-nobody', /hint: it is not on PATH/],
    ['./nonsense', /hint: check its path/],
  ])('%s is no program to rehearse', async (word, says) => {
    const { exit, stderr } = await run(['dev', 'exec', '--', word]);
    expect({ exit, stderr }).toEqual({ exit: 127, stderr: expect.stringMatching(says) });
    expect(stderr).toContain('error[COMMAND_NOT_FOUND]');
  });

  test('arguments of another command are its own', async () => {
    expect((await run(['dev', 'exec', '--fault', 'nonsense', '--', 'echo', JWT])).stderr).toContain('error[USAGE]');
  });
});

describe('--error-format json', () => {
  test.each([
    ['flag', ['fetch', '--error-format', 'json', '--nonsense'], {}],
    ['flag with =', ['fetch', '--error-format=json', '--nonsense'], {}],
    ['variable', ['fetch', '--nonsense'], { SECRETCTL_ERROR_FORMAT: 'json' }],
  ])('by %s holds for a fault of the command line itself', async (_, argv, env) => {
    const { exit, stderr } = await run(argv, env);
    expect(exit).toBe(64);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stderr)).toEqual({
      code: 64,
      reason: 'USAGE',
      message: 'there is no option --nonsense',
      hint: 'secretctl help fetch',
      hints: ['secretctl help fetch'],
      retryable: false,
      retry_after_s: null,
      request_id: null,
    });
  });
});

test('no-cache and output are read although their flags are special to the parser', async () => {
  const env = {
    SECRETCTL_BACKEND: 'conjur',
    SECRETCTL_URL: 'https://c.example',
    SECRETCTL_CONJUR_ACCOUNT: 'a',
    SECRETCTL_CONJUR_SERVICE_ID: 's',
  };
  // login refuses at once to keep a token that must not be kept: seen only when the switch arrived.
  const { stderr } = await run(['login', '--no-cache'], env);
  expect(stderr).toMatch(/error\[CACHE_DIR\].*--no-cache/);
});

test('login --dry-run and logout --dry-run name the endpoint and do nothing', async () => {
  const env = {
    SECRETCTL_BACKEND: 'conjur',
    SECRETCTL_URL: 'https://c.example',
    SECRETCTL_CONJUR_ACCOUNT: 'a',
    SECRETCTL_CONJUR_SERVICE_ID: 's',
  };
  expect(await run(['login', '--dry-run'], env)).toMatchObject({
    exit: 0,
    stdout: 'would exchange the ID token at https://c.example/ (conjur)\n',
  });
  expect(await run(['logout', '--dry-run'], env)).toMatchObject({
    exit: 0,
    stdout: 'would revoke and forget the access token for https://c.example/ (conjur)\n',
  });
});

describe('logout with nothing configured', () => {
  test.each([[['logout']], [['logout', '--dry-run']]])('%s is content, with a warning', async (argv) => {
    expect(await run(argv)).toMatchObject({
      exit: 0,
      stdout: '',
      stderr: expect.stringMatching(/^secretctl: warning: no backend/m),
    });
    expect(await run([...argv, '--quiet'])).toEqual({ exit: 0, stdout: '', stderr: '' });
  });

  test('but not with a configuration that is faulty or not there, nor is login', async () => {
    expect((await run(['logout', '--config', 'none.yaml'])).exit).toBe(78);
    expect((await run(['logout'], { CONJUR_APPLIANCE_URL: 'https://c.example' })).exit).toBe(78);
    expect((await run(['login'])).exit).toBe(78);
  });
});

test('what is configured and not read is a warning of every command', async () => {
  const env = { SECRETCTL_BACKEND: 'vault', SECRETCTL_URL: 'https://v.example', SECRETCTL_AUDIENC: 'hunter2' };
  const { exit, stderr } = await run(['logout', '--dry-run'], env);
  expect({ exit, stderr }).toEqual({
    exit: 0,
    stderr: expect.stringMatching(/^secretctl: warning: SECRETCTL_AUDIENC /m),
  });
  expect(stderr).not.toMatch(/hunter2/);
});

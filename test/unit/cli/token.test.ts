import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { main } from '../../../src/main.ts';
import { canary, findLeaks } from '../../support/canaries.ts';
import { inDirectory, runtimeIn } from '../../support/configured.ts';
import { craftToken, fineClaims, RS256 } from '../../support/craft.ts';

interface Given {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `secretctl token` in this process. */
async function token({ argv = [], env = {}, files = {}, stdin = '' }: Given): Promise<Ended> {
  return inDirectory(files, async (root) => {
    const [stdout, stderr, input] = [new PassThrough(), new PassThrough(), new PassThrough()];
    input.end(stdin);
    const runtime = runtimeIn(root, env);
    const words = ['token', ...argv].map((word) => word.replace('ROOT', root));
    const host = { ...runtime.host, execArgv: [] };
    const exit = await main({ ...runtime, host, argv: words, stdout, stderr, stdin: input });
    return { exit, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
  });
}

const JWT = craftToken(RS256, fineClaims());
const OTHER = craftToken(RS256, fineClaims({ sub: 'the other one' }));

const CONJUR = '{ type: conjur, url: "https://c.example", account: a, service-id: s';
const VAULT = '{ type: vault, url: "https://v.example"';

describe('without any backend', () => {
  test.each<[string, Given]>([
    ['the default variable', { env: { SECRETCTL_ID_TOKEN: JWT } }],
    ['a variable that is named', { argv: ['--token-env', 'X'], env: { X: JWT } }],
    ['a variable that a variable names', { env: { SECRETCTL_TOKEN_ENV: 'X', X: JWT } }],
    ['a file', { argv: ['--token-file', 'ROOT/jwt'], files: { jwt: `${JWT}\n` } }],
    ['standard input', { argv: ['--token-stdin'], stdin: JWT }],
    ['the CI', { env: { BITBUCKET_BUILD_NUMBER: '1', BITBUCKET_STEP_OIDC_TOKEN: JWT } }],
    ['a CI that is named', { argv: ['--token-source', 'vercel'], env: { VERCEL_OIDC_TOKEN: JWT } }],
    ['a file with secrets alone', { env: { SECRETCTL_ID_TOKEN: JWT }, files: { 'secretctl.yaml': 'secrets: {}\n' } }],
  ])('the token comes from %s', async (_, given) => {
    const { exit, stdout, stderr } = await token(given);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toMatch(/^ID token\n +source /);
    expect(stdout).toContain('project_path:group/project:ref_type:branch:ref:main');
  });

  test('no token at all is what fetch would say', async () => {
    expect(await token({})).toMatchObject({ exit: 66, stdout: '', stderr: expect.stringContaining('NO_ID_TOKEN') });
  });

  test('what needs a backend is still refused', async () => {
    for (const argv of [
      ['--url', 'https://c.example'],
      ['--token-secret', 'a'],
      ['--conjur-account', 'a'],
    ]) {
      expect(await token({ argv, env: { SECRETCTL_ID_TOKEN: JWT } })).toMatchObject({ exit: 64, stdout: '' });
    }
  });

  test('an expected audience and issuer stand beside what the token has', async () => {
    const argv = ['--audience', 'https://conjur.example.test', '--issuer', 'https://other.example'];
    const { exit, stdout } = await token({ argv, env: { SECRETCTL_ID_TOKEN: JWT } });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/audience +https:\/\/conjur\.example\.test \(as configured\)/);
    expect(stdout).toMatch(/issuer .*\(not the configured "https:\/\/other\.example"\)/);
  });
});

describe('with several backends', () => {
  const files = (conjur: string, vault: string, rest = '') => ({
    'secretctl.yaml': `backends:\n  c: ${CONJUR}${conjur} }\n  v: ${VAULT}${vault} }\n${rest}`,
  });
  const env = { A: JWT, B: OTHER, SECRETCTL_ID_TOKEN: JWT };

  test('the one that --backend names says which token, else the default one', async () => {
    const two = files(', token: { env: A }', ', token: { env: B }');
    expect((await token({ files: two, env, argv: ['--backend', 'v'] })).stdout).toMatch(/for v .*\n.*variable B\n/);
    expect((await token({ files: two, env, argv: ['--backend', 'c'] })).stdout).toMatch(/for c .*\n.*variable A\n/);
    const withDefault = files(', token: { env: A }', ', token: { env: B }', 'default-backend: v\n');
    expect((await token({ files: withDefault, env })).stdout).toMatch(/for v .*\n.*variable B\n/);
  });

  test('one that all have needs no name; different ones do', async () => {
    expect((await token({ files: files('', ''), env })).stdout).toMatch(/^ID token\n.*variable SECRETCTL_ID_TOKEN\n/);
    const two = files(', token: { env: A }', ', token: { env: B }');
    expect(await token({ files: two, env })).toMatchObject({
      exit: 64,
      stdout: '',
      stderr: expect.stringMatching(/c, v/),
    });
  });

  test('a token that is a secret of another one is not this command’s', async () => {
    const chained = files('', ', token: { secret: "c:prod/jwt" }', 'default-backend: v\n');
    expect(await token({ files: chained, env })).toMatchObject({
      exit: 64,
      stderr: expect.stringMatching(/--backend c/),
    });
    expect((await token({ files: chained, env, argv: ['--backend', 'c'] })).exit).toBe(0);
  });
});

describe('what is said', () => {
  test('--json has the same members each time, and numbers with their own digits', async () => {
    const claims = fineClaims({ project_path: 'g/p', namespace_path: 'g', project_id: 'D' });
    const text = JSON.stringify(claims).replace('"D"', '9007199254740993');
    const { stdout } = await token({ argv: ['--json'], env: { SECRETCTL_ID_TOKEN: craftToken(RS256, text) } });
    expect(stdout).toContain('"project_id": 9007199254740993');
    expect(JSON.parse(stdout)).toMatchObject({
      source: 'variable SECRETCTL_ID_TOKEN',
      issuer: claims['iss'],
      audience: [claims['aud']],
      subject: claims['sub'],
      expires_at: claims['exp'],
      lifetime_seconds: 300,
      alg: 'RS256',
      kid: 'test',
      identity: { project_path: 'g/p' },
      verification: null,
    });
    const bare = JSON.parse(
      (await token({ argv: ['--json'], env: { SECRETCTL_ID_TOKEN: craftToken({ alg: 'ES256' }, {}) } })).stdout,
    );
    expect(bare).toMatchObject({ issuer: null, audience: [], kid: null, expires_at: null, identity: {} });
    expect(Object.keys(bare)).toEqual(Object.keys(JSON.parse(stdout)));
  });

  test.each([
    ['text', []],
    ['JSON', ['--json']],
  ])('as %s opens no command of a CI and moves no cursor', async (_, argv) => {
    const evil =
      'x\n##vso[task.setvariable]y ##[group]\u001b[2J ::add-mask::z section_start:1:a \u202e\u0085\u{e0001}##teamcity[';
    const claims = fineClaims({
      sub: evil,
      iss: evil,
      aud: evil,
      project_path: evil,
      namespace_path: evil,
      ref: { [evil]: evil },
    });
    const env = { SECRETCTL_ID_TOKEN: craftToken({ ...RS256, kid: evil }, claims) };
    const { exit, stdout } = await token({ argv, env });
    expect(exit).toBe(0);
    expect(stdout).not.toMatch(/##(?:vso|teamcity)?\[|::|section_(?:start|end):/);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    for (const line of stdout.split('\n')) expect(line).not.toMatch(/^(?:x|##|y)/);
    if (argv.length > 0) {
      const { subject, kid, identity, restricting } = JSON.parse(stdout);
      expect([subject, kid, identity.project_path, restricting.ref[evil]]).toEqual([evil, evil, evil, evil]);
    }
  });

  test('an expired token is said to be, and that is no failure of this command', async () => {
    const expired = craftToken(RS256, fineClaims({ exp: 1_700_000_000, iat: 1_699_999_000 }));
    const { exit, stdout } = await token({ env: { SECRETCTL_ID_TOKEN: expired } });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/expired +.*ago \(2023-11-14/);
  });

  test('an algorithm that the backend takes no tokens of', async () => {
    const env = { SECRETCTL_ID_TOKEN: craftToken({ alg: 'ES256' }, fineClaims()) };
    const { stdout } = await token({ files: { 'secretctl.yaml': `backends: { c: ${CONJUR} } }\n` }, env });
    expect(stdout).toMatch(/alg +ES256; CyberArk Conjur takes none of these/);
  });
});

describe('never the token', () => {
  const signature = Buffer.from(canary()).toString('base64url');
  const jwt = craftToken(RS256, fineClaims({ jti: canary() }), signature);

  test.each([[[]], [['--json']], [['--debug']], [['--dry-run']], [['--verify', '--timeout', '1s', '--debug']]])(
    'with %j',
    async (argv) => {
      const env = { SECRETCTL_ID_TOKEN: jwt.replace(signature, signature) };
      const { stdout, stderr } = await token({ argv, env });
      expect(stdout).toContain('gitlab.example.test');
      expect(findLeaks('what was said', stdout + stderr, [signature, ...jwt.split('.')])).toEqual([]);
    },
  );
});

describe('the command line', () => {
  test.each([
    [['--keys-url', 'https://x.example/keys'], 64],
    [['--verify', '--keys-url', 'http://x.example/keys'], 78],
    [['--verify', '--keys-url', 'https://u:p@x.example/keys'], 78],
    [['extra'], 64],
  ])('%j is refused', async (argv, exit) => {
    expect(await token({ argv, env: { SECRETCTL_ID_TOKEN: JWT } })).toMatchObject({ exit, stdout: '' });
  });

  test('--dry-run says how a token would be asked for, and asks nobody', async () => {
    const env = {
      GITHUB_ACTIONS: 'true',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://127.0.0.1:1/token?x=y',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: canary(),
    };
    const { exit, stdout } = await token({ argv: ['--dry-run', '--verify'], env });
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: expect.stringMatching(/would come from: GET https:\/\/127/) });
    expect(JSON.parse((await token({ argv: ['--dry-run', '--json'], env })).stdout)).toMatchObject({ source: null });
  });
});

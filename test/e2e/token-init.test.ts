import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findLeaks, findLeaksBelow } from '../support/canaries.ts';
import { type Finished, PROGRAM, runProgram } from '../support/program.ts';

const TERMINAL = path.join(import.meta.dirname, '../support/terminal.py');
const hasPython = spawnSync('python3', ['--version']).status === 0;

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'token-init-'));
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** Runs a script as a job of that CI; the token that it had, and what came of it. */
async function job(ci: string, script: string, ...flags: readonly string[]): Promise<Finished> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, SECRETCTL_DEBUG: '1' };
  return runProgram(['dev', 'exec', '--ci', ci, ...flags, '--', 'sh', '-c', script], { env, cwd });
}

describe('secretctl token in a job', () => {
  test.each(['gitlab', 'jenkins', 'github', 'azure', 'circleci', 'buildkite', 'kubernetes'])(
    'of %s verifies against the keys that its issuer publishes',
    { timeout: 60_000 },
    async (ci) => {
      const { exit, stdout, stderr } = await job(ci, 'secretctl token --verify --json');
      expect(exit, stderr).toBe(0);
      expect(JSON.parse(stdout.toString())).toMatchObject({
        alg: 'RS256',
        verification: { verified: true, signed: true, reason: null },
      });
    },
  );

  test('another audience than the expected one ends with 79, and says all that it knows', async () => {
    const { exit, stdout, stderr } = await job('gitlab', 'secretctl token --verify --audience https://other.example');
    expect(exit).toBe(79);
    expect(stderr).toMatch(/error\[TOKEN_AUDIENCE\]/);
    expect(stdout.toString()).toMatch(
      /not the configured "https:\/\/other\.example".*signature +by a key of the issuer/s,
    );
  });

  test('leaves no byte of the token anywhere', { timeout: 60_000 }, async () => {
    const commands = ['token', 'token --json', 'token --verify', 'token --verify --json', 'token --debug --dry-run'];
    const script = `printf %s "$SECRETCTL_ID_TOKEN" > jwt; ${commands.map((one) => `secretctl ${one}`).join('; ')}`;
    const { stdout, stderr } = await job('gitlab', script);
    const jwt = readFileSync(path.join(cwd, 'jwt'), 'utf8');
    expect(jwt.split('.')).toHaveLength(3);
    const canaries = [jwt, ...jwt.split('.')];
    expect(stdout.toString().match(/"subject"/g)).toHaveLength(2);
    expect(findLeaks('what was said', stdout.toString() + stderr, canaries)).toEqual([]);
    expect(findLeaksBelow(cwd, canaries, [path.join(cwd, 'jwt')])).toEqual([]);
  });
});

describe('secretctl init at a terminal', () => {
  /** What a person types, at a terminal of a usual size. */
  function typed(steps: readonly (readonly [string, string])[], flags = ''): { screen: string; code?: number } {
    const command = `stty cols 100 rows 40; exec "${process.execPath}" "${PROGRAM}" init ${flags}`;
    const { stdout } = spawnSync('python3', [TERMINAL, JSON.stringify(steps), 'sh', '-c', command], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: cwd, TERM: 'xterm' },
      encoding: 'utf8',
      timeout: 30_000,
    });
    return JSON.parse(stdout) as { screen: string; code?: number };
  }

  test.skipIf(!hasPython)(
    'asks for what it cannot detect, once each, and writes what was said',
    { timeout: 60_000 },
    () => {
      const { screen, code } = typed([
        ['wait', 'Where are the secrets?'],
        // Down twice: Conjur.
        ['type', '\u001b[B\u001b[B\r'],
        ['wait', 'Which CI runs the job?'],
        ['type', '\r'],
        ['wait', 'url: '],
        ['type', 'https://c.example\r'],
        ['wait', 'account: '],
        ['type', 'prod\r'],
        ['wait', 'service-id: '],
        ['type', 'ci\r'],
        ['wait', 'audience that'],
        ['type', '\r'],
        ['wait', 'a first secret'],
        ['type', 'DB=prod/db\r'],
      ]);
      expect({ code }, screen).toEqual({ code: 0 });
      expect(load(readFileSync(path.join(cwd, 'secretctl.yaml'), 'utf8'))).toEqual({
        backends: {
          conjur: {
            type: 'conjur',
            url: 'https://c.example',
            account: 'prod',
            'service-id': 'ci',
            token: { audience: 'https://c.example' },
          },
        },
        secrets: { DB: 'prod/db' },
      });
      expect(screen).toMatch(/id_tokens:/);
    },
  );

  test.skipIf(!hasPython)('asks nothing where everything is said', { timeout: 60_000 }, () => {
    const flags = '--ci gitlab --backend vault --url https://v.example --audience a';
    const { screen, code } = typed([], flags);
    expect({ code }, screen).toEqual({ code: 0 });
    expect(screen).not.toContain('?');
    expect(existsSync(path.join(cwd, 'secretctl.yaml'))).toBe(true);
  });

  test.skipIf(!hasPython)('writes nothing when it is left with Ctrl-C', { timeout: 60_000 }, () => {
    const { screen, code } = typed([
      ['wait', 'Where are the secrets?'],
      ['type', '\u0003'],
    ]);
    expect({ code }, screen).toEqual({ code: 130 });
    expect(existsSync(path.join(cwd, 'secretctl.yaml'))).toBe(false);
  });
});

test('what init writes is what a job of that CI works with', { timeout: 60_000 }, async () => {
  const script = [
    'secretctl init --ci gitlab DB_PASSWORD=app/db-password > job.yml',
    'unset CONJUR_APPLIANCE_URL CONJUR_ACCOUNT CONJUR_AUTHN_JWT_SERVICE_ID SECRETCTL_CONFIG',
    'secretctl run --audience secretctl-rehearsal -- sh -c \'test -n "$DB_PASSWORD"\'',
    'secretctl logout',
  ].join(' && ');
  const { exit, stderr } = await job('gitlab', script);
  expect(exit, stderr).toBe(0);
  expect(load(readFileSync(path.join(cwd, 'job.yml'), 'utf8'))).toHaveProperty('deploy.id_tokens');
});

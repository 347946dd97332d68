import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { canary, findLeaks } from '../../support/canaries.ts';
import { CI_FIXTURES } from '../../support/ci-jobs.ts';
import { craftToken, fineClaims, RS256 } from '../../support/craft.ts';
import { PROGRAM, runCommand } from '../../support/program.ts';
import { openTokenServer, type TokenAnswer } from '../../support/token-server.ts';

/** One fetch of a GitHub job whose CI answers like this; everything that it said. */
async function fetchAs(right: string, answer: TokenAnswer) {
  const { origin, came } = await openTokenServer(answer);
  const cwd = mkdtempSync(path.join(tmpdir(), 'echoed-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const env = {
    ...CI_FIXTURES.find(({ name }) => name === 'github')?.env,
    PATH: '/usr/bin:/bin',
    HOME: cwd,
    VAULT_ADDR: 'http://127.0.0.1:9',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/idtoken?v=1`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: right,
  };
  const args = ['--conditions=source', PROGRAM, 'fetch', '--debug', '--timeout', '5s', '-o', 'out', 'A=kv/a'];
  const finished = await runCommand(process.execPath, args, { cwd, env });
  return { finished, came, all: `${finished.stdout.toString()}${finished.stderr}` };
}

test('a server that says the right to ask in its refusal does not make us say it', async () => {
  const right = canary(64);
  const { finished, came, all } = await fetchAs(right, { status: 403, body: { message: `no ${right} here` } });
  expect(finished.stderr).toContain('error[AUTH_REFUSED]');
  expect(came).toHaveLength(1);
  expect(findLeaks('output', all, [right])).toEqual([]);
});

test('nothing of a token that came is said, whatever becomes of it', async () => {
  const [right, jti] = [canary(64), canary(64)];
  const jwt = craftToken({ ...RS256, alg: 'none' }, fineClaims({ jti }), canary(64));
  const { finished, all } = await fetchAs(right, { body: { value: jwt } });
  expect(finished.exit).toBe(79);
  expect(findLeaks('output', all, [right, jwt, jti])).toEqual([]);
});

test('an agent that says what it asks with does not make us say it', async () => {
  const right = canary(64);
  const cwd = mkdtempSync(path.join(tmpdir(), 'echoed-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const agent = '#!/bin/sh\necho "no token for $BUILDKITE_AGENT_ACCESS_TOKEN" >&2; exit 1\n';
  writeFileSync(path.join(cwd, 'buildkite-agent'), agent, { mode: 0o755 });
  const env = {
    BUILDKITE: 'true',
    BUILDKITE_AGENT_ACCESS_TOKEN: right,
    PATH: `${cwd}:/usr/bin:/bin`,
    HOME: cwd,
    VAULT_ADDR: 'http://127.0.0.1:9',
  };
  const args = ['--conditions=source', PROGRAM, 'fetch', '--debug', '--timeout', '5s', '-o', 'out', 'A=kv/a'];
  const finished = await runCommand(process.execPath, args, { cwd, env });
  expect(finished.stderr).toContain('error[TOKEN_MISSING]');
  expect(findLeaks('output', `${finished.stdout.toString()}${finished.stderr}`, [right])).toEqual([]);
});

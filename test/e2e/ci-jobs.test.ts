import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CI_NAMES } from '../../src/dev/index.ts';
import { canary, findLeaks } from '../support/canaries.ts';
import { MASK_READERS, maskedBy } from '../support/ci-maskers.ts';
import { runProgram } from '../support/program.ts';

const VALUE = canary();

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'ci-jobs-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** Runs a command as a job of that CI. */
function rehearse(ci: string, flags: readonly string[], command: readonly string[], place = cwd) {
  const own = ['dev', 'exec', '--ci', ci, '--backend', 'vault'];
  const { PATH = '', HOME = '' } = process.env;
  const args = [...own, '--secret', `kv/app=${VALUE}`, ...flags, '--', ...command];
  return runProgram(args, { cwd: place, env: { PATH, HOME } });
}

describe.each(CI_NAMES)('%s', (ci) => {
  test('a job of it finds its token as it would there, and nothing else sees it', async () => {
    const command = 'env >env.txt; secretctl fetch --debug A=kv/app --format raw';
    const finished = await rehearse(ci, ['--secret', 'kv/json={"value":"x"}'], ['sh', '-c', command]);
    expect(finished.exit, finished.stderr).toBe(0);
    expect(finished.stdout.toString()).toContain(VALUE);
    const env = readFileSync(path.join(cwd, 'env.txt'), 'utf8');
    const isDeclared = ci === 'gitlab' || ci === 'jenkins';
    expect(/^SECRETCTL_ID_TOKEN=/m.test(env)).toBe(isDeclared);
    const rights = [...env.matchAll(/^(?:ACTIONS_ID_TOKEN_REQUEST_TOKEN|SYSTEM_ACCESSTOKEN)=(?<right>.+)$/gm)];
    for (const { groups } of rights)
      expect(findLeaks('stderr', finished.stderr, [groups?.['right'] ?? ''])).toEqual([]);
    // What a CI that is told what to mask takes out, it does not show.
    const reader = Object.values(MASK_READERS).find(({ fixture }) => fixture === ci);
    const said = reader === undefined ? finished.stderr : maskedBy(reader, finished.stderr).log;
    expect(said).not.toMatch(/eyJ/);
    expect(findLeaks('stderr', said, [VALUE])).toEqual([]);
  });
});

test.each(['github', 'buildkite', 'circleci'])(
  '%s: the audience that is asked for is the one that comes',
  async (ci) => {
    const fetch = (host: string): string =>
      `secretctl fetch --audience https://${host}.example.test A=kv/app --format raw`;
    const script = `${fetch('vault')} || exit 1; ${fetch('other')}; test $? = 77`;
    const finished = await rehearse(ci, ['--audience', 'https://vault.example.test'], ['sh', '-c', script]);
    expect(finished.exit, finished.stderr).toBe(0);
    expect(finished.stdout.toString()).toBe(VALUE);
  },
);

test.each(['azure', 'buildkite'])('%s: a plan asks nobody', async (ci) => {
  const report = path.join(cwd, `${ci}.json`);
  const finished = await rehearse(ci, ['--report', report], ['secretctl', 'fetch', '--dry-run', 'A=kv/app']);
  expect(finished.exit, finished.stderr).toBe(0);
  expect(finished.stdout.toString()).toMatch(/ID token +would come from: (?:GET|POST|run) \S+/);
  expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ requests: [] });
});

test.each(['github', 'kubernetes'])(
  '%s: a configuration that names a real server is overruled, token and all',
  async (ci) => {
    const place = mkdtempSync(path.join(cwd, 'configured-'));
    const backends = '{ v: { type: vault, url: "https://vault.example.test", token: { source: gitlab } } }';
    writeFileSync(path.join(place, 'secretctl.yaml'), `backends: ${backends}\n`);
    const fetch = ['secretctl', 'fetch', 'A=kv/app', '--format', 'raw'];
    const finished = await rehearse(ci, [], fetch, place);
    expect(finished.exit, finished.stderr).toBe(0);
  },
);

test('azure: what was kept for the pipeline is not what a service connection gets', async () => {
  const report = path.join(cwd, 'connection.json');
  const fetch = 'secretctl fetch A=kv/app --format raw';
  // The rehearsed backend takes the pipeline's subject alone.
  const other = `${fetch} --service-connection 2f1c9b6e-5a0c-4d0e-8a3e-2f7b6c1d9e80`;
  const script = `${fetch} && ${fetch} || exit 1; ${other}; test $? = 77`;
  const finished = await rehearse('azure', ['--report', report], ['sh', '-c', script]);
  expect(finished.exit, finished.stderr).toBe(0);
  expect(finished.stdout.toString()).toBe(VALUE + VALUE);
  // The second is the one that was refused.
  expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ exchanges: 2 });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RehearsalReport } from '../../src/dev/index.ts';
import { type Finished, runProgram } from '../support/program.ts';

let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'requests-'));
  writeFileSync(path.join(cwd, '30-secrets.yaml'), secrets(30));
  writeFileSync(path.join(cwd, '97-secrets.yaml'), secrets(97));
});

afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function secrets(count: number): string {
  return Array.from({ length: count }, (_, index) => `app/secret-${index}: value ${index}\n`).join('');
}

function rehearsed(options: readonly string[], command: readonly string[]): Promise<Finished> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, TMPDIR: tmpdir() };
  return runProgram(['dev', 'exec', '--report', 'r.json', ...options, '--', ...command], { cwd, env });
}

function report(): RehearsalReport {
  return JSON.parse(readFileSync(path.join(cwd, 'r.json'), 'utf8')) as RehearsalReport;
}

test('30 secrets from Conjur: one exchange, one read', async () => {
  const finished = await rehearsed(
    ['--backend', 'conjur', '--secrets', '30-secrets.yaml'],
    ['secretctl', 'fetch', '--format', 'json'],
  );
  expect(finished.exit, finished.stderr).toBe(0);
  expect(Object.keys(JSON.parse(finished.stdout.toString()) as object)).toHaveLength(30);
  expect(report()).toMatchObject({ exchanges: 1, reads: 1 });
  for (const request of report().requests)
    expect(Object.keys(request).toSorted()).toEqual(['method', 'milliseconds', 'path', 'status']);
});

test.each(['gitlab', 'jenkins', 'github', 'azure', 'circleci', 'buildkite'])(
  'three commands of one %s job: one exchange',
  async (ci) => {
    const three = 'for n in 1 2 3; do secretctl fetch --format json -o $n.json || exit; done';
    const options = ['--backend', 'conjur', '--secrets', '30-secrets.yaml', '--ci', ci];
    const finished = await rehearsed(options, ['sh', '-c', three]);
    expect(finished.exit, finished.stderr).toBe(0);
    expect(report()).toMatchObject({ exchanges: 1, reads: 3 });
  },
);

test('3 of 100 missing: all three named, in at most 15 requests', async () => {
  const references = Array.from({ length: 100 }, (_, index) => `S${index}=app/secret-${index}`);
  const finished = await rehearsed(
    ['--backend', 'conjur', '--secrets', '97-secrets.yaml'],
    ['secretctl', 'fetch', ...references],
  );
  expect(finished.exit).toBe(67);
  for (const missing of ['97', '98', '99']) expect(finished.stderr).toContain(`S${missing}: app/secret-${missing}: `);
  expect(finished.stderr).toContain('3 of 100 secrets');
  expect(finished.stdout.toString()).toBe('');
  expect(report().requests.length).toBeLessThanOrEqual(15);
});

test('the same command line fetches from FortiPAM, one exchange for all', async () => {
  const finished = await rehearsed(
    ['--backend', 'fortipam', '--secret', 'ci/a=1', '--secret', 'ci/b=2'],
    ['secretctl', 'fetch', '--format', 'json', 'A=ci/a', 'B=ci/b'],
  );
  expect(JSON.parse(finished.stdout.toString())).toEqual({ A: '1', B: '2' });
  expect(report().exchanges).toBe(1);
});

test('30 secrets from Vault: one exchange, one question for the mount, one read each; no question where the engine is set', async () => {
  const command = [
    'secretctl',
    'fetch',
    '--format',
    'json',
    ...Array.from({ length: 30 }, (_, index) => `S${index}=app/secret-${index}`),
  ];
  for (const [flags, requests] of [
    [[], 32],
    [['--vault-engine', 'kv-v2'], 31],
  ] as const) {
    const finished = await rehearsed(['--backend', 'vault', '--secrets', '30-secrets.yaml'], [...command, ...flags]);
    expect(finished.exit, finished.stderr).toBe(0);
    expect(Object.keys(JSON.parse(finished.stdout.toString()) as object)).toHaveLength(30);
    expect(report()).toMatchObject({ exchanges: 1, reads: 30 });
    expect(report().requests).toHaveLength(requests);
  }
});

test('30 secrets from AWS: one exchange and two batches', async () => {
  const finished = await rehearsed(
    ['--backend', 'aws', '--secrets', '30-secrets.yaml'],
    ['secretctl', 'fetch', '--format', 'json'],
  );
  expect(finished.exit, finished.stderr).toBe(0);
  expect(Object.keys(JSON.parse(finished.stdout.toString()) as object)).toHaveLength(30);
  expect(report()).toMatchObject({ exchanges: 1, reads: 2 });
  expect(report().requests).toHaveLength(3);
});

test('a job that reads a dynamic secret twice makes two, and logging out ends them', async () => {
  const twice =
    'secretctl fetch --format json U=database/creds/app#username && secretctl fetch --format json P=database/creds/app#password && secretctl logout';
  const finished = await rehearsed(['--backend', 'vault', '--option', 'mount-in=path'], ['sh', '-c', twice]);
  expect(finished.exit, finished.stderr).toBe(0);
  expect(report()).toMatchObject({ exchanges: 1, reads: 2 });
  expect(report().requests.at(-1)).toMatchObject({ method: 'POST', path: '/v1/auth/token/revoke-self', status: 204 });
});

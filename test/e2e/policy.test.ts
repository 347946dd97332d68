import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BACKENDS } from '../../src/backends/index.ts';
import { type DevPlace, openDevPlace } from '../support/dev-place.ts';
import { type Finished, runProgram } from '../support/program.ts';

let place: DevPlace;

beforeEach(() => {
  place = openDevPlace();
});

afterEach(() => place.close());

/** `secretctl policy …` as a job of a rehearsal. */
function policy(rehearsal: readonly string[], ...words: readonly string[]): Promise<Finished> {
  return place.dev(['exec', ...rehearsal, '--', 'secretctl', 'policy', ...words]);
}

function reasonOf({ stderr }: Finished): string | undefined {
  return /error\[(?<reason>\w+)\]/.exec(stderr)?.groups?.['reason'];
}

const WRITERS = ['conjur', 'vault', 'fortipam', 'aws', 'gcp', 'azure', 'venafi'];

describe.each(WRITERS)('%s', (backend) => {
  test('the documents stand under their names, nothing is sent, and nothing of the token is printed', async () => {
    const report = path.join(place.work, 'report.json');
    const finished = await policy(['--backend', backend, '--report', report]);
    expect([finished.exit, finished.stderr]).toEqual([0, '']);
    expect(finished.stdout.toString()).toMatch(/^==> [\w.-]+\n {4}\S.*\n\n/);
    expect(finished.stdout.toString()).toMatch(/\n==> notes\n\n- /);
    expect(finished.stdout.toString()).not.toMatch(/eyJ[\w-]{20}/);
    const { requests } = JSON.parse(readFileSync(report, 'utf8')) as { requests: unknown[] };
    expect(requests).toEqual([]);
  });

  test('as data it is loaded by the server, which then lets this job in and no other', async () => {
    const written = await policy(['--backend', backend], '--json');
    const file = path.join(place.work, 'policy.json');
    writeFileSync(file, written.stdout);
    const rehearsed = ['exec', '--backend', backend, '--policy', file];
    const claim = ['aws', 'azure', 'venafi'].includes(backend) ? 'sub' : 'ref';
    expect((await place.dev([...rehearsed, '--', 'secretctl', 'login'])).exit).toBe(0);
    const other = await place.dev([...rehearsed, '--claim', `${claim}=other`, '--', 'secretctl', 'login']);
    expect([other.exit, reasonOf(other)]).toEqual([77, 'AUTH_REFUSED']);
  });
});

test.each(BACKENDS.map(({ type }) => type).filter((type) => !WRITERS.includes(type)))(
  '%s has no policy, and says so',
  async (backend) => {
    const finished = await policy(['--backend', backend]);
    expect([finished.exit, reasonOf(finished), finished.stdout.length]).toEqual([65, 'POLICY_IMPOSSIBLE', 0]);
  },
);

test.each([
  ['conjur', ['--claim', 'runner_id'], 65, 'POLICY_IMPOSSIBLE'],
  ['aws', ['--claim', 'ref'], 65, 'POLICY_IMPOSSIBLE'],
  ['conjur', ['--identity', 'nothing'], 65, 'POLICY_IMPOSSIBLE'],
  ['conjur', ['--unknown'], 64, 'USAGE'],
  ['conjur', ['--token-env', 'NOT_SET'], 66, 'TOKEN_MISSING'],
])('%s %j ends with %i', async (backend, words, exit, reason) => {
  const finished = await policy(['--backend', backend], ...words);
  expect([finished.exit, reasonOf(finished), finished.stdout.length]).toEqual([exit, reason, 0]);
});

test.each([
  ['nothing of ours', '{}', 78, 'CONFIG_INVALID'],
  ['no JSON', 'x', 78, 'CONFIG_INVALID'],
  ['of another backend', '{"backend":"vault","issuer":"https://localhost:1","documents":[]}', 64, 'USAGE'],
  ['without documents', '{"backend":"conjur","issuer":"https://localhost:1","documents":[]}', 78, 'CONFIG_INVALID'],
])('a policy file that is %s ends the rehearsal before it begins', async (_, text, exit, reason) => {
  const file = path.join(place.work, 'policy.json');
  writeFileSync(file, text);
  const finished = await place.dev(['exec', '--backend', 'conjur', '--policy', file, '--', 'true']);
  expect([finished.exit, reasonOf(finished)]).toEqual([exit, reason]);
});

test('of several backends one has to be named', async () => {
  const backends = {
    a: { type: 'vault' },
    b: { type: 'fortipam', url: 'https://localhost:2' },
  };
  writeFileSync(path.join(place.work, 'secretctl.yaml'), JSON.stringify({ backends }));
  const unclear = await policy(['--backend', 'vault']);
  expect([unclear.exit, reasonOf(unclear)]).toEqual([64, 'USAGE']);
  const named = await policy(['--backend', 'vault'], '--backend', 'a');
  expect([named.exit, named.stdout.length > 0]).toEqual([0, true]);
});

test('--dry-run reads no token and writes nothing but what it would do', async () => {
  const finished = await policy(['--backend', 'conjur'], '--dry-run', '--token-env', 'NOT_SET');
  expect(finished.exit).toBe(0);
  expect(finished.stdout.toString()).toMatch(/^would write a policy for https:/);
});

test('what no policy can mend is said first', async () => {
  const [header, claims] = [{ alg: 'ES256' }, { iss: 'https://ci.example', aud: 'a', sub: 'job' }].map((part) => {
    return Buffer.from(JSON.stringify(part)).toString('base64url');
  });
  const env = {
    CONJUR_APPLIANCE_URL: 'https://conjur.example',
    CONJUR_ACCOUNT: 'prod',
    CONJUR_AUTHN_JWT_SERVICE_ID: 'ci',
    SECRETCTL_ID_TOKEN: `${header}.${claims}.c2ln`,
  };
  const finished = await runProgram(['policy'], { cwd: place.work, env: place.environment(env) });
  expect([finished.exit, finished.stderr]).toEqual([0, '']);
  const notes = finished.stdout.toString().split('==> notes\n\n')[1] ?? '';
  expect(notes.match(/^- WARNING: .*$/gm)).toEqual([
    expect.stringContaining('"ES256"'),
    expect.stringContaining('"kid"'),
    expect.stringContaining('no exp'),
  ]);
});

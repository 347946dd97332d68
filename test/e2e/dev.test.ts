import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DevPlace, openDevPlace } from '../support/dev-place.ts';
import type { Finished } from '../support/program.ts';

let place: DevPlace;

beforeEach(() => {
  place = openDevPlace();
});

afterEach(() => place.close());

describe('dev exec -- secretctl fetch', () => {
  test('shows the made-up secrets at once', async () => {
    const { finished, report } = await place.reported([], ['secretctl', 'fetch', '--format', 'json']);
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(json(finished)).toEqual({
      DB_PASSWORD: '"quoted" and costs $5 # no comment',
      DB_CONNECTION: '{"host":"db.example.com","port":5432,"user":"shop"}',
      TLS_KEY: expect.stringMatching(/^-----BEGIN [^]*\n[^]*\n-----END .*-----\n$/),
    });
    expect(report).toMatchObject({ exchanges: 1, reads: 1 });
  });

  test('gives the bytes of the one that is no text', async () => {
    const finished = await place.dev(['exec', '--', 'secretctl', 'fetch', '--format', 'raw', 'K=app/keystore']);
    expect(finished.stdout).toEqual(Buffer.from('feedfeed0000000200000000c0ffee00ff80', 'hex'));
  });

  test.each([
    ['gitlab', 'conjur'],
    ['jenkins', 'conjur'],
    ['gitlab', 'fortipam'],
    ['jenkins', 'fortipam'],
    ['gitlab', 'vault'],
    ['jenkins', 'vault'],
  ])('works as a job of %s with %s', async (ci, backend) => {
    const args = ['--ci', ci, '--backend', backend, '--secret', 'team/one=1 = one', '--secret', 'team/two=$2'];
    const { finished, report } = await place.reported(args, ['secretctl', 'fetch', '--format', 'json']);
    expect(finished.stderr).toBe('');
    expect(json(finished)).toEqual({ ONE: '1 = one', TWO: '$2' });
    expect(report.exchanges).toBe(1);
  });

  test('thirty secrets of a file take one exchange and one read; three commands, one exchange', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `app/secret-${index + 1}`);
    const file = path.join(place.work, '30-secrets.yaml');
    writeFileSync(file, names.map((name) => `${name}: "value of ${name}"\n`).join(''));
    const once = await place.reported(
      ['--backend', 'conjur', '--secrets', file],
      ['secretctl', 'fetch', '--format', 'json'],
    );
    expect(json(once.finished)).toMatchObject({ SECRET_30: 'value of app/secret-30' });
    expect(once.report).toMatchObject({ exchanges: 1, reads: 1 });
    const fetch = 'secretctl fetch --format json';
    const thrice = await place.reported(['--secrets', file], ['sh', '-c', `${fetch} && ${fetch} && ${fetch}`]);
    expect(thrice.finished).toMatchObject({ exit: 0, stderr: '' });
    expect(thrice.report).toMatchObject({ exchanges: 1, reads: 3 });
  });

  test('two rehearsals share no kept token', async () => {
    const command = ['secretctl', 'fetch', '--format', 'json'];
    expect((await place.reported([], command)).report.exchanges).toBe(1);
    expect((await place.reported([], command)).report.exchanges).toBe(1);
  });

  test.each([
    ['github', 'github-env', 'GITHUB_ENV', /^PASSWORD<</],
    ['circleci', 'circleci', 'BASH_ENV', /^.*export PASSWORD=/s],
  ])('a job of %s hands variables to its later steps', async (ci, format, variable, written) => {
    const shell = `secretctl fetch --format ${format} PASSWORD=app/db-password && cat "$${variable}"`;
    const finished = await place.dev(['exec', '--ci', ci, '--', 'sh', '-c', shell]);
    expect(finished.exit, finished.stderr).toBe(0);
    expect(finished.stdout.toString()).toMatch(written);
    expect(finished.stdout.toString()).toContain('"quoted" and costs $5 # no comment');
  });

  test('refuses the log of a job when standard output is to be one', async () => {
    const finished = await place.dev(['exec', '--stdout-is-log', '--', 'secretctl', 'fetch', '--format', 'json']);
    expect(finished.exit).toBe(73);
    expect(finished.stdout).toHaveLength(0);
    expect(finished.stderr).toContain('error[STDOUT_IS_LOG]');
  });
});

describe('dev exec and a configuration that is there', () => {
  test('leads one with a real address to the rehearsal', async () => {
    writeFileSync(path.join(place.work, 'secretctl.yaml'), configuration('https://conjur.example.com'));
    const { finished, report } = await place.reported([], ['secretctl', 'fetch', '--format', 'json']);
    expect(finished.stderr).toBe('');
    expect(json(finished)).toEqual({ PASSWORD: '"quoted" and costs $5 # no comment' });
    expect(report).toMatchObject({ exchanges: 1, reads: 1 });
  });

  test('leads one to the rehearsal whose address is that of its product', async () => {
    const role = 'role-arn: "arn:aws:iam::123456789012:role/shop", region: eu-central-1';
    const text = `backends: { ours: { type: aws, ${role}, token: { audience: sts.amazonaws.com } } }\n`;
    writeFileSync(path.join(place.work, 'secretctl.yaml'), `${text}secrets: { PASSWORD: app/db-password }\n`);
    for (const ci of ['gitlab', 'github']) {
      const args = ['exec', '--ci', ci, '--backend', 'aws', '--', 'secretctl', 'fetch', '--format', 'json'];
      const finished = await place.dev(args);
      expect(finished.exit, finished.stderr).toBe(0);
      expect(json(finished)).toEqual({ PASSWORD: '"quoted" and costs $5 # no comment' });
    }
  });

  test('lets nothing go to a backend that is not rehearsed, and sends nothing before that', async () => {
    const text = configuration('https://conjur.example.com')
      .replace('secrets:', '  pam: { type: fortipam, url: "https://127.0.0.1:9" }\ndefault-backend: ours\nsecrets:')
      .concat('  ROUTER: pam:network/router#password\n');
    writeFileSync(path.join(place.work, 'secretctl.yaml'), text);
    const { finished, report } = await place.reported([], ['secretctl', 'fetch', '--format', 'json']);
    expect(finished.stderr).toContain('error[ENDPOINT_NOT_ALLOWED]');
    expect(finished.exit).toBe(78);
    expect(report.requests).toEqual([]);
  });

  test('names the endpoint of the rehearsal once in a plan', async () => {
    writeFileSync(path.join(place.work, 'secretctl.yaml'), configuration('https://conjur.example.com'));
    const { stdout } = await place.dev(['exec', '--', 'secretctl', 'fetch', '--dry-run']);
    expect(stdout.toString().match(/https:\/\/127\.0\.0\.1:\d+\//g)).toHaveLength(1);
  });

  test('says in a plan what the exchange itself brings', async () => {
    const args = ['exec', '--backend', 'token-exchange', '--', 'secretctl', 'fetch', '--dry-run', 'API=access_token'];
    const { stdout } = await place.dev(args);
    expect(stdout.toString()).toContain('(exchange, unless an access token is kept; brings API)');
  });

  test.each([
    ['in the file', 'token: { env: JOB_TOKEN }', ''],
    [
      'in a profile',
      'account: rehearsal',
      'profiles: { mine: { backends: { ours: { token: { env: JOB_TOKEN } } } } }\n',
    ],
  ])('puts the token into the variable that it names, %s', async (_, entry, profiles) => {
    const text = `backends: { ours: { type: conjur, ${entry} } }\n${profiles}secrets: { PASSWORD: app/db-password }\n`;
    writeFileSync(path.join(place.work, 'secretctl.yaml'), text);
    const env = profiles === '' ? {} : { SECRETCTL_PROFILE: 'mine' };
    const command = ['sh', '-c', 'test -n "$JOB_TOKEN" && secretctl fetch --format json'];
    const finished = await place.dev(['exec', '--', ...command], { env });
    expect(finished).toMatchObject({ exit: 0, stderr: '' });
    expect(json(finished)).toEqual({ PASSWORD: '"quoted" and costs $5 # no comment' });
    const elsewhere = await place.dev(['exec', '--token-env', 'OTHER', '--', ...command], { env });
    expect(elsewhere.exit).toBe(1);
  });

  test('leaves a wrong address to the command', async () => {
    writeFileSync(path.join(place.work, 'secretctl.yaml'), configuration('http://conjur.example.com'));
    const { finished, report } = await place.reported([], ['secretctl', 'fetch', '--format', 'json']);
    expect(finished.stderr).toContain('PLAIN_HTTP');
    expect(finished.exit).toBe(78);
    expect(report.requests).toEqual([]);
  });
});

describe('faults', () => {
  test.each([
    ['exchange:503*2', 0, { exchanges: 3, reads: 1 }],
    ['read:429*1;retry-after=0', 0, { exchanges: 1, reads: 2 }],
    ['read:html', 76, { exchanges: 1, reads: 1 }],
    ['exchange:redirect', 76, { exchanges: 1, reads: 0 }],
    ['exchange:401', 77, { reads: 0 }],
  ])('%s ends with %i', async (fault, exit, counts) => {
    const { finished, report } = await place.reported(['--fault', fault], ['secretctl', 'fetch', '--format', 'json']);
    expect(finished.exit).toBe(exit);
    expect(report).toMatchObject(counts);
  });

  test('a claim that the server does not expect is refused', async () => {
    const args = ['exec', '--claim', 'project_path=acme/other', '--', 'secretctl', 'fetch', '--format', 'json'];
    expect(await place.dev(args)).toMatchObject({ exit: 77, stdout: Buffer.alloc(0) });
  });

  test('a forbidden path is named', async () => {
    const args = [
      'exec',
      '--secret',
      'a/open=1',
      '--forbid',
      'a/closed',
      '--',
      'secretctl',
      'fetch',
      '--format',
      'json',
    ];
    const finished = await place.dev(args);
    expect(finished).toMatchObject({ exit: 77, stdout: Buffer.alloc(0) });
    expect(finished.stderr).toContain('a/closed');
  });
});

function json({ stdout }: Finished): unknown {
  return JSON.parse(stdout.toString());
}

function configuration(url: string): string {
  return `
backends:
  ours:
    type: conjur
    url: ${url}
    account: prod
    service-id: gitlab
    ca-file: /nowhere/ca.pem
    token: { env: CONJUR_ID_TOKEN, audience: https://conjur.example.com }
secrets:
  PASSWORD: ours:app/db-password
`;
}

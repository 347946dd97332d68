import { Writable } from 'node:stream';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { registerMasks } from '../../../src/output/mask.ts';
import { linesOf } from '../../../src/output/spellings.ts';
import { whyNotHidden } from '../../../src/output/worth-hiding.ts';
import { platformOf } from '../../../src/sources/platforms.ts';
import { CI_FIXTURES } from '../../support/ci-jobs.ts';
import { MASK_READERS, maskedBy, withProxy } from '../../support/ci-maskers.ts';
import { awkwardTexts, NASTY } from '../../support/nasty-values.ts';
import { type Env, environmentOf, masks, masksOf, orderOf } from '../../support/registered-masks.ts';
import { invocationIn } from '../../support/sink-invocation.ts';
import { plainEnvironment, runShell, runSink, sinkCommand, workplace } from '../../support/sink-runs.ts';

const GITHUB = { GITHUB_ACTIONS: 'true' };
const FORGEJO = { GITHUB_ACTIONS: 'true', GITEA_ACTIONS: 'true', FORGEJO_ACTIONS: 'true' };

describe('GitHub Actions', () => {
  const TABLE: readonly [what: string, value: string | Buffer, lines: string[]][] = [
    ['a plain value', 'p4ssw0rd', ['p4ssw0rd']],
    ['percent signs and carriage returns', '150%\rabcd', ['150%25%0Dabcd', '150%25', 'abcd']],
    ['several lines', 'line one\nline two!\n', ['line one%0Aline two!%0A', 'line two!', 'line one']],
    ['edge spaces', '  spaced  ', ['  spaced  ', 'spaced']],
    ['a command in the value', '::add-mask::x', ['::add-mask::x']],
    ['a heredoc', 'A<<EOF\nEOF=1', ['A<<EOF%0AEOF=1', 'A<<EOF', 'EOF=1']],
    ['an empty value', '', []],
  ];

  test.each(TABLE)('%s', async (_what, value, expected) => {
    const { lines, warnings } = await masks(GITHUB, value);
    expect(lines).toEqual(expected.map((line) => `::add-mask::${line}`));
    expect(warnings).toEqual([]);
  });

  test('a value with lines too short to hide goes out line by line, with its base64', async () => {
    const { lines } = await masks(GITHUB, '{\n  "key": "s3cret"\n}');
    expect(lines).toContain('::add-mask::"key": "s3cret"');
    expect(lines).not.toContain('::add-mask::{');
    expect(lines.every((line) => !line.includes('%0A'))).toBe(true);
    const whole = Buffer.from('{\n  "key": "s3cret"\n}').toString('base64').replace(/=+$/, '');
    expect(lines.some((line) => whole.startsWith(line.replace('::add-mask::', '')))).toBe(true);
  });

  test('a value that is no text goes out as base64 only', async () => {
    const bytes = Buffer.from([0, 255, 1, 254, 2, 253, 3, 252, 4]);
    const { lines } = await masks(GITHUB, bytes);
    expect(lines).toContain(`::add-mask::${bytes.toString('base64')}`);
    expect(lines.join('')).toMatch(/^[\x20-\x7e]+$/);
  });

  test('longest first, over all values, each once', async () => {
    const { lines } = await masks(GITHUB, 'abcd', 'abcdefgh', 'abcdef', 'abcd');
    expect(lines).toEqual(['::add-mask::abcdefgh', '::add-mask::abcdef', '::add-mask::abcd']);
  });

  test.each(['ab', 'true', 'FALSE', '1', '   ', '----'])('%j would wreck the log: named, not masked', async (value) => {
    const { lines, warnings } = await masks(GITHUB, 'a real one', value);
    expect(lines).toEqual(['::add-mask::a real one']);
    expect(warnings).toEqual([expect.stringContaining('S1')]);
    expect(warnings.join()).not.toContain(`"${value}"`);
  });
});

describe('Forgejo, Gitea and act', () => {
  test.each([FORGEJO, { GITHUB_ACTIONS: 'true', ACT: 'true' }])(
    '%j: one command a line, as it is and escaped',
    async (env) => {
      const { lines } = await masks(env, 'first 5%\nsecond');
      expect(lines).toContain('::add-mask::first 5%');
      expect(lines).toContain('::add-mask::first 5%25');
      expect(lines).toContain('::add-mask::second');
      expect(lines.some((line) => line.includes('%0A'))).toBe(false);
    },
  );
});

test.each([{}, { GITLAB_CI: 'true', CI: 'true' }, { JENKINS_URL: 'x' }, { GITHUB_ACTIONS: 'false' }])(
  '%j cannot mask: nothing is written',
  async (env) => {
    const masked = await masks(env, 'p4ssw0rd', 'ab');
    expect(masked).toEqual({ written: '', lines: [], warnings: [], can: false });
  },
);

describe('masks that cannot be registered', () => {
  test('stderr is closed: nothing on stdout', async () => {
    const script = `${sinkCommand({ text: 'p4ssw0rd', mask: true })} 2>&-`;
    const run = await runShell(script, { cwd: workplace(), env: plainEnvironment(GITHUB) }, ['sh']);
    expect({ exit: run.exit, stdout: run.stdout.toString() }).toEqual({ exit: 73, stdout: '' });
  });

  test('writing fails: MASK_FAILED', async () => {
    const stderr = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('x'), { code: 'EPIPE' })),
    });
    const invocation = invocationIn('/', { env: GITHUB, stderr });
    await expect(registerMasks(orderOf(GITHUB, ['p4ssw0rd']), invocation)).rejects.toMatchObject({
      reason: 'MASK_FAILED',
      exit: 73,
      message: expect.not.stringContaining('p4ssw0rd'),
    });
  });

  test.each([
    ['a file', '2>log'],
    ['what captures stdout', '2>&1'],
  ])('into %s, where no runner reads them: nothing of the value anywhere', async (_where, redirected) => {
    const cwd = workplace();
    const script = `x=$(${sinkCommand({ text: 'p4ssw0rd', mask: true })} ${redirected}) || code=$?; printf %s "$x" >out; exit $code`;
    const run = await runShell(script, { cwd, env: plainEnvironment(GITHUB) });
    const written = readdirSync(cwd)
      .map((name) => readFileSync(path.join(cwd, name), 'utf8'))
      .join('');
    expect(`${written}${run.stdout}${run.stderr}`).not.toContain('p4ssw0rd');
    expect(written).toContain('MASK_FAILED');
    expect(run.exit).toBe(73);
  });
});

test('the mask is out before the value, the stream taking its time', async () => {
  const events: string[] = [];
  const slow = new Writable({
    write: (_chunk, _encoding, done) => {
      events.push('mask begins');
      setImmediate(() => {
        events.push('mask is out');
        done();
      });
    },
  });
  await registerMasks(orderOf(GITHUB, ['p4ssw0rd']), invocationIn('/', { env: GITHUB, stderr: slow }));
  events.push('value');
  expect(events).toEqual(['mask begins', 'mask is out', 'value']);
  const run = await runSink({ text: 'p4ssw0rd', mask: true }, { cwd: workplace(), env: plainEnvironment(GITHUB) });
  expect([run.stdout.toString(), run.stderr]).toEqual(['p4ssw0rd', '\n::add-mask::p4ssw0rd\n']);
});

const PEM =
  '-----BEGIN TEST KEY-----\nMIIBVgIBADANBgkqhkiG9w0B\nAQEFAASCAUAwggE8AgEAAkEA\nqQ==\n-----END TEST KEY-----\n';

/** A key, pretty JSON, and both with the line ends of Windows. */
const CORPUS = [PEM, JSON.stringify({ user: 'a user', key: ['a key', 'another'] }, null, 2)].flatMap((text) => [
  text,
  text.replaceAll('\n', '\r\n'),
]);

describe.each(Object.entries(MASK_READERS))('%s reads back', (_name, reader) => {
  const env = environmentOf(reader);

  test('every line that can be hidden, and nothing else', async () => {
    for (const value of [
      ...NASTY,
      ...CORPUS,
      ...awkwardTexts(7, 400),
      ...awkwardTexts(8, 100).map((text) => `secret-${text}\n${text}`),
    ]) {
      const { written, warnings } = await masksOf(orderOf(env, [value]), {
        env,
        ...withProxy(invocationIn('/').runtime),
      });
      const { masks: found, log } = maskedBy(reader, written);
      expect(log.trim(), 'all of it is taken out').toBe('');
      const pieces = reader.fixture === 'spacelift' ? value.split(/\s+/) : linesOf(value);
      const wanted = whyNotHidden(value) === undefined ? pieces.filter((one) => whyNotHidden(one) === undefined) : [];
      expect(found).toEqual(expect.arrayContaining(wanted));
      if (wanted.length === 0 && value !== '') expect(warnings).toHaveLength(1);
      // What undoes escapes that nobody made may find a shorter text.
      if (reader.fixture !== 'act' && reader.fixture !== 'gitlab')
        expect(found.map(whyNotHidden)).not.toContain('short');
      const printed = maskedBy(reader, `${written}${value.replaceAll(/^::|##/gm, '')}`).log;
      for (const piece of wanted.filter((one) => !/^::|##/.test(one))) expect(printed).not.toContain(piece);
    }
  });
});

describe('Buildkite', () => {
  /** A directory with an agent that writes down what it is given. */
  function agent(then = 'exit 0'): { env: Env; taken: () => string; argv: () => string } {
    const place = workplace();
    const file = path.join(place, 'buildkite-agent');
    writeFileSync(file, `#!/bin/sh\necho "$@" >'${place}/argv'\ncat >'${place}/stdin'\n${then}\n`);
    chmodSync(file, 0o755);
    return {
      env: { ...environmentOf({ fixture: 'buildkite' }), PATH: `${place}:${process.env['PATH'] ?? ''}` },
      taken: () => readFileSync(path.join(place, 'stdin'), 'utf8'),
      argv: () => readFileSync(path.join(place, 'argv'), 'utf8'),
    };
  }

  test('the agent is given whole values and lines as a flat object, by its standard input alone', async () => {
    const { env, taken, argv } = agent();
    const values = [...NASTY.filter((value) => whyNotHidden(value) === undefined), ...awkwardTexts(9, 300)];
    const { written, can } = await masks(env, ...values);
    expect({ written, can, argv: argv() }).toEqual({ written: '', can: true, argv: 'redactor add --format json\n' });
    const given = Object.values(JSON.parse(taken()) as Record<string, unknown>);
    const wanted = values.filter((value) => whyNotHidden(value) === undefined);
    expect(given).toEqual(
      expect.arrayContaining([
        ...wanted,
        ...wanted.flatMap(linesOf).filter((line) => whyNotHidden(line) === undefined),
      ]),
    );
    expect(given.every((one) => typeof one === 'string' && whyNotHidden(one) === undefined)).toBe(true);
  });

  test.each([
    ['fails', agent, 'echo p4ssw0rd >&2; exit 3', /ended with exit code 3/],
    ['is killed', agent, 'kill -9 $$', /was stopped/],
  ])('an agent that %s: MASK_FAILED, without its words', async (_how, make, then, message) => {
    const { env } = make(then);
    const failed = await masks(env, 'p4ssw0rd').catch((error: unknown) => error);
    expect(failed).toMatchObject({ reason: 'MASK_FAILED', message: expect.stringMatching(message) });
    expect(JSON.stringify(failed) + String(failed)).not.toContain('p4ssw0rd');
  });

  test('no agent: MASK_FAILED', async () => {
    const env = { ...environmentOf({ fixture: 'buildkite' }), PATH: workplace() };
    await expect(masks(env, 'p4ssw0rd')).rejects.toMatchObject({ reason: 'MASK_FAILED' });
  });
});

test.each(CI_FIXTURES.map((fixture) => [fixture.name, fixture] as const))(
  'the job %s',
  async (_name, { env, platform }) => {
    const CAN = ['act', 'azure', 'forgejo', 'gitea', 'github', 'spacelift'];
    expect(platformOf(env)?.key).toBe(
      platform === 'kubernetes' || platform === 'eks' || platform === 'google' ? undefined : platformOf(env)?.key,
    );
    if (platformOf(env)?.key === 'buildkite') return;
    const { can, written } = await masks(env, 'p4ssw0rd');
    expect({ can, told: written.includes('p4ssw0rd') }).toEqual({ can: CAN.includes(platform ?? ''), told: can });
  },
);

describe('tokens', () => {
  test('come after the secrets, without their base64', async () => {
    const tokens = [{ name: 'access token', value: new Sensitive('a token longer than the secret') }];
    const env = environmentOf({ fixture: 'azure' });
    const { lines } = await masksOf(orderOf(env, ['p4ssw0rd'], { tokens }), { env });
    expect(lines.at(-1)).toBe('##vso[task.setsecret]a token longer than the secret');
    expect(lines).toContain('##vso[task.setsecret]p4ssw0rd');
    expect(lines).toHaveLength(5);
  });
});

test('a reader who never reads: MASK_FAILED when patience ends', async () => {
  const full = new Writable({ write: () => undefined });
  const invocation = invocationIn('/', { env: GITHUB, stderr: full });
  const impatient = { ...invocation, runtime: { ...invocation.runtime, sleep: () => Promise.resolve() } };
  await expect(registerMasks(orderOf(GITHUB, ['p4ssw0rd']), impatient)).rejects.toMatchObject({
    reason: 'MASK_FAILED',
    message: expect.stringContaining('nobody reads stderr'),
  });
});

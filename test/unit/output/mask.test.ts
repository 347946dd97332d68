import { PassThrough, Writable } from 'node:stream';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Sensitive } from '../../../src/lib/sensitive.ts';
import { registerMasks } from '../../../src/output/mask.ts';
import { invocationIn } from '../../support/sink-invocation.ts';
import { plainEnvironment, runShell, runSink, sinkCommand, workplace } from '../../support/sink-runs.ts';

const GITHUB = { GITHUB_ACTIONS: 'true' };
const FORGEJO = { GITHUB_ACTIONS: 'true', GITEA_ACTIONS: 'true', FORGEJO_ACTIONS: 'true' };

/** What goes to stderr for these values, line by line, and what is warned of. */
async function masks(
  env: Record<string, string>,
  ...values: (string | Buffer)[]
): Promise<{ lines: string[]; warnings: string[] }> {
  const stderr = new PassThrough();
  const invocation = invocationIn('/', { env, stderr });
  const secrets = values.map((value, index) => ({ name: `S${index}`, value: new Sensitive(value), reference: 'r' }));
  await registerMasks(secrets, invocation);
  const written = stderr.read() as Buffer | null;
  return { lines: (written?.toString() ?? '').split('\n').slice(0, -1), warnings: invocation.warnings };
}

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
    expect(await masks(env as Record<string, string>, 'p4ssw0rd', 'ab')).toEqual({ lines: [], warnings: [] });
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
    const secrets = [{ name: 'A', value: new Sensitive('p4ssw0rd'), reference: 'r' }];
    await expect(registerMasks(secrets, invocation)).rejects.toMatchObject({
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
  await registerMasks(
    [{ name: 'A', value: new Sensitive('p4ssw0rd'), reference: 'r' }],
    invocationIn('/', { env: GITHUB, stderr: slow }),
  );
  events.push('value');
  expect(events).toEqual(['mask begins', 'mask is out', 'value']);
  const run = await runSink({ text: 'p4ssw0rd', mask: true }, { cwd: workplace(), env: plainEnvironment(GITHUB) });
  expect([run.stdout.toString(), run.stderr]).toEqual(['p4ssw0rd', '::add-mask::p4ssw0rd\n']);
});

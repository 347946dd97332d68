import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { reportError } from '../../../src/cli/report.ts';
import { SecretctlError } from '../../../src/lib/errors.ts';
import { runtimeIn } from '../../support/configured.ts';

interface How {
  readonly format?: 'text' | 'json';
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
}

const redact = (text: string): string => text.replaceAll('s3cret', '[REDACTED]');
const openRedact = (): Promise<typeof redact> => Promise.resolve(redact);

async function report(
  error: unknown,
  { format = 'text', env = {}, isTTY = false }: How = {},
): Promise<{ exit: number; text: string }> {
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const exit = await reportError(error, { ...runtimeIn('/', env), stderr }, { format, openRedact });
  return { exit, text: String(stderr.read() ?? '') };
}

const REFUSED = new SecretctlError('AUTH_REFUSED', 'the server said s3cret ##vso[x] ::add-mask::y', {
  details: ['issuer s3cret'],
  hint: ['first', 'second'],
  requestId: 'r-1',
  retryAfterSeconds: 3,
});

describe('for a person', () => {
  test('details, the error, hints; secrets and log commands made harmless', async () => {
    expect(await report(REFUSED)).toEqual({
      exit: 77,
      text: 'secretctl: issuer [REDACTED]\nsecretctl: error[AUTH_REFUSED]: the server said [REDACTED] #\\#vso[x] :\\:add-mask:\\:y\nsecretctl: hint: first\nsecretctl: hint: second\n',
    });
  });

  test.each([
    ['on a terminal', { isTTY: true }, true],
    ['in a pipe', {}, false],
    ['under NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }, false],
    ['on a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }, false],
    ['in a pipe under FORCE_COLOR', { env: { FORCE_COLOR: '1' } }, false],
  ])('%s: colours %#', async (_, how, isColoured) => {
    const { text } = await report(REFUSED, how);
    expect(text.includes('\u001b[')).toBe(isColoured);
    expect(text.replace(/\u001b\[\d+m/g, '')).toBe((await report(REFUSED)).text);
  });
});

test('as JSON: one object on one line, still JSON after redaction', async () => {
  const { exit, text } = await report(REFUSED, { format: 'json', isTTY: true });
  expect(exit).toBe(77);
  expect(text.endsWith('}\n')).toBe(true);
  expect(JSON.parse(text)).toEqual({
    code: 77,
    reason: 'AUTH_REFUSED',
    message: 'the server said [REDACTED] #\\#vso[x] :\\:add-mask:\\:y',
    hint: 'first\nsecond',
    hints: ['first', 'second'],
    retryable: false,
    retry_after_s: 3,
    request_id: 'r-1',
    details: ['issuer [REDACTED]'],
  });
});

describe('a bug', () => {
  const bug = new TypeError('cannot read s3cret of undefined');

  test.each([[bug], ['a text'], [undefined], [{ reason: 'USAGE' }]])(
    'is INTERNAL without a word of its own',
    async (error) => {
      const { exit, text } = await report(error);
      expect(exit).toBe(70);
      expect(text).toMatch(/^secretctl: error\[INTERNAL\]: /);
      expect(text).not.toMatch(/cannot read|s3cret|at .*:\d+/);
    },
  );

  test('shows its stack under SECRETCTL_DEBUG=1, redacted, before the error line', async () => {
    const { text } = await report(bug, { env: { SECRETCTL_DEBUG: '1' } });
    expect(text).toMatch(/^secretctl: debug: TypeError: cannot read \[REDACTED\] of undefined\nsecretctl: debug: +at /);
    expect(text.split('\n').findLast((line) => !line.includes('hint') && line !== '')).toMatch(
      /^secretctl: error\[INTERNAL\]/,
    );
  });
});

test('a stderr that cannot be written leaves the exit code as it is', async () => {
  const broken = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('x'), { code: 'EPIPE' })),
  });
  expect(await reportError(REFUSED, { ...runtimeIn('/'), stderr: broken }, { format: 'text', openRedact })).toBe(77);
  const closed = new PassThrough();
  closed.destroy();
  expect(await reportError(REFUSED, { ...runtimeIn('/'), stderr: closed }, { format: 'text', openRedact })).toBe(77);
});

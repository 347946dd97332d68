import { SecretctlError, systemCode } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { harmless, withoutControls } from '../lib/text.ts';
import type { Redact } from '../output/types.ts';

/** How an error is written. */
export interface ReportOptions {
  readonly format: 'text' | 'json';
  /** Loads what replaces every known secret in a text. */
  readonly openRedact: () => Promise<Redact>;
}

/**
 * Writes an error to stderr and returns the exit code that goes with it. For a person: its details, then the line
 * `secretctl: error[REASON]: …`, then hints, one a line. Or one JSON object on one line. An error that is not ours is
 * a bug: INTERNAL (70), or the operating system's: SYSTEM_FAILED (71); its stack only under SECRETCTL_DEBUG=1. That stderr cannot be written changes nothing.
 */
export async function reportError(
  error: unknown,
  runtime: Runtime,
  { format, openRedact }: ReportOptions,
): Promise<number> {
  const known = error instanceof SecretctlError ? error : (systemFailure(error) ?? bug());
  const stack = known === error ? [] : stackOf(error, runtime);
  const redact = await openRedact();
  const shown = (text: string): string => harmless(redact(text));
  if (format === 'json') {
    await write([...stack.map(shown), json(known, (text) => shown(withoutControls(text)))], runtime);
  } else {
    // Redacted as one text: a line break inside of a secret must not hide it.
    const lines = [...stack, ...(await texts(known, runtime))].join('\n');
    await write([shown(lines)], runtime);
  }
  return known.exit;
}

/** What the operating system refused and nobody foresaw: an I/O error, no descriptors left. Not a bug of ours. */
function systemFailure(error: unknown): SecretctlError | undefined {
  const code = systemCode(error);
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code) || !(error instanceof Error) || !('syscall' in error))
    return undefined;
  return new SecretctlError('SYSTEM_FAILED', `the operating system refused an operation (${code})`);
}

function bug(): SecretctlError {
  return new SecretctlError('INTERNAL', 'a bug in secretctl ended this run', {
    hint: 'run it again with SECRETCTL_DEBUG=1 and report what it prints, after you have looked through it',
  });
}

function stackOf(error: unknown, { env }: Runtime): readonly string[] {
  if (env['SECRETCTL_DEBUG'] !== '1' || !(error instanceof Error)) return [];
  return (error.stack ?? `${error.name}: ${error.message}`)
    .split('\n')
    .map((line) => `secretctl: debug: ${withoutControls(line)}`);
}

async function texts(error: SecretctlError, runtime: Runtime): Promise<readonly string[]> {
  const paint = await painter(runtime);
  return [
    ...(error.facts.details ?? []).map((detail) => `secretctl: ${withoutControls(detail)}`),
    `secretctl: ${paint.error(`error[${error.reason}]`)}: ${withoutControls(error.message)}`,
    ...error.hints.map((hint) => `secretctl: ${paint.hint('hint')}: ${withoutControls(hint)}`),
  ];
}

interface Painter {
  readonly error: (text: string) => string;
  readonly hint: (text: string) => string;
}

/** Colours on a terminal that wants them; chalk is loaded for nobody else. */
async function painter({ stderr, env }: Runtime): Promise<Painter> {
  const isPlain = stderr.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  if (isPlain) return { error: (text) => text, hint: (text) => text };
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return { error: (text) => chalk.red(text), hint: (text) => chalk.cyan(text) };
}

/** Each text is made fit to be shown by itself: afterwards a changed character could break the JSON around it. */
function json(error: SecretctlError, shown: (text: string) => string): string {
  const { details = [], requestId, retryAfterSeconds } = error.facts;
  const hints = error.hints.map(shown);
  return JSON.stringify({
    code: error.exit,
    reason: error.reason,
    message: shown(error.message),
    hint: hints.length === 0 ? null : hints.join('\n'),
    hints,
    retryable: error.retryable,
    retry_after_s: retryAfterSeconds ?? null,
    request_id: requestId === undefined ? null : shown(requestId),
    ...(details.length > 0 && { details: details.map(shown) }),
  });
}

/** So long a reader of stderr may take over the last words. */
const PATIENCE_MS = 1000;

/** Resolves when the text is out or cannot go out: a closed stderr, or one that nobody reads, is nobody's exit code. */
async function write(lines: readonly string[], { stderr, sleep }: Runtime): Promise<void> {
  const text = `${lines.join('\n')}\n`;
  const clock = new AbortController();
  const written = new Promise<void>((resolve) => {
    try {
      stderr.once('error', () => resolve());
      stderr.write(text, () => resolve());
    } catch {
      resolve();
    }
  });
  await Promise.race([written, sleep(PATIENCE_MS, clock.signal).catch(() => undefined)]);
  clock.abort();
}

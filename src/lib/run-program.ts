import type { Readable } from 'node:stream';
import { SecretctlError, systemCode } from './errors.ts';
import type { Invocation } from './invocation.ts';
import type { Runtime } from './runtime.ts';
import { Sensitive } from './sensitive.ts';
import { quoted } from './text.ts';

/** One run of another program. */
export interface ProgramRun {
  /** The program (a path, or a name that the system looks up) and its arguments, handed over as they are: no shell. */
  readonly argv: readonly string[];
  /** All of its environment; ours without it. */
  readonly env?: Runtime['env'];
  /** What it reads on standard input; nothing without it. */
  readonly stdin?: Sensitive;
  /** Most bytes of its standard output that are read; one that says more is stopped. */
  readonly mostBytes: number;
}

/** What came of it. */
export interface ProgramEnd {
  /** Its exit code; undefined when a signal ended it. */
  readonly exit: number | undefined;
  /** At most one byte more than was allowed; that one says that there was more. */
  readonly stdout: Sensitive;
  /** The start of what it said on standard error. It may hold anything. */
  readonly stderr: Sensitive;
}

const MOST_STDERR_BYTES = 4096;

/**
 * Runs a program to its end, within the deadline and a bounded output. When time is up it is killed, and what it started
 * is not waited for. Throws SPAWN_FAILED when it cannot be started, and the deadline's reason.
 */
export function runProgram(
  run: ProgramRun,
  { runtime, deadline }: Pick<Invocation, 'runtime' | 'deadline'>,
): Promise<ProgramEnd> {
  deadline.signal.throwIfAborted();
  const child = start(run, runtime);
  const stop = (): void => {
    child.kill('SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const stdout = gatherStart(child.stdout, run.mostBytes + 1, stop);
  const stderr = gatherStart(child.stderr, MOST_STDERR_BYTES, () => undefined);
  // A program that does not read what it is given closes the pipe under us; its exit code says the rest.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(run.stdin?.reveal());
  const { promise, resolve, reject } = Promise.withResolvers<ProgramEnd>();
  const end = (): void => {
    stop();
    reject(deadline.signal.reason);
  };
  deadline.signal.addEventListener('abort', end);
  child.once('error', (error) => reject(spawnError(run, error)));
  child.once('close', (code) =>
    resolve({ exit: code ?? undefined, stdout: new Sensitive(stdout()), stderr: new Sensitive(stderr()) }),
  );
  return promise.finally(() => deadline.signal.removeEventListener('abort', end));
}

function start(run: ProgramRun, runtime: Runtime): ReturnType<Runtime['spawn']> {
  const [program = '', ...args] = run.argv;
  try {
    return runtime.spawn(program, args, {
      env: { ...(run.env ?? runtime.env) },
      stdio: [run.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
  } catch (error) {
    // Too many or too long arguments are refused at once.
    throw spawnError(run, error);
  }
}

function spawnError({ argv: [program = ''] }: ProgramRun, error: unknown): SecretctlError {
  const code = systemCode(error);
  if (code === 'ENOENT') return new SecretctlError('SPAWN_FAILED', `there is no program ${quoted(program)}`);
  if (code === 'EACCES') return new SecretctlError('SPAWN_FAILED', `${quoted(program)} may not be executed`);
  return new SecretctlError('SPAWN_FAILED', `${quoted(program)} could not be started (${code ?? 'unknown reason'})`);
}

/** Keeps the first bytes of a stream; calls `onFull` once there are as many, and drops the rest. */
function gatherStart(stream: Readable | null, mostBytes: number, onFull: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let left = mostBytes;
  stream?.on('data', (chunk: Buffer) => {
    if (left === 0) return;
    const kept = chunk.subarray(0, left);
    chunks.push(kept);
    left -= kept.length;
    if (left === 0) onFull();
  });
  return () => Buffer.concat(chunks);
}

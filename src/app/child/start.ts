import type { Readable } from 'node:stream';
import { closeQuietly } from '../../lib/close.ts';
import { SecretctlError, systemCode, unlessSystem } from '../../lib/errors.ts';
import type { Runtime } from '../../lib/runtime.ts';
import { quotedWord } from '../../lib/secret-shapes.ts';
import type { Variables } from './environment.ts';
import type { Command } from './find-command.ts';

/** How a child ended; a signal by its number where Node has no name for it. */
export type ChildEnd = { readonly code: number } | { readonly signal: NodeJS.Signals | number };

/** Where a stream of the child goes: to a pipe, by its descriptor, to one of Node's making, or where ours goes. */
export type ChildStream = number | 'pipe' | 'own';

/** What a child is started with. */
export interface ChildOptions {
  readonly command: Command;
  readonly env: Variables;
  /** Nothing on standard input: it was read for a token. */
  readonly withoutStdin: boolean;
  readonly stdout: ChildStream;
  readonly stderr: ChildStream;
  /** In a session and group of its own. */
  readonly leadsGroup: boolean;
}

/** A child that runs. */
export interface Child {
  readonly pid: number;
  readonly ended: Promise<ChildEnd>;
  /** What comes through a pipe of Node's making. */
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

/** The system takes no environment and arguments of this size. */
export class TooBigToStart extends Error {}

/**
 * Starts the child without a shell; its arguments are what was written, byte for byte. Throws COMMAND_NOT_FOUND (127) or
 * COMMAND_NOT_EXECUTABLE (126) where the program is gone or cannot be what it seemed, SPAWN_FAILED (71), and
 * {@link TooBigToStart}.
 */
export async function startChild(options: ChildOptions, runtime: Runtime): Promise<Child> {
  const { command, env, leadsGroup, withoutStdin } = options;
  const [name = '', ...args] = command.argv;
  const own: number[] = [];
  const descriptor = (given: ChildStream, standard: number): number | 'pipe' => {
    if (given !== 'own') return given;
    const reopened = openedAgain(standard, runtime);
    if (reopened !== undefined) own.push(reopened);
    return reopened ?? standard;
  };
  try {
    const child = runtime.spawn(command.file, args, {
      argv0: name,
      env,
      detached: leadsGroup,
      stdio: [withoutStdin ? 'ignore' : 0, descriptor(options.stdout, 1), descriptor(options.stderr, 2)],
    });
    return await running(child);
  } catch (error) {
    throw startFailure(name, error);
  } finally {
    for (const one of own) closeQuietly(one, runtime.fs);
  }
}

/** Resolves as soon as it runs: a listener for its end is there before any other event can be. */
function running(child: ReturnType<Runtime['spawn']>): Promise<Child> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<ChildEnd>();
  child.once('exit', (code, signal) => {
    if (signal !== null) resolve({ signal });
    else if (code !== null) resolve({ code });
    // Neither: it must not pass for success.
    else reject(new SecretctlError('INTERNAL', 'how the command ended was not told'));
  });
  if (child.pid !== undefined)
    return Promise.resolve({ pid: child.pid, ended, stdout: child.stdout, stderr: child.stderr });
  return new Promise((_, fail) => child.once('error', fail));
}

/**
 * Our own pipe, opened once more: what Node does to its own descriptor (it never waits in a write) must not reach the
 * child. Undefined for anything else.
 */
function openedAgain(standard: number, { fs }: Runtime): number | undefined {
  if (unlessSystem(() => fs.fstatSync(standard).isFIFO()) !== true) return undefined;
  return unlessSystem(() => fs.openSync(`/proc/self/fd/${standard}`, fs.constants.O_WRONLY));
}

function startFailure(name: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  if (code === 'E2BIG') return new TooBigToStart();
  if (code === 'ENOENT') {
    return new SecretctlError('COMMAND_NOT_FOUND', `${quotedWord(name)}, or the program that reads it, is not there`, {
      hint: 'see that its first line (#!) names a program of this machine',
    });
  }
  if (code === 'EACCES' || code === 'ENOEXEC')
    return new SecretctlError('COMMAND_NOT_EXECUTABLE', `${quotedWord(name)} cannot be executed (${code})`);
  return new SecretctlError('SPAWN_FAILED', `${quotedWord(name)} could not be started (${code})`);
}

import { SecretctlError, systemCode } from '../../lib/errors.ts';
import type { Runtime, SignalName } from '../../lib/runtime.ts';
import { quoted } from '../../lib/text.ts';

/** Signal -> number, where Linux and macOS agree, and the two of Linux that a rehearsal may see besides. */
const NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
};

/** Signals that stop a rehearsal or, once there is one, its command. */
const STOPPING: readonly SignalName[] = ['SIGHUP', 'SIGINT', 'SIGTERM'];

/** The exit code of a process that a signal ended, as a shell has it: 128+n. */
export function signalExit(signal: string): number {
  return 128 + (NUMBERS[signal] ?? 0);
}

/** What runs as a job of the rehearsal. */
export interface ChildOptions {
  /** The program and its arguments, handed over as they are: no shell. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where the signals to forward arrive. */
  readonly signals: SignalInbox;
}

/** The signals that reach this process from its opening to its release. */
export interface SignalInbox {
  /** The first one so far. */
  readonly first: SignalName | undefined;
  /** Calls the listener for each one from now on. */
  listen(listener: (signal: SignalName) => void): void;
  release(): void;
}

/** Catches the stopping signals from now on. */
export function openSignalInbox(runtime: Runtime): SignalInbox {
  let first: SignalName | undefined;
  let heard: ((signal: SignalName) => void) | undefined;
  const release = runtime.onSignal(STOPPING, (signal) => {
    first ??= signal;
    heard?.(signal);
  });
  return {
    get first() {
      return first;
    },
    listen(listener) {
      heard = listener;
    },
    release,
  };
}

/**
 * Runs a command on our own standard streams, forwards the stopping signals to it and waits for its end: its exit
 * code, or 128+n. Throws COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE or SPAWN_FAILED.
 */
export function runChild({ command, env, signals }: ChildOptions, runtime: Runtime): Promise<number> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = runtime.spawn(program, args, { stdio: 'inherit', env });
    signals.listen((signal) => {
      // At a terminal Ctrl-C has already reached the whole foreground group: a second one would mean "at once".
      if (signal !== 'SIGINT' || runtime.stderr.isTTY !== true) child.kill(signal);
    });
    child.once('error', (error) => reject(spawnError(program, error)));
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 0) : signalExit(signal)));
  });
}

function spawnError(program: string, error: Error): SecretctlError {
  const code = systemCode(error);
  if (code === 'ENOENT') {
    return new SecretctlError('COMMAND_NOT_FOUND', `there is no program ${quoted(program)}`, {
      hint: program.includes('/') ? 'check its path' : 'it is not on PATH; name it with its path',
    });
  }
  if (code === 'EACCES') return new SecretctlError('COMMAND_NOT_EXECUTABLE', `${quoted(program)} cannot be executed`);
  return new SecretctlError('SPAWN_FAILED', `${quoted(program)} could not be started (${code ?? 'unknown reason'})`);
}

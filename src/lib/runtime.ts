import type { ChildProcess, SpawnOptions } from 'node:child_process';
import fs from 'node:fs';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { SecretctlError } from './errors.ts';

/** The file operations the program uses, by Node's own names and meanings. Synchronous: each is one system call or few. */
export type FileSystem = Pick<
  typeof fs,
  | 'accessSync'
  | 'chmodSync'
  | 'closeSync'
  | 'constants'
  | 'fchmodSync'
  | 'fstatSync'
  | 'fsyncSync'
  | 'ftruncateSync'
  | 'linkSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'mkdtempSync'
  | 'openSync'
  | 'readFileSync'
  | 'readSync'
  | 'readdirSync'
  | 'readlinkSync'
  | 'realpathSync'
  | 'renameSync'
  | 'rmSync'
  | 'statSync'
  | 'statfsSync'
  | 'unlinkSync'
  | 'writeFileSync'
  | 'writeSync'
>;

/** What `fstatSync` and its kin answer. */
export type FileStat = fs.Stats;

/** What does not change while the process lives. */
export interface Host {
  readonly pid: number;
  readonly ppid: number;
  /** Numeric user id; -1 where the platform has none. */
  readonly uid: number;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly cwd: string;
  readonly home: string | undefined;
  readonly temporaryDirectory: string;
  /** The Node binary, or the packaged executable itself. */
  readonly execPath: string;
  readonly execArgv: readonly string[];
  /** The script that was started; undefined in the packaged executable. */
  readonly script: string | undefined;
}

/** The signals that anybody here listens for. */
export type SignalName = 'SIGCONT' | 'SIGHUP' | 'SIGINT' | 'SIGQUIT' | 'SIGTERM' | 'SIGUSR1' | 'SIGUSR2';

/** A pipe that is read in one piece of memory, so that it costs the same however much comes through it. */
export interface PipeSource {
  /**
   * Begins to read. The memory of a chunk is used again for the next one; when `take` answers false, that one comes only
   * after `resume`. `end` is called once, when nothing more comes, for whatever reason.
   */
  read(take: (chunk: Buffer) => boolean, end: () => void): void;
  resume(): void;
  destroy(): void;
}

/** What concerns this process as one among others. */
export interface Processes {
  /** Whether a descriptor is a terminal; unlike the streams, asking changes nothing about it. */
  isTerminal(descriptor: number): boolean;
  /** What comes through a pipe or FIFO, by a descriptor that is the source's own from now on. */
  readPipe(descriptor: number): PipeSource;
  /** Sends a signal to a process, or with a negative number to a group; false when it cannot be sent. */
  send(pid: number, signal: NodeJS.Signals): boolean;
  /** The number of a signal, as in an exit code 128+n. */
  numberOf(signal: NodeJS.Signals | number): number;
  /**
   * Ends this process by a signal, as if nobody had ever listened for it. Returns where the signal ends nobody, as most
   * do not end PID 1.
   */
  raise(signal: NodeJS.Signals | number): void;
  /** What a standard stream still holds is given up: nobody reads it. */
  abandon(): void;
  /** Ends this process at once where something was given up: Node would wait for its reader, perhaps for ever. */
  leave(code: number): void;
  /** Becomes another program, which keeps process id and streams; `argv` begins with its name. Undefined where that cannot be. */
  readonly become?: (file: string, argv: readonly string[], env: Readonly<Record<string, string>>) => never;
}

/**
 * The world, as an argument. Nothing outside this file touches `process`, timers, clocks, the file system or
 * child processes, so a test can replace any of them.
 */
export interface Runtime {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  /** A frozen copy taken at start. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly host: Host;
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Writable & { isTTY?: boolean };
  readonly stderr: Writable & { isTTY?: boolean };
  readonly fs: FileSystem;
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Milliseconds on a clock that never jumps; only differences mean something. */
  monotonic(): number;
  /** Resolves after that many milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  random(bytes: number): Buffer;
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess;
  readonly processes: Processes;
  /** Calls `handler` for each of these signals until the returned function is called. */
  onSignal(signals: readonly SignalName[], handler: (signal: SignalName) => void): () => void;
}

/**
 * Closes the ways by which Node itself would hand this process's memory to others (security.md, section 4.4): the
 * diagnostic report, which holds the environment, and the inspector that SIGUSR1 opens. A bug that nobody caught
 * ends in one line without a stack, which might hold values, and exit code 70. Belongs before everything else.
 */
export function hardenProcess(): void {
  const { report } = process;
  report.reportOnFatalError = false;
  report.reportOnSignal = false;
  report.reportOnUncaughtException = false;
  report.excludeEnv = true;
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => undefined);
  process.on('uncaughtException', () => {
    try {
      fs.writeSync(2, 'secretctl: error[INTERNAL]: a bug in secretctl ended this run\n');
    } catch {
      // Nobody reads standard error; the exit code still speaks.
    }
    process.exit(70);
  });
}

/** The real world. */
export function systemRuntime(): Runtime {
  return {
    argv: Object.freeze(process.argv.slice(2)),
    env: Object.freeze({ ...process.env }),
    host: Object.freeze(systemHost()),
    // Getters: opening a standard stream costs time and, for stdin, reads ahead.
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return process.stderr;
    },
    fs,
    now: () => Date.now(),
    // Not performance.now(), for which Node loads a module of its own.
    monotonic: () => Number(process.hrtime.bigint()) / 1e6,
    sleep: (milliseconds, signal) => sleep(milliseconds, signal),
    // Loaded when first used: together they cost a third of what starting Node costs.
    random: (bytes) => process.getBuiltinModule('node:crypto').randomBytes(bytes),
    spawn: (command, args, options) =>
      process.getBuiltinModule('node:child_process').spawn(command, [...args], options),
    processes: systemProcesses(),
    onSignal,
  };
}

function systemProcesses(): Processes {
  const { execve } = process;
  let isAbandoned = false;
  return {
    abandon() {
      isAbandoned = true;
    },
    leave(code) {
      // oxlint-disable-next-line unicorn/no-process-exit
      if (isAbandoned) process.exit(code);
    },
    isTerminal: (descriptor) => process.getBuiltinModule('node:tty').isatty(descriptor),
    readPipe,
    send(pid, signal) {
      try {
        return process.kill(pid, signal);
      } catch {
        return false;
      }
    },
    numberOf: (signal) =>
      typeof signal === 'number' ? signal : process.getBuiltinModule('node:os').constants.signals[signal],
    raise(signal) {
      // One without a name nobody can have listened for.
      if (typeof signal === 'string') restoreDefault(signal);
      leaveNothingInCore();
      process.kill(process.pid, signal);
    },
    ...(execve !== undefined && {
      become(file: string, argv: readonly string[], env: Readonly<Record<string, string>>): never {
        // What Node ignores would stay ignored in the other program.
        for (const signal of ['SIGPIPE', 'SIGXFSZ'] as const) restoreDefault(signal);
        return execve.call(process, file, argv, env);
      },
    }),
  };
}

/** As much as a pipe holds unless somebody changed that (pipe(7)). */
const PIPE_BYTES = 64 * 1024;

function readPipe(fd: number): PipeSource {
  let socket: Socket | undefined;
  return {
    read(take, end) {
      const { Socket: Pipe } = process.getBuiltinModule('node:net');
      const buffer = Buffer.allocUnsafeSlow(PIPE_BYTES);
      const callback = (count: number): boolean => take(buffer.subarray(0, count));
      socket = new Pipe({ fd, readable: true, writable: false, onread: { buffer, callback } });
      socket.once('error', () => undefined);
      socket.once('close', end);
      socket.once('end', end);
    },
    resume: () => void socket?.resume(),
    destroy: () => void socket?.destroy(),
  };
}

/**
 * Some signals leave an image of the process's memory behind, with every token and value in it: ours is to be empty, and
 * not to take the place of the one that the command left in the working directory (core(5)).
 */
function leaveNothingInCore(): void {
  try {
    fs.writeFileSync('/proc/self/coredump_filter', '0');
    process.chdir('/proc/self');
  } catch {
    // No Linux.
  }
}

/** Node puts the default action back when the last of the listeners goes; where there was none, one has to come first. */
function restoreDefault(signal: NodeJS.Signals): void {
  if (signal === 'SIGKILL' || signal === 'SIGSTOP') return;
  process.on(signal, () => undefined);
  process.removeAllListeners(signal);
}

function systemHost(): Host {
  const { env } = process;
  return {
    pid: process.pid,
    ppid: process.ppid,
    uid: process.getuid?.() ?? -1,
    platform: process.platform,
    arch: process.arch,
    get cwd() {
      return workingDirectory();
    },
    home: env['HOME'] ?? env['USERPROFILE'],
    temporaryDirectory: env['TMPDIR'] ?? env['TEMP'] ?? '/tmp',
    execPath: process.execPath,
    execArgv: Object.freeze([...process.execArgv]),
    // There argv[1] is the program's name as it was typed.
    script: process.getBuiltinModule('node:sea').isSea() ? undefined : process.argv[1],
  };
}

/** Asked for when it is needed, so that the error is reported like any other. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    throw new SecretctlError('SYSTEM_FAILED', 'the working directory does not exist any more', {
      hint: 'go to a directory that does',
    });
  }
}

async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(milliseconds, undefined, signal === undefined ? { ref: true } : { signal });
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    throw error;
  }
}

function onSignal(signals: readonly SignalName[], handler: (signal: SignalName) => void): () => void {
  for (const signal of signals) process.on(signal, handler);
  return () => {
    for (const signal of signals) process.off(signal, handler);
  };
}

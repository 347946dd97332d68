import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The program as npm installs it: `bin/secretctl.cjs` in front of the built bundle. */
export const PROGRAM = fileURLToPath(new URL('../../bin/secretctl.cjs', import.meta.url));

/** Where and with what it runs. */
export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Bytes for standard input; without it, standard input is empty. */
  readonly stdin?: string | Buffer;
  /** Where the three streams go when they are not pipes: file descriptors or `ignore`. */
  readonly stdio?: { readonly stdout?: number | 'ignore'; readonly stderr?: number | 'ignore' };
  /** Called with the child's process id as soon as it runs. */
  readonly started?: (child: ReturnType<typeof spawn>) => void;
}

/** What became of it. */
export interface Finished {
  /** Exit code as a shell reports it: 128+n after a signal. */
  readonly exit: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs the built program with exactly this environment. */
export function runProgram(args: readonly string[], options: RunOptions): Promise<Finished> {
  return runCommand(process.execPath, [PROGRAM, ...args], options);
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGTERM: 15,
};

/** Runs any command the same way. */
export function runCommand(command: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      env: options.env,
      cwd: options.cwd,
      stdio: ['pipe', options.stdio?.stdout ?? 'pipe', options.stdio?.stderr ?? 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.stdin ?? '');
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const exit = code ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0);
      resolve({ exit, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') });
    });
    options.started?.(child);
  });
}

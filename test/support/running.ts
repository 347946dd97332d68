import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Finished, PROGRAM, runCommand } from './program.ts';
import type { Stage } from './stage.ts';

/** The path of a child program of the fixtures. */
export function childProgram(name: string): string {
  return fileURLToPath(new URL(`../fixtures/children/${name}`, import.meta.url));
}

/** A run of the built program that is under way. */
export interface Running {
  readonly pid: number;
  send(signal: NodeJS.Signals): void;
  /** To its standard input. */
  type(text: string | Buffer): void;
  endInput(): void;
  /** Resolves as soon as stdout so far matches. */
  said(pattern: RegExp): Promise<void>;
  /** The same of stderr. */
  complained(pattern: RegExp): Promise<void>;
  /** Nobody reads its stdout any more. */
  stopReading(): void;
  readonly finished: Promise<Finished & { readonly signal: NodeJS.Signals | null }>;
}

/** Starts the built program on a stage. */
export function startRun(stage: Stage, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  return startCommand(stage, [process.execPath, PROGRAM, ...args], env);
}

/** Starts any command in the same way. */
export function startCommand(
  stage: Stage,
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(program, args, { cwd: stage.cwd, env: { ...stage.env, ...env } });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const waiting = new Set<() => void>();
  for (const [stream, parts] of [
    [child.stdout, stdout],
    [child.stderr, stderr],
  ] as const) {
    stream.on('data', (chunk: Buffer) => {
      parts.push(chunk);
      for (const look of waiting) look();
    });
  }
  child.stdin.on('error', () => undefined);
  const { promise: finished, resolve, reject } = Promise.withResolvers<Awaited<Running['finished']>>();
  child.on('error', reject);
  child.on('close', (code, signal) =>
    resolve({ exit: code ?? -1, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
  );
  const heard = (parts: readonly Buffer[], pattern: RegExp): Promise<void> =>
    new Promise((found, fail) => {
      const look = (): void => {
        if (!pattern.test(Buffer.concat(parts).toString())) return;
        waiting.delete(look);
        found();
      };
      waiting.add(look);
      void finished.then((end) =>
        fail(new Error(`it ended without ${pattern}: ${end.stdout.toString()}${end.stderr}`)),
      );
      look();
    });
  return {
    pid: child.pid ?? 0,
    send: (signal) => void child.kill(signal),
    type: (line) => void child.stdin.write(line),
    endInput: () => void child.stdin.end(),
    said: (pattern) => heard(stdout, pattern),
    complained: (pattern) => heard(stderr, pattern),
    stopReading: () => void child.stdout.destroy(),
    finished,
  };
}

/** Whether a terminal can be had for a test. */
export const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0;

/** What was on a terminal, and how the command in it ended. */
export interface Screen {
  readonly screen: string;
  readonly code?: number;
  readonly signal?: number;
}

/** One step of somebody at a terminal: wait for a text, type one, or send a signal to the command alone. */
export type Step = readonly ['wait' | 'type' | 'signal', string];

/** Runs a command in a terminal of its own; `secretctl` is on its PATH. */
export async function runInTerminal(
  stage: Stage,
  command: readonly string[],
  steps: readonly Step[],
  env: Readonly<Record<string, string>> = {},
): Promise<Screen> {
  const script = fileURLToPath(new URL('./terminal.py', import.meta.url));
  const words = [script, JSON.stringify(steps), ...command];
  const finished = await runCommand('python3', words, { cwd: stage.cwd, env: { ...stage.env, ...env } });
  if (finished.exit !== 0) throw new Error(finished.stderr);
  return JSON.parse(finished.stdout.toString()) as Screen;
}

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { type Finished, runCommand, type RunOptions } from './program.ts';
import type { SinkProgramOptions } from './sink-program.ts';

const PROGRAM = fileURLToPath(new URL('sink-program.ts', import.meta.url));

/** The words that start the small program around the output. */
export function sinkWords(options: SinkProgramOptions): string[] {
  return [process.execPath, PROGRAM, JSON.stringify(options)];
}

/** The same as one shell command. */
export function sinkCommand(options: SinkProgramOptions): string {
  return sinkWords(options)
    .map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`)
    .join(' ');
}

/** Compiled sources of the tiny program, for its next run: most of its time is spent on them. */
const COMPILED = path.join(tmpdir(), `sink-compiled-${process.getuid?.() ?? 0}`);

/** An environment that is no CI's, for a place to work in. */
export function plainEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', NODE_COMPILE_CACHE: COMPILED, ...more };
}

/** Runs the tiny program and waits for its end. */
export function runSink(
  options: SinkProgramOptions,
  run: Pick<RunOptions, 'cwd'> & Partial<RunOptions>,
): Promise<Finished> {
  const [program = '', ...args] = sinkWords(options);
  return runCommand(program, args, { env: plainEnvironment(), ...run });
}

/** Runs a script; stdout and stderr of the shell are what a job's log would be. */
export function runShell(
  script: string,
  run: Pick<RunOptions, 'cwd'> & Partial<RunOptions>,
  words = ['sh', '-e'],
): Promise<Finished> {
  const [program = '', ...args] = words;
  return runCommand(program, [...args, '-c', script], { env: plainEnvironment(), ...run });
}

/** A fresh directory (its real name), gone after the test. */
export function workplace(): string {
  const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'sink-')));
  places.push(directory);
  return directory;
}

const places: string[] = [];
afterEach(() => {
  for (const place of places.splice(0)) rmSync(place, { recursive: true, force: true });
});

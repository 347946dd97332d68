import { readdirSync } from 'node:fs';
import { afterEach } from 'vitest';
import { startDeadline } from '../../src/lib/deadline.ts';
import { SecretctlError } from '../../src/lib/errors.ts';
import type { Invocation } from '../../src/lib/invocation.ts';
import { type FileSystem, type Runtime, systemRuntime } from '../../src/lib/runtime.ts';
import { openSink } from '../../src/output/sink.ts';
import type { SinkSettings } from '../../src/output/types.ts';

/** Whether files of other users can be made here. */
export const isRoot = process.getuid?.() === 0;
/** A user who owns nothing. */
export const NOBODY = 65_534;
/** What is written. */
export const NEW = Buffer.from('new\n');

/** One run in a directory, with what it warned of. */
export function invocationIn(cwd: string, more: Partial<Runtime> = {}): Invocation & { readonly warnings: string[] } {
  const real = systemRuntime();
  const runtime = { ...real, ...more, host: { ...real.host, cwd, ...more.host } };
  const deadline = startDeadline(runtime, 30_000);
  open.push(() => deadline.settle());
  const warnings: string[] = [];
  const journal = {
    warn: (line: string) => void warnings.push(line),
    debug: () => undefined,
    settled: () => Promise.resolve(),
  };
  return { runtime, deadline, warnings, journal };
}

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** The settings of `-o FILE`. */
export function toFile(file: string, more: Partial<SinkSettings> = {}): SinkSettings {
  return { file, strict: false, printPlaintextToLog: false, shellTraceIsOff: false, discard: false, ...more };
}

/** Writes it, as `fetch` does. */
export async function write(file: string, invocation: Invocation, more: Partial<SinkSettings> = {}): Promise<void> {
  const sink = await openSink(toFile(file, more), invocation);
  await sink.write(NEW);
}

/** The reason of the failure; `none` when there was none. */
export async function reasonOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return 'none';
  } catch (error) {
    if (error instanceof SecretctlError) return error.reason;
    throw error;
  }
}

/** Temporary files that nobody removed. */
export function leftovers(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.tmp'));
}

/** The file system with some calls failing as the system would fail them. */
export function failing(calls: Partial<Record<keyof FileSystem, string>>, after = 0): FileSystem {
  const { fs } = systemRuntime();
  const broken = Object.entries(calls).map(([name, code]) => {
    let left = after;
    const real = Reflect.get(fs, name) as (...args: unknown[]) => unknown;
    const call = (...args: unknown[]): unknown => {
      if (left-- > 0) return real(...args);
      throw Object.assign(new Error(code), { code });
    };
    return [name, call] as const;
  });
  return { ...fs, ...Object.fromEntries(broken) };
}

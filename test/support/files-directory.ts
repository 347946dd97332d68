import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Runtime } from '../../src/lib/runtime.ts';
import { commitBoth } from '../../src/output/commit-both.ts';
import { openDirectorySink } from '../../src/output/files-directory.ts';
import type { DirectorySettings, Staged } from '../../src/output/types.ts';
import { invocationIn, NEW } from './sink-invocation.ts';

/** What is written. */
export const FILES = { A: Buffer.from([0, 255, 10]), 'b.pem': NEW };

/** The settings of `--files out`. */
export function settings(more: Partial<DirectorySettings> = {}): DirectorySettings {
  return { directory: 'out', strict: false, names: Object.keys(FILES), isOpenEnded: false, ...more };
}

/** How it is written. */
export interface Written {
  readonly settings?: Partial<DirectorySettings>;
  readonly runtime?: Partial<Runtime>;
  /** Happens after the checks, before anything is written. */
  readonly meanwhile?: () => void;
  /** What is written besides. */
  readonly second?: Staged;
}

/** Writes the files as `fetch` does; the warnings. */
export async function written(
  cwd: string,
  { settings: more, runtime, meanwhile, second }: Written = {},
): Promise<string[]> {
  const invocation = invocationIn(cwd, runtime);
  const sink = await openDirectorySink(settings(more), invocation);
  meanwhile?.();
  await commitBoth(sink.stage(Object.entries(FILES).map(([name, bytes]) => ({ name, bytes }))), second);
  return invocation.warnings;
}

/** The files of a directory, in hexadecimal digits. */
export function content(directory: string): Record<string, string> {
  const names = readdirSync(directory).toSorted();
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(directory, name)).toString('hex')]));
}

/** What is there afterwards. */
export const WHOLE = { A: '00ff0a', 'b.pem': NEW.toString('hex') };
/** What an earlier run left. */
export const OLD = { A: Buffer.from('old').toString('hex') };

/** A directory of an earlier run. */
export function lay(cwd: string, mode = 0o700): string {
  const directory = path.join(cwd, 'out');
  mkdirSync(directory, { mode });
  chmodSync(directory, mode);
  writeFileSync(path.join(directory, 'A'), 'old', { mode: 0o600 });
  return directory;
}

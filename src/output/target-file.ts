import path from 'node:path';
import { unlessSystem } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { FileStat } from '../lib/runtime.ts';
import { quoted } from '../lib/text.ts';
import { isSame, openDirectory } from './directory.ts';
import { checkGit, checkParent, isForeign, lookAt, refuseOdd, unsafe, writeFailure } from './target-checks.ts';
import { removeStale, writeTemporary } from './temporary-file.ts';
import type { Staged, Staging } from './types.ts';

/** A target that passed the checks. */
interface Target {
  /** As the user wrote it, for messages. */
  readonly file: string;
  readonly parent: string;
  readonly base: string;
  /** The parent as it was checked: another one in its place later is refused. */
  readonly parentStats: FileStat;
  /** Permissions of the file that it replaces, where they let other users in. */
  readonly openMode: number | undefined;
}

/** The sink for `-o FILE`, checked in the order of security.md 4.1. */
export async function openFileSink(file: string, strict: boolean, invocation: Invocation): Promise<Staging> {
  const { runtime } = invocation;
  const full = path.resolve(runtime.host.cwd, file);
  const [parent, base] = [path.dirname(full), path.basename(full)];
  if (base === '' || /[/\\]$/.test(file)) throw unsafe(file, 'is a directory');
  const directory = openDirectory(parent, runtime);
  let openMode: number | undefined;
  try {
    openMode = checkTarget(file, directory.entry(base), invocation);
    await checkGit({ file, strict, directory: directory.name, base }, invocation);
    checkParent(file, directory.stats, invocation);
    removeStale(directory, runtime);
  } finally {
    directory.close();
  }
  const target = { file, parent, base, parentStats: directory.stats, openMode };
  return { destination: 'file', stage: (bytes) => stage(target, bytes, invocation) };
}

/** The permissions of the file that is there, where they let other users in. */
function checkTarget(file: string, entry: string, { runtime }: Invocation): number | undefined {
  const stats = lookAt(file, entry, runtime.fs);
  if (stats === undefined) return undefined;
  refuseOdd(file, stats);
  if (isForeign(stats, runtime.host)) throw unsafe(file, 'belongs to another user');
  return runtime.host.platform !== 'win32' && (stats.mode & 0o077) !== 0 ? stats.mode & 0o7777 : undefined;
}

function stage(target: Target, bytes: Buffer, { runtime, deadline, journal }: Invocation): Staged {
  const { file, parent, base, openMode } = target;
  deadline.signal.throwIfAborted();
  const directory = openDirectory(parent, runtime);
  const { fs } = runtime;
  let temporary: string | undefined;
  const discard = (): void => {
    const left = temporary;
    if (left !== undefined) unlessSystem(() => fs.unlinkSync(left));
    temporary = undefined;
    directory.close();
  };
  /** Nothing here waits, so that no signal comes between a temporary file and its end. */
  const orDiscard = <Result>(act: () => Result): Result => {
    try {
      return act();
    } catch (error) {
      discard();
      throw writeFailure(file, error);
    }
  };
  orDiscard(() => {
    if (!isSame(directory.stats, target.parentStats))
      throw unsafe(file, 'is in a directory that was replaced while this ran');
    temporary = writeTemporary(directory, bytes, runtime);
  });
  const commit = (): void => {
    orDiscard(() => {
      directory.verify();
      if (temporary !== undefined) fs.renameSync(temporary, directory.entry(base));
    });
    temporary = undefined;
    directory.sync();
    directory.close();
    if (openMode === undefined) return;
    journal.warn(
      `${quoted(file)} was open to other users (mode ${openMode.toString(8)}); the new one is not (mode 600)`,
    );
  };
  return { commit: async () => commit(), discard };
}

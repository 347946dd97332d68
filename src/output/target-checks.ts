import { SecretctlError, systemCode } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { FileStat, FileSystem, Host } from '../lib/runtime.ts';
import { quoted } from '../lib/text.ts';
import { gitState } from './git-state.ts';

/** What is there under that name, links not followed; undefined when nothing is. Throws WRITE_FAILED. */
export function lookAt(file: string, entry: string, fs: FileSystem): FileStat | undefined {
  try {
    return fs.lstatSync(entry);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    if (code === 'ENOENT') return undefined;
    throw new SecretctlError('WRITE_FAILED', `${quoted(file)} cannot be looked at (${code})`);
  }
}

/** Stops what no values are written to: links, directories, devices, a file with several names. Throws TARGET_UNSAFE. */
export function refuseOdd(file: string, stats: FileStat): void {
  if (stats.isSymbolicLink()) throw unsafe(file, 'is a symbolic link');
  if (stats.isDirectory()) throw unsafe(file, 'is a directory');
  if (!stats.isFile()) throw unsafe(file, 'is no regular file');
  if (stats.nlink !== 1) throw unsafe(file, 'has another name elsewhere (a hard link)');
}

/** The error TARGET_UNSAFE for a target that `what` is true of. */
export function unsafe(
  file: string,
  what: string,
  hint: string | readonly string[] = 'name a new file, or a plain one of your own; leave out -o to write to stdout',
): SecretctlError {
  return new SecretctlError('TARGET_UNSAFE', `${quoted(file)} ${what}, and is not written to`, { hint });
}

/** A target, as far as git is concerned. */
export interface GitQuestion {
  /** As the user wrote it, for messages. */
  readonly file: string;
  readonly strict: boolean;
  /** The real name of its directory. */
  readonly directory: string;
  readonly base: string;
  /** Where it is a directory itself: the files that will be in it. */
  readonly within?: readonly string[];
}

/**
 * Stops a target that git tracks (TRACKED_FILE); one that it does not ignore is a warning, or an error under `strict`
 * (NOT_IGNORED).
 */
export async function checkGit(question: GitQuestion, invocation: Invocation): Promise<void> {
  const { file, strict, directory, base, within } = question;
  const state = await gitState(directory, base, invocation, within);
  if (state.kind === 'outside' || state.kind === 'ignored') return;
  if (state.kind === 'tracked') {
    throw new SecretctlError(
      'TRACKED_FILE',
      `${quoted(file)} is tracked by git, and the next commit would publish it`,
      {
        hint: 'write to another file, or take this one out of the repository first: git rm --cached',
      },
    );
  }
  const line = `add this line to .gitignore: ${quoted(state.line)}`;
  const fact =
    state.kind === 'unknown'
      ? `git could not say whether ${quoted(file)} is ignored`
      : `${quoted(file)} is not ignored by git`;
  if (strict) throw new SecretctlError('NOT_IGNORED', fact, { hint: line });
  invocation.journal.warn(`${fact}; ${line}`);
}

/**
 * Stops a target in a directory where whoever owns it, or anybody, could put another in its place (TARGET_UNSAFE); where
 * it is the user's own or the system's, that is a warning.
 */
export function checkParent(file: string, stats: FileStat, { runtime, journal }: Invocation): void {
  // In a sticky directory (/tmp) nobody can take away or replace another's file.
  const isOpen = (stats.mode & 0o002) !== 0 && (stats.mode & 0o1000) === 0;
  if (runtime.host.platform === 'win32' || !isOpen) return;
  if (stats.uid !== 0 && isForeign(stats, runtime.host)) {
    throw unsafe(file, 'is in a directory that belongs to another user and that everybody may write to');
  }
  journal.warn(`the directory of ${quoted(file)} may be written to by every user of this machine`);
}

/** Whether a file belongs to somebody else. */
export function isForeign(stats: FileStat, host: Host): boolean {
  return host.uid !== -1 && stats.uid !== host.uid;
}

const FULL: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would exceed the file size limit (ulimit -f)',
};

/** The error for a system error while writing: DISK_FULL or WRITE_FAILED; anything else as it is. */
export function writeFailure(file: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  const why = FULL[code];
  if (why !== undefined) return new SecretctlError('DISK_FULL', `${quoted(file)} was not written: ${why}`);
  return new SecretctlError('WRITE_FAILED', `${quoted(file)} was not written (${code})`);
}

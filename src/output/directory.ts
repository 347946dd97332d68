import path from 'node:path';
import { closeQuietly } from '../lib/close.ts';
import { SecretctlError, systemCode, unlessSystem } from '../lib/errors.ts';
import type { FileStat, Runtime } from '../lib/runtime.ts';
import { quoted } from '../lib/text.ts';

type World = Pick<Runtime, 'fs' | 'host'>;

/** One directory, held by what it is and not by its name. */
export interface Directory {
  readonly stats: FileStat;
  /** Its real name at the moment it was opened. */
  readonly name: string;
  /** A path of an entry. On Linux it leads into this very directory even after its name was given to another. */
  entry(name: string): string;
  /** Throws TARGET_UNSAFE when the name now leads to another directory and entries are addressed by name. */
  verify(): void;
  /** Makes changed entries durable, as far as this file system can. */
  sync(): void;
  close(): void;
}

/**
 * Opens a directory without following a link in its last part. Throws NO_DIRECTORY (73), TARGET_UNSAFE (73) for a
 * link, WRITE_FAILED (74) when the system refuses.
 */
export function openDirectory(name: string, world: World): Directory {
  const { fs, host } = world;
  const before = look(name, world);
  if (before.isSymbolicLink()) {
    const real = unlessSystem(() => fs.realpathSync(name));
    throw new SecretctlError('TARGET_UNSAFE', `the directory ${quoted(name)} is a symbolic link`, {
      hint: real === undefined ? 'name the directory itself' : `name the directory itself: ${quoted(real)}`,
    });
  }
  if (!before.isDirectory()) throw new SecretctlError('NO_DIRECTORY', `${quoted(name)} is not a directory`);
  if (host.platform === 'win32') return byName(name, before, world);
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
  const fd = attempt(name, () => fs.openSync(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return byDescriptor(name, fd, world);
}

function look(name: string, { fs }: World): FileStat {
  try {
    return fs.lstatSync(name);
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw cannotOpen(name, error);
    throw new SecretctlError('NO_DIRECTORY', `there is no directory ${quoted(name)}`, {
      hint: 'create it first; it is not created silently',
    });
  }
}

function byDescriptor(name: string, fd: number, world: World): Directory {
  const { fs } = world;
  const stats = fs.fstatSync(fd);
  const pinned = `/proc/self/fd/${fd}`;
  const isPinned = isSame(
    unlessSystem(() => fs.statSync(`${pinned}/.`)),
    stats,
  );
  const named = byName(name, stats, world);
  return {
    ...named,
    name: attempt(name, () => fs.realpathSync(isPinned ? pinned : name)),
    ...(isPinned && { entry: (entry: string) => `${pinned}/${entry}`, verify: () => undefined }),
    // Some file systems cannot; the rename is done all the same, and only a power cut could tell the difference.
    sync: () => unlessSystem(() => fs.fsyncSync(fd)),
    close: () => closeQuietly(fd, fs),
  };
}

function byName(name: string, stats: FileStat, { fs }: World): Directory {
  return {
    stats,
    name,
    entry: (entry) => path.join(name, entry),
    verify: () => {
      if (
        isSame(
          unlessSystem(() => fs.lstatSync(name)),
          stats,
        )
      )
        return;
      throw new SecretctlError('TARGET_UNSAFE', `the directory ${quoted(name)} was replaced by another while this ran`);
    },
    sync: () => undefined,
    close: () => undefined,
  };
}

/** Whether two looks saw the same file. */
export function isSame(one: FileStat | undefined, two: FileStat): boolean {
  return one !== undefined && one.dev === two.dev && one.ino === two.ino;
}

function attempt<Result>(name: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw cannotOpen(name, error);
  }
}

function cannotOpen(name: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  return new SecretctlError('WRITE_FAILED', `the directory ${quoted(name)} cannot be opened (${code})`);
}

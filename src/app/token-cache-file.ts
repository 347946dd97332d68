import { readPlainFile } from '../lib/plain-file.ts';
import { hasEnded, writePrivateFile } from '../lib/private-file.ts';
import type { FileStat, Runtime } from '../lib/runtime.ts';
import type { PrivateDirectory } from './token-cache-directory.ts';
import { LARGEST_ENTRY } from './token-cache-entry.ts';

/** How long entries of ended jobs and temporary files of ended processes are left, milliseconds. */
const OLD_ENTRY_MS = 24 * 60 * 60 * 1000;
const OLD_TEMPORARY_MS = 10 * 60 * 1000;

/** Most files that one run looks at, and removes. */
const LOOK_AT_MOST = 1000;
const REMOVE_AT_MOST = 100;

const ENTRY = /^[0-9a-f]{32}$/;
const TEMPORARY = /^\.[0-9a-f]{32}\.(?<pid>[0-9]{1,10})\.[0-9a-f]{16}\.tmp$/;

/**
 * The bytes of an entry; `absent`, or `unusable` for what is no private regular file of ours, is too big or cannot be
 * read. Follows no link and waits for nothing.
 */
export function readEntryFile(
  directory: PrivateDirectory,
  name: string,
  runtime: Runtime,
): Buffer | 'absent' | 'unusable' {
  const { fs } = runtime;
  try {
    // Looked at first, because opening a device may already do something.
    const there = fs.lstatSync(directory.at(name), { throwIfNoEntry: false });
    if (there === undefined) return 'absent';
    if (!there.isFile()) return 'unusable';
    const read = readPlainFile(directory.at(name), { mostBytes: LARGEST_ENTRY, followsNoLink: true }, fs);
    if ('phrase' in read || !isPrivateFile(read.stat, runtime)) return 'unusable';
    return read.bytes.length > LARGEST_ENTRY ? 'unusable' : read.bytes;
  } catch {
    return 'unusable';
  }
}

function isPrivateFile(stat: FileStat, { host }: Runtime): boolean {
  return stat.uid === host.uid && stat.nlink === 1 && (stat.mode & 0o077) === 0;
}

/** Puts an entry in place, whole or not at all: a new file, 0600 from birth, synced, renamed over whatever is there. */
export function writeEntryFile(directory: PrivateDirectory, name: string, bytes: Buffer, runtime: Runtime): boolean {
  const { fs, host } = runtime;
  const temporary = `.${name}.${host.pid}.${runtime.random(8).toString('hex')}.tmp`;
  try {
    if (!directory.isInPlace()) return false;
    writePrivateFile(directory.at(temporary), bytes, fs);
  } catch {
    return false;
  }
  try {
    fs.renameSync(directory.at(temporary), directory.at(name));
    return true;
  } catch {
    removeEntryFile(directory, temporary, runtime);
    return false;
  }
}

/** Removes a name from the directory, whatever it is but a directory; says whether it is gone. */
export function removeEntryFile(directory: PrivateDirectory, name: string, { fs }: Runtime): boolean {
  try {
    if (!directory.isInPlace()) return false;
    fs.unlinkSync(directory.at(name));
    return true;
  } catch {
    return false;
  }
}

/**
 * Removes what earlier runs left behind: entries older than a day and temporary files whose process is gone or that are
 * older than ten minutes; at most 100. Only private regular files of ours with our names are touched.
 */
export function sweep(directory: PrivateDirectory, runtime: Runtime): void {
  let removed = 0;
  for (const name of ownNames(directory, runtime).slice(0, LOOK_AT_MOST)) {
    if (removed >= REMOVE_AT_MOST) return;
    if (isLeftOver(directory, name, runtime) && removeEntryFile(directory, name, runtime)) removed++;
  }
}

function ownNames(directory: PrivateDirectory, { fs }: Runtime): readonly string[] {
  try {
    return fs.readdirSync(directory.at('')).filter((name) => ENTRY.test(name) || TEMPORARY.test(name));
  } catch {
    return [];
  }
}

function isLeftOver(directory: PrivateDirectory, name: string, runtime: Runtime): boolean {
  try {
    const stat = runtime.fs.lstatSync(directory.at(name));
    if (!stat.isFile() || stat.uid !== runtime.host.uid || stat.nlink !== 1) return false;
    const ageMs = runtime.now() - stat.mtimeMs;
    const pid = TEMPORARY.exec(name)?.groups?.['pid'];
    if (pid === undefined) return ageMs > OLD_ENTRY_MS;
    return ageMs > OLD_TEMPORARY_MS || hasEnded(pid, runtime.fs) === true;
  } catch {
    return false;
  }
}

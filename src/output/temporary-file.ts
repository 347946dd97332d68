import { unlessSystem } from '../lib/errors.ts';
import { hasEnded, writePrivateFile } from '../lib/private-file.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Directory } from './directory.ts';

type World = Pick<Runtime, 'fs' | 'host' | 'now' | 'random'>;

/** Whose it is stands in the name, so that a later run can tell whether its process is gone. */
const NAME = /^\.secretctl-([1-9][0-9]{0,9})-[0-9a-f]{16}\.tmp$/;

const STALE_MS = 10 * 60_000;

/** Where the system does not say which processes live, a day has to be long enough for any of them. */
const STALE_UNKNOWN_MS = 24 * 60 * 60_000;

/**
 * Writes the bytes to a new file of ours in that directory, 0600 from birth whatever the umask, and waits until they
 * are on the disk. Returns its path. On any error the file is gone again and the system's error goes on.
 */
export function writeTemporary(directory: Directory, bytes: Buffer, { fs, host, random }: World): string {
  const file = directory.entry(`.secretctl-${host.pid}-${random(8).toString('hex')}.tmp`);
  writePrivateFile(file, bytes, fs);
  return file;
}

/** Removes what killed runs left behind: our own temporary files of ten minutes and more whose process is gone. */
export function removeStale(directory: Directory, world: World): void {
  const { fs } = world;
  for (const name of unlessSystem(() => fs.readdirSync(directory.entry('.'))) ?? []) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && isStale(directory.entry(name), pid, world))
      unlessSystem(() => fs.unlinkSync(directory.entry(name)));
  }
}

function isStale(file: string, pid: string, { fs, host, now }: World): boolean {
  const stats = unlessSystem(() => fs.lstatSync(file));
  if (stats === undefined || !stats.isFile() || stats.nlink !== 1) return false;
  if (host.uid !== -1 && stats.uid !== host.uid) return false;
  const ageMs = now() - stats.mtimeMs;
  const isGone = hasEnded(pid, fs);
  return isGone === undefined ? ageMs >= STALE_UNKNOWN_MS : isGone && ageMs >= STALE_MS;
}

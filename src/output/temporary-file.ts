import type { Runtime } from '../lib/runtime.ts';
import { unlessSystem } from './descriptors.ts';
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
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
  // Windows has no O_NOFOLLOW; O_EXCL alone never follows a link there or elsewhere.
  const fd = fs.openSync(file, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), 0o600);
  try {
    try {
      fs.fchmodSync(fd, 0o600);
      // Not writeSync: that may write a part and say nothing.
      fs.writeFileSync(fd, bytes);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    unlessSystem(() => fs.unlinkSync(file));
    throw error;
  }
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
  const showsProcesses = unlessSystem(() => fs.statSync('/proc/self')) !== undefined;
  if (!showsProcesses) return ageMs >= STALE_UNKNOWN_MS;
  return ageMs >= STALE_MS && unlessSystem(() => fs.statSync(`/proc/${pid}`)) === undefined;
}

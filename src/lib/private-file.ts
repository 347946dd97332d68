import { unlessSystem } from './errors.ts';
import type { FileSystem } from './runtime.ts';

/**
 * Writes the bytes to a new file, 0600 from birth whatever the umask, and waits until they are on the disk. Follows no
 * link and touches nothing that is there already. On any error the file is gone again and the system's error goes on.
 */
export function writePrivateFile(file: string, bytes: Uint8Array, fs: FileSystem): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
  // Windows has no O_NOFOLLOW, and `|` takes what is undefined for 0; O_EXCL alone never follows a link.
  const descriptor = fs.openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    try {
      // A umask may have taken rights from the owner.
      fs.fchmodSync(descriptor, 0o600);
      // Not writeSync: that may write a part and say nothing.
      fs.writeFileSync(descriptor, bytes);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    unlessSystem(() => fs.unlinkSync(file));
    throw error;
  }
}

/**
 * Whether the process that left a file behind has ended; undefined where the system does not show which ones live. One
 * in another container may seem to have.
 */
export function hasEnded(pid: string, fs: FileSystem): boolean | undefined {
  return unlessSystem(() => {
    fs.statSync('/proc/self');
    return fs.statSync(`/proc/${pid}`, { throwIfNoEntry: false }) === undefined;
  });
}

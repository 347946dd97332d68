import path from 'node:path';
import { closeQuietly } from '../lib/close.ts';
import { SecretctlError, systemCode } from '../lib/errors.ts';
import type { FileStat, FileSystem, Runtime } from '../lib/runtime.ts';
import { visible } from '../lib/text.ts';
import { isInWorkspace } from './workspace.ts';

/** A private directory that stays the one it was when it was checked, whatever is put in its place. */
export interface PrivateDirectory {
  readonly path: string;
  /** Where an entry is addressed. */
  at(name: string): string;
  /** False once something else stands in its place and entries cannot be addressed past that. */
  isInPlace(): boolean;
  close(): void;
}

/** No directory will do, and why: completes "no access token is kept: …". */
export interface NoDirectory {
  readonly reason: string;
}

/**
 * The directory that kept tokens live in (security.md 3.3): the configured one, or the first that passes of the
 * platform's per-job directory, the user's and one below the temporary directory. It is ours, 0700, no symbolic link
 * and outside every workspace. A configured one that does not pass is not replaced by another. Throws CACHE_DIR (78)
 * for a configured one inside a workspace or git work tree, from where it could be uploaded or committed.
 */
export function openCacheDirectory(configured: string | undefined, runtime: Runtime): PrivateDirectory | NoDirectory {
  if (runtime.host.uid < 0) return { reason: 'this platform does not tell who owns a directory' };
  if (configured !== undefined) {
    const wanted = path.resolve(runtime.host.cwd, configured);
    if (isInWorkspace(wanted, runtime)) throw insideWorkspace(wanted);
    return openPrivately({ path: wanted, parents: 'create' }, runtime);
  }
  let last: NoDirectory = { reason: 'there is no place for it' };
  for (const candidate of candidates(runtime)) {
    if (isInWorkspace(candidate.path, runtime)) continue;
    const opened = openPrivately(candidate, runtime);
    if (!('reason' in opened)) return opened;
    last = opened;
  }
  return last;
}

interface Candidate {
  readonly path: string;
  /** Whether missing directories above it are made. */
  readonly parents: 'create' | 'must exist';
}

function candidates({ env, host }: Runtime): readonly Candidate[] {
  const project = env['GITLAB_CI'] === 'true' ? env['CI_PROJECT_DIR'] : undefined;
  const cacheHome = host.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache'];
  const named: readonly (readonly [directory: string | undefined, parents: Candidate['parents']])[] = [
    [env['RUNNER_TEMP'], 'must exist'],
    [env['WORKSPACE_TMP'], 'must exist'],
    [project === undefined ? undefined : `${project}.tmp`, 'must exist'],
    [env['XDG_RUNTIME_DIR'], 'must exist'],
    [env['XDG_CACHE_HOME'], 'create'],
    [host.home === undefined ? undefined : path.join(host.home, ...cacheHome), 'create'],
  ];
  return [
    // The XDG specification has relative paths ignored.
    ...named.flatMap(([directory, parents]) =>
      directory !== undefined && path.isAbsolute(directory)
        ? [{ path: path.join(directory, 'secretctl'), parents }]
        : [],
    ),
    { path: path.resolve(host.temporaryDirectory, `secretctl-${host.uid}`), parents: 'must exist' },
  ];
}

function openPrivately(candidate: Candidate, { fs, host }: Runtime): PrivateDirectory | NoDirectory {
  const shown = visible(candidate.path);
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
  let descriptor: number | undefined;
  try {
    make(candidate, fs);
    descriptor = fs.openSync(candidate.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const stat = fs.fstatSync(descriptor);
    const fault = privacyFault(stat, host.uid);
    if (fault === undefined) return pinned(candidate.path, descriptor, fs);
    closeQuietly(descriptor, fs);
    return { reason: `${shown} ${fault}` };
  } catch (error) {
    if (descriptor !== undefined) closeQuietly(descriptor, fs);
    return { reason: `${shown} ${phrase(systemCode(error))}` };
  }
}

function privacyFault(stat: FileStat, uid: number): string | undefined {
  if (stat.uid !== uid) return 'belongs to another user';
  return (stat.mode & 0o077) === 0 ? undefined : 'is open to other users (its mode must be 0700)';
}

/** Makes the directory 0700 whatever the umask; content with one that is there. */
function make({ path: directory, parents }: Candidate, fs: FileSystem): void {
  try {
    if (parents === 'create') fs.mkdirSync(path.dirname(directory), { recursive: true, mode: 0o700 });
    fs.mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return;
    throw error;
  }
  // Only a umask that takes rights from the owner makes it anything else.
  if ((fs.lstatSync(directory).mode & 0o777) !== 0o700) fs.chmodSync(directory, 0o700);
}

/** On Linux entries are addressed through the open descriptor, so that a directory swapped in later is never met. */
function pinned(directory: string, descriptor: number, fs: FileSystem): PrivateDirectory {
  const own = fs.fstatSync(descriptor);
  const isOwn = (place: string): boolean => {
    try {
      const there = fs.statSync(place);
      return there.dev === own.dev && there.ino === own.ino;
    } catch {
      return false;
    }
  };
  const byDescriptor = `/proc/self/fd/${descriptor}`;
  const base = isOwn(byDescriptor) ? byDescriptor : directory;
  return {
    path: directory,
    at: (name) => `${base}/${name}`,
    isInPlace: () => isOwn(base),
    close: () => closeQuietly(descriptor, fs),
  };
}

const PHRASES: Readonly<Record<string, string>> = {
  ELOOP: 'is a symbolic link',
  ENOTDIR: 'is not a directory, or a symbolic link',
  EACCES: 'cannot be used by this user',
  EPERM: 'cannot be used by this user',
  EROFS: 'is on a read-only file system',
  ENOSPC: 'is on a full disk',
  ENOENT: 'cannot be made: a directory above it is missing',
};

function phrase(code: string | undefined): string {
  return (code === undefined ? undefined : PHRASES[code]) ?? `cannot be used (${code ?? 'no reason given'})`;
}

function insideWorkspace(directory: string): SecretctlError {
  return new SecretctlError(
    'CACHE_DIR',
    `the cache directory ${visible(directory)} is inside a workspace or git work tree`,
    {
      hint: 'what is in there can be uploaded as an artifact or committed: choose another one, or leave --cache-dir away',
    },
  );
}

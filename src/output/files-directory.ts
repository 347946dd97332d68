import path from 'node:path';
import type { Invocation } from '../lib/invocation.ts';
import { writePrivateFile } from '../lib/private-file.ts';
import { SecretctlError, systemCode, unlessSystem } from '../lib/errors.ts';
import type { FileStat, Runtime } from '../lib/runtime.ts';
import { quoted } from '../lib/text.ts';
import { type Directory, isSame, openDirectory } from './directory.ts';
import { checkGit, checkParent, isForeign, lookAt, unsafe, writeFailure } from './target-checks.ts';
import { PARTS, removeStale, temporaryName } from './temporary-file.ts';
import type { DirectorySettings, DirectorySink, NamedFile, Undoable } from './types.ts';

/**
 * The sink for `--files DIR`. The directory is made, 0700, or replaced as a whole; its parents are not made. What may
 * be replaced is a directory of ours that holds nothing but plain files of the names that are written. Throws
 * TARGET_UNSAFE, TRACKED_FILE, NOT_IGNORED and NO_DIRECTORY (73).
 */
export async function openDirectorySink(settings: DirectorySettings, invocation: Invocation): Promise<DirectorySink> {
  const { directory, strict, names, isOpenEnded } = settings;
  const { runtime } = invocation;
  const full = path.resolve(runtime.host.cwd, directory);
  const [parent, base] = [path.dirname(full), path.basename(full)];
  if (base === '') throw unsafeDirectory(directory, 'is the root of the file system');
  const above = openDirectory(parent, runtime);
  try {
    removeStale(above, runtime);
    const stats = checkExisting(directory, above.entry(base), isOpenEnded ? undefined : names, runtime);
    if (stats !== undefined && stats.dev !== above.stats.dev) throw mountPoint(directory, 'TARGET_UNSAFE');
    await checkGit({ file: directory, strict, directory: above.name, base, within: names }, invocation);
    checkParent(directory, above.stats, invocation);
  } finally {
    above.close();
  }
  const place = { directory, parent, base, parentStats: above.stats, names };
  return { path: full, stage: (files) => new StagedDirectory(place, files, invocation) };
}

/** What is there, where it may be replaced; undefined when nothing is. Any file name will do where `names` is undefined. */
function checkExisting(
  directory: string,
  entry: string,
  names: readonly string[] | undefined,
  { fs, host }: Runtime,
): FileStat | undefined {
  const stats = lookAt(directory, entry, fs);
  if (stats === undefined) return undefined;
  if (stats.isSymbolicLink()) throw unsafeDirectory(directory, 'is a symbolic link');
  if (!stats.isDirectory()) throw unsafeDirectory(directory, 'is no directory');
  if (isForeign(stats, host)) throw unsafeDirectory(directory, 'belongs to another user');
  if (isSame(fs.statSync(host.cwd), stats)) throw unsafeDirectory(directory, 'is the working directory');
  for (const name of listed(directory, entry, fs)) {
    const inside = lookAt(directory, path.join(entry, name), fs);
    if (inside !== undefined && isOdd(inside, host))
      throw unsafeDirectory(directory, `holds ${quoted(name)}, which is no plain file of yours`);
    if (names?.includes(name) === false)
      throw unsafeDirectory(directory, `holds ${quoted(name)}, which is none of the files that it is to hold`);
  }
  return stats;
}

function isOdd(stats: FileStat, host: Runtime['host']): boolean {
  return !stats.isFile() || stats.nlink !== 1 || isForeign(stats, host);
}

function listed(directory: string, entry: string, fs: Runtime['fs']): readonly string[] {
  try {
    return fs.readdirSync(entry);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new SecretctlError('WRITE_FAILED', `${quoted(directory)} cannot be looked into (${code})`);
  }
}

function unsafeDirectory(directory: string, what: string): SecretctlError {
  return unsafe(directory, what, [
    'name a directory that does not exist yet: it is replaced as a whole, so it holds nothing else',
    'or remove what is in it that is not needed any more',
  ]);
}

function mountPoint(directory: string, reason: 'TARGET_UNSAFE' | 'WRITE_FAILED'): SecretctlError {
  return new SecretctlError(reason, `${quoted(directory)} is a mount point or in use, and cannot be replaced`, {
    hint: `name a directory in it: ${quoted(path.join(directory, 'secrets'))}`,
  });
}

/** A directory that passed the checks. */
interface Place {
  /** As the user wrote it, for messages. */
  readonly directory: string;
  readonly parent: string;
  readonly base: string;
  readonly parentStats: FileStat;
  /** Files that may be there already: of an optional secret that is gone, nothing stays. */
  readonly names: readonly string[];
}

/** Two runs that replace the same directory meet between two calls; nobody does so this often. */
const MOST_TRIES = 100;

/**
 * The new directory, complete beside the one that it replaces, in a directory of ours that nobody else can enter. Nothing
 * here waits, so that no signal comes between.
 */
class StagedDirectory implements Undoable {
  readonly #place: Place;
  readonly #names: readonly string[];
  readonly #invocation: Invocation;
  readonly #above: Directory;
  #name: string | undefined;
  #staging: Directory | undefined;
  #next: FileStat | undefined;
  /** What was there and is put aside now. */
  #before: FileStat | undefined;

  constructor(place: Place, files: readonly NamedFile[], invocation: Invocation) {
    const { runtime, deadline } = invocation;
    this.#place = place;
    this.#names = [...place.names, ...files.map(({ name }) => name)];
    this.#invocation = invocation;
    deadline.signal.throwIfAborted();
    this.#above = openDirectory(place.parent, runtime);
    this.#orDiscard(() => {
      if (!isSame(this.#above.stats, place.parentStats))
        throw unsafeDirectory(place.directory, 'is in a directory that was replaced while this ran');
      checkExisting(place.directory, this.#target, this.#names, runtime);
      this.#write(files);
    });
  }

  async commit(): Promise<void> {
    this.#orDiscard(() => {
      this.#above.verify();
      this.#staging?.verify();
      this.#replace();
    });
    this.#above.sync();
  }

  undo(): void {
    const { fs } = this.#invocation.runtime;
    const shown = unlessSystem(() => fs.lstatSync(this.#target));
    // Otherwise another run has replaced it since.
    if (this.#next !== undefined && isSame(shown, this.#next)) {
      if (succeeds(() => fs.renameSync(this.#target, this.#part('next')))) this.#putBack();
      else this.#warn('could not be put back as it was');
    }
    this.discard();
  }

  settle(): void {
    const { journal, runtime } = this.#invocation;
    const mode = (this.#before?.mode ?? 0) & 0o7777;
    this.discard();
    if (runtime.host.platform === 'win32' || (mode & 0o077) === 0) return;
    const { directory } = this.#place;
    journal.warn(
      `${quoted(directory)} was open to other users (mode ${mode.toString(8)}); the new one is not (mode 700)`,
    );
  }

  discard(): void {
    const { fs } = this.#invocation.runtime;
    const name = this.#name;
    if (name !== undefined) {
      const entry = this.#above.entry(name);
      const isRemoved = succeeds(() => fs.rmSync(entry, { recursive: true, force: true }));
      if (!isRemoved) this.#warn(`left ${quoted(path.join(this.#place.parent, name))} behind; remove it`);
    }
    this.#name = undefined;
    this.#staging?.close();
    this.#above.close();
  }

  get #target(): string {
    return this.#above.entry(this.#place.base);
  }

  /** Where the new directory, or the one that it replaces, is inside the temporary one. */
  #part(which: keyof typeof PARTS): string {
    return path.join(this.#staging?.entry(PARTS[which]) ?? '', this.#place.base);
  }

  #write(files: readonly NamedFile[]): void {
    const { runtime } = this.#invocation;
    const { fs, host } = runtime;
    const name = temporaryName(runtime);
    const entry = this.#above.entry(name);
    fs.mkdirSync(entry, { mode: 0o700 });
    this.#name = name;
    // A umask may have taken rights from the owner.
    fs.chmodSync(entry, 0o700);
    const staging = openDirectory(entry, runtime);
    this.#staging = staging;
    if (isForeign(staging.stats, host))
      throw unsafeDirectory(this.#place.directory, 'is in a directory where somebody else replaces our files');
    for (const made of [staging.entry(PARTS.next), staging.entry(PARTS.before), this.#part('next')]) {
      fs.mkdirSync(made, { mode: 0o700 });
      fs.chmodSync(made, 0o700);
    }
    for (const file of files) writePrivateFile(path.join(this.#part('next'), file.name), file.bytes, fs);
    const next = openDirectory(this.#part('next'), runtime);
    this.#next = next.stats;
    next.sync();
    next.close();
  }

  /** Two renames: no system call that Node has exchanges two directories. */
  #replace(): void {
    const { fs } = this.#invocation.runtime;
    for (let tries = 1; ; tries++) {
      this.#putAside();
      try {
        return fs.renameSync(this.#part('next'), this.#target);
      } catch (error) {
        const code = systemCode(error);
        const isTaken = code === 'ENOTEMPTY' || code === 'EEXIST';
        if (isTaken && tries < MOST_TRIES) {
          // Another run was quicker: what it put there is whole and is now the one to replace.
          fs.rmSync(this.#part('before'), { recursive: true, force: true });
          continue;
        }
        if (!isTaken) this.#putBack();
        throw error;
      }
    }
  }

  #putAside(): void {
    const { directory } = this.#place;
    const { runtime } = this.#invocation;
    const { fs } = runtime;
    try {
      fs.renameSync(this.#target, this.#part('before'));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      throw error;
    }
    try {
      // Here nobody else can change it any more.
      this.#before = checkExisting(directory, this.#part('before'), this.#names, runtime);
    } catch (error) {
      this.#putBack();
      throw error;
    }
  }

  /** What was put aside gets its name back. Where it cannot, it is kept where it is, for the next run to do so. */
  #putBack(): void {
    const { fs } = this.#invocation.runtime;
    if (unlessSystem(() => fs.lstatSync(this.#part('before'))) === undefined) return;
    if (succeeds(() => fs.renameSync(this.#part('before'), this.#target))) return;
    this.#warn(`could not be put back: it is in ${quoted(path.join(this.#place.parent, this.#name ?? ''))}`);
    this.#name = undefined;
  }

  #warn(what: string): void {
    this.#invocation.journal.warn(`${quoted(this.#place.directory)} ${what}`);
  }

  #orDiscard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.discard();
      const { directory } = this.#place;
      throw systemCode(error) === 'EBUSY' ? mountPoint(directory, 'WRITE_FAILED') : writeFailure(directory, error);
    }
  }
}

/** Whether the system did it. */
function succeeds(act: () => void): boolean {
  const done = unlessSystem(() => {
    act();
    return true;
  });
  return done === true;
}

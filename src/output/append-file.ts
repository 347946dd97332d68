import path from 'node:path';
import { closeQuietly } from '../lib/close.ts';
import { systemCode, unlessSystem } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { FileStat, FileSystem, Runtime } from '../lib/runtime.ts';
import { isSame } from './directory.ts';
import { checkGit, isForeign, lookAt, refuseOdd, unsafe, writeFailure } from './target-checks.ts';
import type { Staged, Staging } from './types.ts';

/**
 * The sink for a file that a CI reads after the step: what is there stays, its mode too, and all that is new is
 * appended by one write. A missing file is made, 0600. The same kinds of target are refused as for `-o FILE`.
 */
export async function openAppendSink(file: string, strict: boolean, invocation: Invocation): Promise<Staging> {
  const { runtime } = invocation;
  const full = path.resolve(runtime.host.cwd, file);
  const before = lookAt(file, full, runtime.fs);
  if (before !== undefined) refuse(file, before, runtime);
  const directory = unlessSystem(() => runtime.fs.realpathSync(path.dirname(full))) ?? path.dirname(full);
  await checkGit({ file, strict, directory, base: path.basename(full) }, invocation);
  return { destination: 'file', stage: (bytes) => stage({ file, full, before }, bytes, invocation) };
}

/** A target that passed the checks. */
interface Target {
  /** As the user or the CI wrote it, for messages. */
  readonly file: string;
  readonly full: string;
  readonly before: FileStat | undefined;
}

/** In a container the step is often root, and the file the runner's. */
function refuse(file: string, stats: FileStat, { host }: Runtime): void {
  refuseOdd(file, stats);
  if (host.uid !== 0 && isForeign(stats, host)) throw unsafe(file, 'belongs to another user');
}

function stage(target: Target, bytes: Buffer, { runtime, deadline }: Invocation): Staged {
  const { file, full, before } = target;
  const { fs } = runtime;
  deadline.signal.throwIfAborted();
  const fd = attempt(file, () => open(full, before === undefined, fs));
  const close = (): void => closeQuietly(fd, fs);
  const discard = (): void => {
    close();
    if (before === undefined) unlessSystem(() => fs.unlinkSync(full));
  };
  try {
    const stats = fs.fstatSync(fd);
    refuse(file, stats, runtime);
    // A umask may have taken rights from the owner.
    if (before === undefined) fs.fchmodSync(fd, 0o600);
    if (before !== undefined && !isSame(before, stats)) throw unsafe(file, 'was replaced while this ran');
  } catch (error) {
    discard();
    throw writeFailure(file, error);
  }
  const commit = (): void => {
    try {
      append(file, fd, bytes, fs);
    } catch (error) {
      discard();
      throw error;
    }
    close();
  };
  return { commit: async () => commit(), discard };
}

function open(full: string, isNew: boolean, { openSync, constants }: FileSystem): number {
  const { O_RDWR, O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_CREAT, O_EXCL } = constants;
  // Not to wait for the other end of a pipe that took the file's place.
  const flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
  return openSync(full, isNew ? flags | O_CREAT | O_EXCL : flags, 0o600);
}

/** What an earlier step left without a line end gets one first. What was written in part is taken back. */
function append(file: string, fd: number, bytes: Buffer, fs: FileSystem): void {
  const { size } = fs.fstatSync(fd);
  const all = endsLine(fd, size, fs) ? bytes : Buffer.concat([Buffer.from('\n'), bytes]);
  let written = 0;
  try {
    written = fs.writeSync(fd, all);
    if (written < all.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    fs.fsyncSync(fd);
  } catch (error) {
    unlessSystem(() => {
      if (fs.fstatSync(fd).size === size + written) fs.ftruncateSync(fd, size);
    });
    throw writeFailure(file, error);
  }
}

function endsLine(fd: number, size: number, fs: FileSystem): boolean {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  fs.readSync(fd, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

function attempt<Result>(file: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw systemCode(error) === 'ELOOP' ? unsafe(file, 'is a symbolic link') : writeFailure(file, error);
  }
}

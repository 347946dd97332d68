import path from 'node:path';
import { closeQuietly } from '../../lib/close.ts';
import { unlessSystem } from '../../lib/errors.ts';
import { findProgram } from '../../lib/find-program.ts';
import type { Invocation } from '../../lib/invocation.ts';
import type { FileSystem, Runtime } from '../../lib/runtime.ts';
import { makeOwnDirectory } from './own-directory.ts';

/** Both ends of a pipe, by their descriptors. */
export interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

/**
 * Real pipes, which a child can open again by `/dev/stderr` and `/proc/self/fd/1`; with a pipe of Node's making, which is
 * a socket, it could not. Node cannot make one, so they begin as FIFOs, which lose their names at once. Undefined where
 * the system has no `mkfifo`.
 */
export async function openPipes(count: number, { runtime, journal }: Invocation): Promise<readonly Pipe[] | undefined> {
  const { fs } = runtime;
  const directory = directoryIn([runtime.host.temporaryDirectory, '/dev/shm', '/tmp'], runtime);
  if (directory === undefined) return withoutPipes('no temporary directory may be written to', journal);
  const names = Array.from({ length: count }, (_, index) => path.join(directory, `${index}`));
  try {
    if (!(await makeFifos(names, runtime))) return withoutPipes('mkfifo cannot be had', journal);
    return names.map((name) => openBothEnds(name, fs));
  } finally {
    unlessSystem(() => fs.rmSync(directory, { recursive: true, force: true }));
  }
}

/** The first place in which there can be one of ours: of a container all may be read-only but its shared memory. */
function directoryIn(places: readonly string[], runtime: Runtime): string | undefined {
  for (const place of places) {
    const directory = unlessSystem(() => makeOwnDirectory(place, 'pipes', runtime));
    if (directory !== undefined) return directory;
  }
  return undefined;
}

function withoutPipes(why: string, journal: Invocation['journal']): undefined {
  journal.warn(`${why}, so the command cannot open /dev/stdout and /dev/stderr again`);
  return undefined;
}

function makeFifos(names: readonly string[], runtime: Runtime): Promise<boolean> {
  const program = findProgram('mkfifo', { ...runtime, env: { PATH: runtime.env['PATH'] ?? '/usr/bin:/bin' } });
  if (program === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    // Nothing of the environment is its business, least of all the tokens.
    const child = runtime.spawn(program, ['-m', '600', ...names], { stdio: 'ignore', env: {} });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** The read end first and without waiting: the write end would wait for it. */
function openBothEnds(name: string, fs: FileSystem): Pipe {
  const { O_RDONLY, O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
  const readEnd = fs.openSync(name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    return { readEnd, writeEnd: fs.openSync(name, O_WRONLY | O_NOFOLLOW) };
  } catch (error) {
    closeQuietly(readEnd, fs);
    throw error;
  }
}

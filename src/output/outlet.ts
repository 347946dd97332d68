import type { Writable } from 'node:stream';
import { systemCode } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { descriptorOf, openOn } from './descriptors.ts';

/** One of our own streams, as the end of a long flow of bytes. */
export interface Outlet {
  /** Takes the bytes; false when no more should come before `drained`. What comes after a failure is dropped. */
  write(pieces: readonly Buffer[]): boolean;
  /** Resolves when more may come, or nothing goes out any more. */
  drained(): Promise<void>;
  /** The system's code for why nothing goes out any more (EPIPE, ENOSPC, …); undefined while all is well. */
  readonly failure: string | undefined;
  /** Called once, when it fails. */
  onFailure(listener: () => void): void;
}

/** An outlet on stdout or stderr. It never throws: who reads may go away at any time. */
export function openOutlet(stream: Writable, runtime: Runtime): Outlet {
  const state = new State();
  stream.on('error', (error) => state.fail(error));
  const fd = descriptorOf(stream);
  if (fd !== undefined && isWrittenAtOnce(fd, runtime)) return toFile(fd, state, runtime);
  const joined = Buffer.allocUnsafeSlow(JOINED_BYTES);
  return {
    write(pieces) {
      if (state.failure !== undefined || pieces.length === 0) return true;
      // While nothing waits to go out, nobody holds the memory that pieces are joined in.
      stream.write(stream.writableLength === 0 ? joinedIn(joined, pieces) : Buffer.concat(pieces));
      // What the system took at once needs no waiting, however much it was.
      return stream.writableLength === 0;
    },
    drained: () =>
      state.failure === undefined && stream.writableLength > 0 ? state.orFailure(stream) : Promise.resolve(),
    get failure() {
      return state.failure;
    },
    onFailure: (listener) => state.listen(listener),
  };
}

/** Room for one chunk and the placeholders in it. */
const JOINED_BYTES = 128 * 1024;

/** All pieces in one, because each write costs a system call and some memory: the piece itself, or a copy. */
function joinedIn(room: Buffer, pieces: readonly Buffer[]): Buffer {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (total > room.length) return Buffer.concat(pieces, total);
  let at = 0;
  for (const piece of pieces) at += piece.copy(room, at);
  return room.subarray(0, total);
}

/** For files and devices Node's stream may write a part and say nothing; this call goes on until all is written. */
function toFile(fd: number, state: State, { fs }: Runtime): Outlet {
  const joined = Buffer.allocUnsafeSlow(JOINED_BYTES);
  return {
    write(pieces) {
      if (state.failure !== undefined) return true;
      try {
        if (pieces.length > 0) fs.writeFileSync(fd, joinedIn(joined, pieces));
      } catch (error) {
        state.fail(error);
      }
      return true;
    },
    drained: () => Promise.resolve(),
    get failure() {
      return state.failure;
    },
    onFailure: (listener) => state.listen(listener),
  };
}

function isWrittenAtOnce(fd: number, runtime: Runtime): boolean {
  const stats = openOn(fd, runtime);
  return stats !== undefined && (stats.isFile() || (stats.isCharacterDevice() && !runtime.processes.isTerminal(fd)));
}

class State {
  failure: string | undefined;
  #listener: (() => void) | undefined;
  readonly #waiting: (() => void)[] = [];

  fail(error: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = systemCode(error) ?? 'EIO';
    for (const resume of this.#waiting.splice(0)) resume();
    this.#listener?.();
  }

  listen(listener: () => void): void {
    this.#listener = listener;
    if (this.failure !== undefined) listener();
  }

  /** Resolves when the stream has drained, or has failed. */
  orFailure(stream: Writable): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      // An empty write tells when all before it is out; `drain` comes only after a write that was told to wait.
      stream.write('', () => resolve());
    });
  }
}

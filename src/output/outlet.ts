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
  return {
    write(pieces) {
      if (state.failure !== undefined || pieces.length === 0) return true;
      // Written as one: a byte that was held back is not worth a system call of its own.
      if (pieces.length > 1) stream.cork();
      for (const piece of pieces) stream.write(piece);
      if (pieces.length > 1) stream.uncork();
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

/** For files and devices Node's stream may write a part and say nothing; this call goes on until all is written. */
function toFile(fd: number, state: State, { fs }: Runtime): Outlet {
  return {
    write(pieces) {
      if (state.failure !== undefined) return true;
      try {
        for (const piece of pieces) fs.writeFileSync(fd, piece);
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

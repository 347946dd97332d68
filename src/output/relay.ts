import type { Readable } from 'node:stream';
import type { PipeSource, Runtime } from '../lib/runtime.ts';
import type { Outlet } from './outlet.ts';
import type { RedactedStream } from './types.ts';

/** The way of a child's output from its pipe to one of our own streams. */
export interface Relay {
  /** Resolves when the last byte is out: the pipe has ended, was given up, or nobody reads ours any more. */
  readonly ended: Promise<void>;
  /**
   * Says that the child has ended. Whoever else holds the pipe gets that much time; then what is in the pipe is still
   * taken, and nothing after it. Resolves to whether the pipe was given up.
   */
  finishWithin(milliseconds: number): Promise<boolean>;
}

/** What may be the start of a value waits for the rest no longer than this, unless it is four bytes or more. */
const IDLE_MS = 100;

/** A pipe that brings nothing for so long while it is read is empty. */
const EMPTY_MS = 20;

/** More than a pipe can hold (pipe(7): 1 MiB): what comes after so much was written after the child had ended. */
const MOST_IN_PIPE = 1 << 20;

/** A chunk with more pieces than this is followed by others of its kind. */
const DENSE_PIECES = 200;
const DENSE_BYTES = 4096;

/** What a relay works with. */
export interface RelayParts {
  readonly source: PipeSource;
  readonly through: RedactedStream;
  readonly outlet: Outlet;
  readonly runtime: Pick<Runtime, 'sleep' | 'monotonic'>;
}

/** Starts a relay. When our stream takes no more for now, the pipe is not read, so that the child waits and memory stays as it is. */
export function startRelay(parts: RelayParts): Relay {
  return new PipeRelay(parts);
}

/** A stream of Node as the source of a relay. */
export function streamSource(stream: Readable): PipeSource {
  return {
    read(take, end) {
      stream.on('data', (chunk: Buffer) => {
        if (!take(chunk)) stream.pause();
      });
      stream.once('error', end);
      stream.once('end', end);
    },
    resume: () => void stream.resume(),
    destroy: () => void stream.destroy(),
  };
}

class PipeRelay implements Relay {
  readonly ended: Promise<void>;
  readonly #parts: RelayParts;
  readonly #clock = new AbortController();
  readonly #resolve: () => void;
  #isOver = false;
  #isBlocked = false;
  #isDense = false;
  #bytesRead = 0;
  #lastReadAt = 0;
  #isWatching = false;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolve = resolve;
    const { source, outlet } = parts;
    source.read(
      (chunk) => this.#take(chunk),
      () => void this.#end(),
    );
    // The child writes into a closed pipe then, as it would without us.
    outlet.onFailure(() => void this.#end());
  }

  async finishWithin(milliseconds: number): Promise<boolean> {
    await Promise.race([this.ended, this.#pause(milliseconds)]);
    const before = this.#bytesRead;
    while (!this.#isOver) {
      const seen = this.#bytesRead;
      await Promise.race([this.ended, this.#pause(EMPTY_MS)]);
      const isEmpty = seen === this.#bytesRead && !this.#isBlocked;
      if (this.#isOver || (!isEmpty && this.#bytesRead - before < MOST_IN_PIPE)) continue;
      void this.#end();
      await this.ended;
      return true;
    }
    await this.ended;
    return false;
  }

  /** Whether the next chunk may come. */
  #take(chunk: Buffer): boolean {
    const { through, runtime } = this.#parts;
    if (this.#isOver) return false;
    this.#bytesRead += chunk.length;
    // Each replacement costs some memory until it is out: of many, only a part exists at a time.
    const step = this.#isDense ? DENSE_BYTES : chunk.length;
    let pieces = 0;
    for (let at = 0; at < chunk.length; at += step) pieces += this.#put(through.write(chunk.subarray(at, at + step)));
    this.#isDense = pieces > DENSE_PIECES;
    if (through.isWaiting) {
      this.#lastReadAt = runtime.monotonic();
      if (!this.#isWatching) void this.#watch();
    }
    return !this.#isBlocked;
  }

  /** Returns how many pieces there were. */
  #put(pieces: readonly Buffer[]): number {
    if (!this.#parts.outlet.write(pieces) && !this.#isBlocked) void this.#waitForReader();
    return pieces.length;
  }

  async #waitForReader(): Promise<void> {
    const { outlet, source } = this.#parts;
    this.#isBlocked = true;
    await outlet.drained();
    this.#isBlocked = false;
    if (!this.#isOver) source.resume();
  }

  /** One timer for a whole stretch of chunks: to start one for each would cost more than to redact them. */
  async #watch(): Promise<void> {
    const { through, runtime } = this.#parts;
    this.#isWatching = true;
    for (let wait = IDLE_MS; wait > 0 && !this.#isOver;) {
      await this.#pause(wait);
      wait = through.isWaiting ? this.#lastReadAt + IDLE_MS - runtime.monotonic() : 0;
    }
    this.#isWatching = false;
    if (!this.#isOver && through.isWaiting) this.#put(through.idle());
  }

  async #end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    const { source, through, outlet } = this.#parts;
    source.destroy();
    this.#clock.abort();
    outlet.write(through.end());
    await outlet.drained();
    this.#resolve();
  }

  /** Resolves after that time, or at once when this has ended. */
  async #pause(milliseconds: number): Promise<void> {
    await this.#parts.runtime.sleep(milliseconds, this.#clock.signal).catch(() => undefined);
  }
}

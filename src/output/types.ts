import type { Sensitive } from '../lib/sensitive.ts';

export type { Redact } from './message-redactor.ts';

/** What the output settings say about the place where the values go. */
export interface SinkSettings {
  /** `-o FILE`; undefined for stdout. */
  readonly file: string | undefined;
  /** Append to that file instead of replacing it. */
  readonly append?: boolean;
  /** The job's log is where the output belongs: commands that the CI takes out of it. */
  readonly isForLog?: boolean;
  /** Refuse a target that git does not ignore, instead of warning. */
  readonly strict: boolean;
  readonly printPlaintextToLog: boolean;
  readonly shellTraceIsOff: boolean;
  /** Stdout may lead nowhere. */
  readonly discard: boolean;
}

/** Where the values go, checked and ready. */
export interface Sink {
  /** A regular file, be it by `-o` or by a shell's `>`; or a pipe or terminal. */
  readonly destination: 'file' | 'stream';
  /**
   * Does all that can fail before the first byte shows, so that of two outputs the second's failure leaves the first
   * unchanged. Throws DISK_FULL or WRITE_FAILED (74); then nothing is left behind.
   */
  stage(bytes: Buffer): Staged;
  /** Stages and commits: whole or not at all. Throws DISK_FULL, WRITE_FAILED or STDOUT_CLOSED (74). */
  write(bytes: Buffer): Promise<void>;
}

/** An output that is ready but does not show yet. One of the two must be called. */
export interface Staged {
  commit(): Promise<void>;
  discard(): void;
}

/** An output that can be taken back after it shows, until it is settled. */
export interface Undoable extends Staged {
  /** After `commit`: what was there before is there again. */
  undo(): void;
  /** After `commit`: what was there before is gone for good. */
  settle(): void;
}

/** What the output settings say about a directory with one file for each secret. */
export interface DirectorySettings {
  /** `--files DIR`. */
  readonly directory: string;
  /** Refuse a directory that git does not ignore, instead of warning. */
  readonly strict: boolean;
  /** The files that it will hold, as far as is known. */
  readonly names: readonly string[];
  /** Whether there may be more of them. */
  readonly isOpenEnded: boolean;
}

/** One file of a directory. */
export interface NamedFile {
  /** One segment of a path. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** A directory, checked and ready. */
export interface DirectorySink {
  /** Its absolute path. */
  readonly path: string;
  /** Writes all of it beside the place where it will be. Throws what `Sink.stage` throws. */
  stage(files: readonly NamedFile[]): Undoable;
}

/** A sink before `write` is put on top of `stage`. */
export type Staging = Pick<Sink, 'destination' | 'stage'>;

/** A value that must not show in a stream. */
export interface HiddenValue {
  /** How a warning, and the placeholder where it is asked for, calls it. */
  readonly name: string;
  readonly value: Sensitive;
}

/** A value that a stream shows, because hiding it would hide nothing or wreck a log; the caller names it once. */
export interface NotHidden {
  readonly name: string;
  /** Fewer than four bytes, a word or number that stands in every log, or nothing but white space. */
  readonly why: 'short' | 'common' | 'blank';
}

/** What a redactor of streams is made with. */
export interface StreamRedactorOptions {
  /** `[REDACTED:NAME]` instead of `[REDACTED]`. */
  readonly showNames: boolean;
  /** Hide the two parts of a `user:password` value as well. */
  readonly splitPairs: boolean;
}

/** Replaces values in streams of bytes; what it looks for is compiled once for all of its streams. */
export interface StreamRedactor {
  /**
   * From the next byte on these are hidden too. Returns what is not, and why. The spellings are compiled with the first
   * byte that comes after this.
   */
  add(values: readonly HiddenValue[]): readonly NotHidden[];
  /** Compiles now what the first byte would have to wait for. */
  prepare(): void;
  /** A stream of its own: a value that is spread over two of them is not found. */
  stream(): RedactedStream;
}

/**
 * One stream. Whatever the chunks, the bytes that come out are the same: of values that overlap the whole is replaced
 * by one placeholder, values that touch get one each, and what is not part of a value passes as it is.
 */
export interface RedactedStream {
  /**
   * What can be said after this chunk, in order; parts of the chunk are not copied, so write them before its memory is
   * used again. Held back is only the end that may yet become a value.
   */
  write(chunk: Buffer): readonly Buffer[];
  /** Whether `idle` would release something: then it should be called when nothing has come for 100 ms. */
  readonly isWaiting: boolean;
  /** Releases what is held back when it is fewer than four bytes. If the rest of a value follows, that is still replaced. */
  idle(): readonly Buffer[];
  /** The rest. What may be the beginning of a value and is half of one or more, is replaced. */
  end(): readonly Buffer[];
}

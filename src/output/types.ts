/** What the output settings say about the place where the values go. */
export interface SinkSettings {
  /** `-o FILE`; undefined for stdout. */
  readonly file: string | undefined;
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

/** A sink before `write` is put on top of `stage`. */
export type Staging = Pick<Sink, 'destination' | 'stage'>;

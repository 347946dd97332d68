import type { Secret } from '../lib/secrets.ts';

/** Where the bytes go: a regular file, or a pipe or terminal. */
export type Destination = 'file' | 'stream';

/** Secrets -> the bytes one consumer reads back exactly. */
export interface Format {
  /** The consumer's name, as `--format` has it. */
  readonly name: string;
  /** One line for help: who reads it. */
  readonly help: string;
  /** Whether it carries exactly one secret (`raw`). */
  readonly single: boolean;
  /** Whether names become variables, so that dangerous ones are refused. */
  readonly isEnvironment: boolean;
  /**
   * All of the output, pure. Throws NOT_REPRESENTABLE (65), naming secret, consumer and ways out, for a value that
   * the consumer could not read back; it never bends a value. Names are plain identifiers.
   */
  render(secrets: readonly Secret[], destination: Destination): Buffer;
}

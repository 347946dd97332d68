import type { Runtime } from '../lib/runtime.ts';
import type { Secret } from '../lib/secrets.ts';
import type { Sensitive } from '../lib/sensitive.ts';

/** Where the bytes go: a regular file, or a pipe or terminal. */
export type Destination = 'file' | 'stream';

/** What a rendering depends on besides the secrets: the same circumstances give the same bytes. */
export interface Circumstances {
  readonly destination: Destination;
  /** Variables of the job: a CI's reader may be weaker than another's that it imitates. */
  readonly env: Runtime['env'];
  /** That many bytes which nobody can guess. */
  random(bytes: number): Buffer;
  readonly reportLimits: ReportLimits;
}

/** What a GitLab instance takes as a dotenv report; 0 is no limit. */
export interface ReportLimits {
  /** The report must be smaller. */
  readonly bytes: number;
  /** At most so many. */
  readonly variables: number;
}

/** Where a format belongs unless the user names a file; without one, to stdout. */
export type FormatTarget =
  /** To the file that this variable of the CI names, after what is there. `-o FILE` is appended to as well. */
  | { readonly kind: 'appended'; readonly variable: string }
  /** Commands that the CI takes out of the job's log, where this variable is set: there stdout may be the log. */
  | { readonly kind: 'commands'; readonly variable: string };

/** One consumer: what has to be known of its format before it is used, and where that is. */
export interface Format {
  /** The consumer's name, as `--format` has it. */
  readonly name: string;
  /** Other names by which people ask for it. */
  readonly aliases?: readonly string[];
  /** One line for help: who reads it. */
  readonly help: string;
  /** Whether it carries exactly one secret (`raw`). */
  readonly single?: boolean;
  /** Whether names become variables, so that dangerous ones are refused. */
  readonly isEnvironment?: boolean;
  /** Whether it sets variables of the shell that reads it, or of later steps. */
  readonly isExport?: boolean;
  /** Whether two names that differ in letter case only are one to the consumer. */
  readonly ignoresCase?: boolean;
  /** Whether others may download what it is made for, so that the user has to allow it. */
  readonly isArtifact?: boolean;
  readonly target?: FormatTarget;
  load(): Promise<Renderer>;
}

/** Secrets -> the bytes one consumer reads back exactly. */
export interface Renderer {
  /**
   * All of the output, pure. Throws NOT_REPRESENTABLE (65), naming secret, consumer and ways out, for a value that
   * the consumer could not read back; it never bends a value. Names are plain identifiers.
   */
  render(secrets: readonly Secret[], circumstances: Circumstances): Buffer;
  /**
   * A value as it stands in that output, without the quotes around it; not there where every value stands as it is.
   * Throws NOT_REPRESENTABLE (65) as `render` does, but not for all that it does.
   */
  spelled?(secret: Secret): Buffer;
}

/** A template without faults. */
export interface Template {
  /** The names that it uses. */
  readonly names: ReadonlySet<string>;
  /**
   * The template with its places filled. Throws SECRET_NOT_FOUND (67) for a name without a value, with line and column;
   * NOT_REPRESENTABLE (65) for what cannot stand in its place, and for a result of more than 32 MiB.
   */
  render(secrets: readonly Secret[]): Buffer;
  /** What stands at each place with a filter, without the quotes around it, under the name of its secret. Throws as `render`. */
  spelled(secrets: readonly Secret[]): readonly Spelling[];
}

/** A value as an output has it. */
export interface Spelling {
  readonly name: string;
  readonly value: Sensitive;
}

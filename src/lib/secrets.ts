import type { Sensitive } from './sensitive.ts';

/** One secret that was asked for, or several of one place: `[backend:]path[?version=N][#field]`, taken apart. */
export interface SecretRef {
  /** The variable's or member's name that the value gets. */
  readonly name: string;
  /** Name of the configured backend that holds it. */
  readonly backend: string;
  readonly path: string;
  readonly version?: number;
  /** `#a."b.c".d` as `['a', 'b.c', 'd']`; empty when the whole value is wanted. */
  readonly field: readonly string[];
  /** `#*` or `#a.*`: every member of what is there, each one a secret of its own. */
  readonly every?: true;
  /** The text it was parsed from, for messages. */
  readonly text: string;
}

/** A fetched secret, ready for a format. */
export interface Secret {
  readonly name: string;
  readonly value: Sensitive;
  /** For messages: the reference it came from. */
  readonly reference: string;
  /** Set where whoever filled the backend chose the name: one member of a `#*`. */
  readonly isForeignName?: true;
  /** The name that was asked for, where it is another one. */
  readonly request?: string;
  /** What its file is called, where that is not its name. */
  readonly fileName?: string;
}

import type { Command } from 'commander';
import type { Hide } from '../app/hide.ts';
import type { Runtime } from '../lib/runtime.ts';
import type { Redact } from '../output/types.ts';

/** What every command works with. */
export interface Cli {
  readonly runtime: Runtime;
  readonly hide: Hide;
  /** Marks a text as one that the user wrote and may read in messages. */
  readonly show: (text: string) => void;
  /** Loads what replaces every known secret in a text. */
  readonly openRedact: () => Promise<Redact>;
  /** The action of a command ends with this: the exit code of the program. */
  readonly ended: (exitCode: number) => void;
}

/** One row of the table of commands. */
export interface CommandRow {
  readonly name: string;
  /** One line for the list of commands. */
  readonly help: string;
  /** Declares arguments, options, sub-commands and the action on a fresh command that has name and description already. */
  readonly declare: (command: Command, cli: Cli) => void;
}

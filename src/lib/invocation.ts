import type { Deadline } from './deadline.ts';
import type { Journal } from './journal.ts';
import type { Runtime } from './runtime.ts';

/** One run of the command: its world, what it says on stderr, and how long it may take. */
export interface Invocation {
  readonly runtime: Runtime;
  readonly journal: Journal;
  readonly deadline: Deadline;
}

import { harmless, withoutControls } from './text.ts';

/** The facts a debug line may carry: names, numbers, sizes, times. Never a value, a token or a header. */
export type DebugFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * What the program says about itself while it works, on stderr. Every line is made harmless for the CI's command
 * syntax and passes through `redact`, which knows each token and value as soon as it exists in this process.
 */
export interface Journal {
  /** One line to a person: something is wrong but the work goes on. Silent under `--quiet`. */
  warn(message: string): void;
  /** One line of allow-listed facts, only under `--debug`. */
  debug(event: string, facts?: DebugFacts): void;
}

/** What is said, and to whom. */
export interface JournalOptions {
  readonly quiet: boolean;
  readonly debug: boolean;
  /** Replaces every known secret in a line. */
  readonly redact: (line: string) => string;
  /** Takes one line without its line feed. */
  readonly write: (line: string) => void;
}

/** A journal that writes lines with the prefix `secretctl:`; the same warning is said once. */
export function openJournal(options: JournalOptions): Journal {
  const said = new Set<string>();
  const put = (line: string): void => options.write(harmless(options.redact(withoutControls(`secretctl: ${line}`))));
  return {
    warn(message) {
      if (options.quiet || said.has(message)) return;
      said.add(message);
      put(`warning: ${message}`);
    },
    debug(event, facts = {}) {
      if (!options.debug) return;
      const shown = Object.entries(facts).filter(([, fact]) => fact !== undefined);
      put(`debug: ${[event, ...shown.map(([name, fact]) => `${name}=${fact}`)].join(' ')}`);
    },
  };
}

import { withoutControls } from './text.ts';

/** The facts a debug line may carry: names, numbers, sizes, times. Never a value, a token or a header. */
export type DebugFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * What the program says about itself while it works, on stderr. Whoever writes the lines there redacts them first.
 */
export interface Journal {
  /** One line to a person: something is wrong but the work goes on. Silent under `--quiet`. */
  warn(message: string): void;
  /** One line of allow-listed facts, only under `--debug`. */
  debug(event: string, facts?: DebugFacts): void;
  /** Resolves when all that was said so far is written: what comes next on stderr is somebody else's. */
  settled(): Promise<void>;
}

/** What is said, and to whom. */
export interface JournalOptions {
  readonly quiet: boolean;
  readonly debug: boolean;
  /** Takes one line without its line feed. */
  readonly write: (line: string) => void;
  /** Resolves when what it took is out; without it, that is so at once. */
  readonly written?: () => Promise<void>;
}

/** A journal that writes lines with the prefix `secretctl:`; the same warning is said once. */
export function openJournal(options: JournalOptions): Journal {
  const said = new Set<string>();
  const put = (line: string): void => options.write(withoutControls(`secretctl: ${line}`));
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
    settled: async () => options.written?.(),
  };
}

import type { Runtime } from '../lib/runtime.ts';
import { harmless } from '../lib/text.ts';
import type { Redact } from '../output/types.ts';

/** Lines on their way to stderr. */
export interface Messages {
  /** Takes one line without its line feed. */
  write(line: string): void;
  /** Resolves when all that was taken is written. */
  written(): Promise<void>;
}

/**
 * Writes lines to stderr, one after the other as they came. Each passes through what `openRedact` loads, which knows
 * every token and value as soon as it exists in this process, and is then made harmless for the CI's command syntax.
 */
export function openMessages({ stderr }: Pick<Runtime, 'stderr'>, openRedact: () => Promise<Redact>): Messages {
  let last = Promise.resolve();
  return {
    write(line) {
      last = last
        .then(openRedact)
        .then((redact) => void stderr.write(`${harmless(redact(line))}\n`))
        // That nobody reads stderr changes nothing.
        .catch(() => undefined);
    },
    written: () => last,
  };
}

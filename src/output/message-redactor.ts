import type { Sensitive } from '../lib/sensitive.ts';

/** The text with each piece of a hidden secret replaced by `[REDACTED]`. */
export type Redact = (text: string) => string;

/** Keeps secrets out of our own messages. */
export interface Redactor {
  /** From now on nothing of this secret passes. The name is for whoever reads the call. */
  hide(name: string, secret: Sensitive): void;
  /** This text is no secret: the user wrote it, as a name, a reference or an address. It stays readable. */
  show(text: string): void;
  /** What redacts a message, with regard to all that was hidden and shown before each call of it. */
  open(): Promise<Redact>;
}

/**
 * A redactor of our own messages. Most runs have nothing to say, so what finds a secret in a message
 * ([message-engine.ts](message-engine.ts)) is loaded, and works, when there is one.
 */
export function createRedactor(): Redactor {
  const hidden: Sensitive[] = [];
  const shown: string[] = [];
  let engine: Promise<Redact> | undefined;
  const open = async (): Promise<Redact> => (await import('./message-engine.ts')).openMessageEngine(hidden, shown);
  return {
    hide: (_name, secret) => void hidden.push(secret),
    show: (text) => void shown.push(text),
    async open() {
      // What is hidden only after this was asked for concerns the next message.
      if (hidden.length === 0) return (text) => text;
      engine ??= open();
      return engine;
    },
  };
}

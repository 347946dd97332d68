import { inspect } from 'node:util';

/**
 * One secret, as bytes. Every ordinary way of turning it into text gives `[sensitive]`; the bytes leave only
 * through {@link Sensitive.reveal}, whose calls can be counted by grep.
 */
export class Sensitive {
  readonly #bytes: Buffer;

  /** Takes the bytes as they are; text is stored as UTF-8. */
  constructor(value: Uint8Array | string) {
    this.#bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value);
  }

  /** The bytes themselves. The one exit: what receives them must not log, quote or store them. */
  reveal(): Buffer {
    return this.#bytes;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  toString(): string {
    return '[sensitive]';
  }

  toJSON(): string {
    return '[sensitive]';
  }

  [Symbol.toPrimitive](): string {
    return '[sensitive]';
  }

  [inspect.custom](): string {
    return '[sensitive]';
  }
}
